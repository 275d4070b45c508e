import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startFaultBench } from '../kit/fault-bench.ts';
import { surviveKill } from '../kit/fault-run.ts';
import { listProcesses } from '../kit/processes.ts';

/** A few of `npm run test:faults`. */
const faults = [
  ['git.build-requested', 'git'], ['gateway.build-finished', 'gateway'], ['build.job-started', 'local-node'], ['controller.replicas-wanted', 'controller'], ['local-node.replica-started', 'nats'],
] as const;

describe('a deploy ends well, once, and leaves nothing behind', () => {
  it(`when a process is killed with -9: ${faults.map(([point, victim]) => `${victim} at ${point}`).join(', ')}`, async (t) => {
    const bench = await startFaultBench(t);
    const app = await bench.createApp();
    for (const [point, victim] of faults) await surviveKill(bench, app, point, victim);
    await bench.finish(app);
    await bench.slipway.stop();
    assert.deepEqual(listProcesses(bench.slipway.home, bench.node), []);
  });
});
