import { after, before, describe, it } from 'node:test';
import { faultPoints } from '../../service/fault-points.ts';
import { startFaultBench, victims } from '../kit/fault-run.ts';
import type { FaultApp, FaultBench, Victim } from '../kit/fault-run.ts';

/** Runs of one platform: each point of a deploy × each process. */
describe('a deploy ends well, once, whichever process is killed with -9 at whichever point', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let bench: FaultBench;
  before(async () => { bench = await startFaultBench({ after: (fn) => { cleanups.push(fn); } }); });
  after(async () => { for (const cleanup of cleanups.toReversed()) await cleanup(); });

  // Nothing runs before it, so no replica has to end.
  for (const point of faultPoints.filter((name) => name !== 'local-node.replica-ended')) {
    it(`of a first version, who comes to ${point}`, async () => {
      const app = await bench.createApp();
      await bench.surviveKill(app, point, victims.find((victim) => point.startsWith(`${victim}.`)) as Victim);
      await bench.finish(app);
    });
  }
  for (const point of faultPoints) {
    describe(`of a next version, at ${point}`, () => {
      let app: FaultApp | null = null;
      after(async () => { if (app) await bench.finish(app); });
      for (const victim of victims) {
        it(victim, async () => {
          // After a run that failed the next one has an app of its own.
          const own = app ?? await bench.createApp();
          app = null;
          if (own.version === 0) await bench.deploy(own);
          await bench.surviveKill(own, point, victim);
          app = own;
        });
      }
    });
  }
});
