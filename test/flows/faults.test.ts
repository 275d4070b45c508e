import { after, before, describe, it } from 'node:test';
import { startFaultBench } from '../kit/fault-run.ts';
import type { FaultBench } from '../kit/fault-run.ts';

/** A few of `npm run test:faults`. */
describe('a deploy ends well, once, whichever process is killed with -9', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let bench: FaultBench;
  before(async () => { bench = await startFaultBench({ after: (fn) => { cleanups.push(fn); } }); });
  after(async () => { for (const cleanup of cleanups.toReversed()) await cleanup(); });

  it('is survived', async () => {
    const app = await bench.createApp();
    for (const [point, victim] of [['git.build-requested', 'git'], ['gateway.build-finished', 'gateway'], ['build.job-started', 'local-node'], ['controller.replicas-wanted', 'controller'], ['local-node.replica-started', 'nats']] as const) {
      await bench.surviveKill(app, point, victim);
    }
    await bench.finish(app);
  });
});
