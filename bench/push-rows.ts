import { wholeOf } from './push-parts.ts';
import type { PushParts } from './push-parts.ts';
import { ms, ratioOf } from './row.ts';
import type { Row } from './row.ts';

/** One push: its parts, what the API says of the steps in `prepare`, and when git ended with the verdict. */
export interface PushRun { parts: PushParts; steps: number; verdict: number }
export interface PushPair { ours: PushRun; floor: PushParts }

/** The parts in the order of the way; those that add up in one row are the platform's own. */
const partRows: { what: string; of: (keyof PushParts)[] }[] = [
  { what: 'git, until the platform has the commit (floor: to a bare repository)', of: ['git'] },
  { what: 'schedule the build\'s pod', of: ['scheduleBuild'] },
  { what: 'start the build\'s pod', of: ['startBuild'] },
  { what: 'prepare', of: ['prepare'] },
  { what: 'Kaniko', of: ['kaniko'] },
  { what: 'push to the registry', of: ['registryPush'] },
  { what: 'publish', of: ['publish'] },
  { what: 'schedule the app\'s pod', of: ['schedule'] },
  { what: 'pull', of: ['pull'] },
  { what: 'start the container', of: ['start'] },
  { what: 'until the app is seen to listen', of: ['listen'] },
  { what: 'what the platform adds: to take the push + to release + to route (floor: kubectl + kubectl + the Ingress controller)', of: ['take', 'release', 'route'] },
];

/** What is shorter is noise. */
const NOTHING_MS = 1;

/** The run in the middle, so that its parts add up to its whole. */
function middle<T>(runs: readonly T[], valueOf: (run: T) => number): T | undefined {
  return [...runs].sort((a, b) => valueOf(a) - valueOf(b))[Math.floor((runs.length - 1) / 2)];
}

export function pushRows(kind: 'cold' | 'warm', pairs: readonly PushPair[]): Row[] {
  const ours = middle(pairs.map((pair) => pair.ours), ({ parts }) => wholeOf(parts));
  const floor = middle(pairs.map((pair) => pair.floor), wholeOf);
  if (!ours || !floor) return [];
  const row = (what: string, our: number, its: number, format: (side: PushParts) => string): Row => ({ what: `${kind}: ${what}`, ours: format(ours.parts), floor: its === 0 ? '-' : format(floor), ratio: Math.min(our, its) < NOTHING_MS ? '-' : ratioOf(our, its) });
  const sum = (parts: PushParts, names: readonly (keyof PushParts)[]): number => names.reduce((total, name) => total + parts[name], 0);
  const wholes = [pairs.map((pair) => wholeOf(pair.ours.parts)), pairs.map((pair) => wholeOf(pair.floor))].map((values) => `${ms(Math.min(...values))} – ${ms(Math.max(...values))}`);
  return [
    row(`push → first 200, whole, the middle of ${pairs.length} (floor: git to a bare repository, a bare Kaniko pod, kubectl apply)`, wholeOf(ours.parts), wholeOf(floor), (parts) => ms(wholeOf(parts))),
    ...partRows.map(({ what, of }) => row(what, sum(ours.parts, of), sum(floor, of), (parts) => (of.length === 1 ? ms(sum(parts, of)) : `${of.map((name) => parts[name].toFixed(0)).join(' + ')} = ${ms(sum(parts, of))}`))),
    { what: `${kind}: the whole, least – most`, ours: wholes[0] ?? '-', floor: wholes[1] ?? '-', ratio: '-' },
    { what: `${kind}: steps within prepare, as the API tells them`, ours: ms(ours.steps), floor: '-', ratio: '-' },
    { what: `${kind}: push → git ends with the verdict`, ours: ms(ours.verdict), floor: '-', ratio: '-' },
  ];
}
