import type { Scope } from '../test/kit/temp.ts';
import { measureClusterLines } from './cluster-lines.ts';
import { measureClusterLogs } from './cluster-logs.ts';
import { measureClusterPush } from './cluster-push.ts';
import type { Row } from './row.ts';

// `npm run bench:cluster [push] [lines] [logs]`: figures of the platform on Kubernetes, each beside its floor, measured in the same run.
const cleanups: (() => Promise<void>)[] = [];
const scope: Scope = { after: (fn) => { cleanups.push(fn); } };
const measures: Record<string, (scope: Scope) => Promise<Row[]>> = { push: measureClusterPush, lines: measureClusterLines, logs: measureClusterLogs };

const wanted = process.argv.slice(2);
try {
  const unknown = wanted.filter((name) => !(name in measures));
  if (unknown.length > 0) throw new Error(`There is no measure ${unknown.join(', ')}; there are ${Object.keys(measures).join(' and ')}.`);
  console.log('| what | Slipway | floor | ratio |\n|---|---|---|---|');
  for (const [name, measure] of Object.entries(measures)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    for (const { what, ours, floor, ratio } of await measure(scope)) console.log(`| ${what} | ${ours} | ${floor} | ${ratio} |`);
  }
} finally {
  for (const cleanup of cleanups.reverse()) await cleanup();
}
process.exit(0);
