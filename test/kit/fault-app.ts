import { sampleApp } from './sample-app.ts';

/** What prints lines in a deploy: the build, the release command, and the web process before it listens. */
export const phases = ['build', 'release', 'web'] as const;
export type Phase = (typeof phases)[number];

/** How many lines each phase prints. */
export const LINES = 100;

/** A phase that stops in the middle of its lines until a file is there. */
export interface Hold { phase: Phase; file: string }

/** Prints the lines of a phase; `$$` names the attempt. In the middle it takes its time, so that a kill finds it there. */
const script = (hold: Hold | undefined): string => `i=0
while [ $i -lt ${LINES} ]; do
  i=$((i+1))
  echo "$1 $2 of $$ line $i"
  if [ $i -eq ${LINES / 2} ]; then sleep 0.2${hold ? `; while [ "$1" = ${hold.phase} ] && [ ! -e ${hold.file} ]; do sleep 0.1; done` : ''}; fi
done
`;

/** An app whose phases print numbered lines. Its processes carry its name. */
export const faultApp = (version: string, node: string, name: string, hold?: Hold): Record<string, string> => sampleApp(version, node, {
  'lines.sh': script(hold),
  '.buildpacks': './pack\n',
  'pack/bin/detect': '#!/bin/sh\necho lines\n',
  'pack/bin/compile': `#!/bin/sh\nexec sh "$1/lines.sh" build ${version}\n`,
  Procfile: `release: sh lines.sh release ${version} ${name}\nweb: sh lines.sh web ${version} && exec ${node} server.js ${name}\n`,
});

/** The same app with a web process that exits at once. */
export const failingApp = (version: string, node: string, name: string): Record<string, string> =>
  ({ ...faultApp(version, node, name), Procfile: `release: sh lines.sh release ${version} ${name}\nweb: exit 3\n` });

/** What the log holds of a phase at a version: its lines' numbers in the order they came, by attempt, in the order these began. */
export function attemptsOf(lines: readonly { text: string }[], phase: Phase, version: string): number[][] {
  const attempts = new Map<string, number[]>();
  for (const { text } of lines) {
    const [, attempt, line] = new RegExp(`^\\s*${phase} ${version} of (\\d+) line (\\d+)$`).exec(text) ?? [];
    if (attempt !== undefined) attempts.set(attempt, [...attempts.get(attempt) ?? [], Number(line)]);
  }
  return [...attempts.values()];
}
