/** One check of `platform/access.ts`: what it says, and the whole source without it. */
export interface Check { what: string; without: string }

const EVERY_SCOPE = "['READ', 'DEPLOY', 'CONFIG', 'ADMIN', 'PUSH']";

/** How a line of the source is taken away, or let all through; several checks may stand in a row of a table. */
function loosened(line: string, inList: boolean): string[] {
  const role = /^ {2}\w+: \{ role: '(DEPLOYER|ADMIN|OWNER)'/.test(line) ? [line.replace(/role: '\w+'/, "role: 'VIEWER'")] : [];
  const scopes = /^ {2}\w+: \{ .*scopes: \[/.test(line) ? [line.replace(/scopes: \[[^\]]*\]/, `scopes: ${EVERY_SCOPE}`)] : [];
  const flags = /^ {2}\w+: \{ scopes: /.test(line) ? ['allApps', 'administrator'].filter((flag) => line.includes(`${flag}: true`)).map((flag) => line.replace(`${flag}: true`, `${flag}: false`)) : [];
  const refusal = /^ +if \(!may\w+\(.*throw new Forbidden/.test(line) ? [''] : [];
  return [...role, ...scopes, ...flags, ...refusal, ...(inList ? [''] : [])];
}

/** Every check, by the form that the source gives them: rows of its tables, lines of an `AND` or of `allOf`, refusals. */
export function checksOf(source: string): Check[] {
  const lines = source.split('\n');
  const checks: Check[] = [];
  let inList = false;
  for (const [index, line] of lines.entries()) {
    if (inList && /^ *[\])]/.test(line)) inList = false;
    for (const other of loosened(line, inList)) {
      checks.push({ what: `${line.trim()} → ${other.trim() || 'nothing'}`, without: [...lines.slice(0, index), other, ...lines.slice(index + 1)].join('\n') });
    }
    if (/(AND: \[|allOf\()$/.test(line)) inList = true;
  }
  return checks;
}
