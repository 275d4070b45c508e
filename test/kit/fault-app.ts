import { sampleApp } from './sample-app.ts';

/** How many lines a build, a release command and a web process of the app print. */
export const LINES = 100;

/** What prints them; `$$` names the attempt. In the middle it takes its time, so that a kill finds it there. */
const script = `i=0
while [ $i -lt ${LINES} ]; do i=$((i+1)); echo "$1 $2 of $$ line $i"; [ $i -ne ${LINES / 2} ] || sleep 0.2; done
`;

/** An app whose build, release command and web process each print numbered lines. Its processes carry its name. */
export const faultApp = (version: string, node: string, name: string): Record<string, string> => sampleApp(version, node, {
  'lines.sh': script,
  '.buildpacks': './pack\n',
  'pack/bin/detect': '#!/bin/sh\necho lines\n',
  'pack/bin/compile': `#!/bin/sh\nexec sh "$1/lines.sh" build ${version}\n`,
  Procfile: `release: sh lines.sh release ${version} ${name}\nweb: sh lines.sh web ${version} && exec ${node} server.js ${name}\n`,
});

/** What the log holds of one of the three at a version: its lines' numbers in the order they came, by attempt, in the order these began. */
export function attemptsOf(lines: readonly { text: string }[], kind: 'build' | 'release' | 'web', version: string): number[][] {
  const attempts = new Map<string, number[]>();
  for (const { text } of lines) {
    const [, , attempt, line] = new RegExp(`^\\s*(${kind}) ${version} of (\\d+) line (\\d+)$`).exec(text) ?? [];
    if (attempt !== undefined) attempts.set(attempt, [...attempts.get(attempt) ?? [], Number(line)]);
  }
  return [...attempts.values()];
}
