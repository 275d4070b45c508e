import { connectKube } from '../cluster/kubernetes/api.ts';
import type { KubeApi } from '../cluster/kubernetes/api.ts';
import { createApp } from '../test/kit/app.ts';
import { sampleApp } from '../test/kit/sample-app.ts';
import { startSlipway } from '../test/kit/slipway.ts';
import type { Scope } from '../test/kit/temp.ts';
import { watchPods } from './pod-times.ts';
import { ms, percentile, ratioOf } from './row.ts';
import type { Row } from './row.ts';

const LINES = 400;
/** A buildpack that says what time it is, twenty times a second. */
const clock = `#!/bin/sh\nfor n in $(seq ${LINES}); do echo "at $(date +%s%3N)"; sleep 0.05; done\n`;

/** How long a line of a build is on its way to the pusher; floor: the same line by the pod-log API, from the same pod. Clocks of node and pusher must agree. */
export async function measureClusterLines(scope: Scope): Promise<Row[]> {
  const slipway = await startSlipway(scope);
  const api = connectKube({ kubeconfig: process.env.KUBECONFIG ?? null });
  scope.after(() => { api.close(); return Promise.resolve(); });
  const app = await createApp(scope, slipway, 'bench');
  await app.repository.commit(sampleApp('1', 'node', { '.buildpacks': './pack\n', 'pack/bin/detect': '#!/bin/sh\necho clock\n', 'pack/bin/compile': clock }));

  const ours: number[] = [];
  const floor: number[] = [];
  const floorEnds = await followBuild(scope, api, app.id, (line) => { note(floor, line); });
  const push = app.repository.startPush();
  for (const stream of [push.child.stdout, push.child.stderr]) stream?.on('data', (chunk: Buffer) => { for (const line of chunk.toString().split('\n')) note(ours, line); });
  const { code, output } = await push.ended;
  if (code !== 0) throw new Error(output);
  await floorEnds();
  return [
    row('p50', percentile(ours, 0.5), percentile(floor, 0.5)), row('p99', percentile(ours, 0.99), percentile(floor, 0.99)), row('the longest', Math.max(...ours), Math.max(...floor)),
    { what: `build lines seen, of ${LINES}`, ours: String(ours.length), floor: String(floor.length), ratio: '-' },
  ];
}

const row = (which: string, ours: number, floor: number): Row => ({ what: `a line of a build, from written to the pusher, ${which} (floor: to who follows the pod's log)`, ours: ms(ours), floor: ms(floor), ratio: ratioOf(ours, floor) });

function note(delays: number[], line: string): void {
  const [, written] = /\bat (\d{13})\b/.exec(line) ?? [];
  if (written !== undefined) delays.push(Date.now() - Number(written));
}

/** Follows the log of what a build of this app says, from its start; the answer waits for its end. */
async function followBuild(scope: Scope, api: KubeApi, appId: string, take: (line: string) => void): Promise<() => Promise<void>> {
  const life = new AbortController();
  scope.after(() => { life.abort(); return Promise.resolve(); });
  let follows: Promise<void> = Promise.resolve();
  const follow = async (pod: string): Promise<void> => { for await (const line of api.followPodLog('slipway-builds', pod, 'prepare', life.signal)) take(line); };
  await watchPods({ api, namespace: 'slipway-builds', labels: `slipway.dev/app=${appId}`, signal: life.signal, onBegun: (pod, container) => { if (container === 'prepare') follows = follow(pod); } });
  return () => follows;
}
