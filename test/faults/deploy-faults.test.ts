import { after, describe, it } from 'node:test';
import { failurePoints, faultPoints } from '../../service/fault-points.ts';
import type { FaultPoint } from '../../service/fault-points.ts';
import { useFaultBench } from '../kit/fault-bench.ts';
import type { FaultApp } from '../kit/fault-bench.ts';
import { surviveKill, surviveKillInFailure, victims } from '../kit/fault-run.ts';
import type { Victim } from '../kit/fault-run.ts';

/** Runs of one platform: each point of a deploy × each process. */
describe('a deploy ends well, once, whichever process is killed with -9 at whichever point', () => {
  const bench = useFaultBench();
  let app: FaultApp | null = null;

  /** A run that fails must not be the next one's failure. */
  const run = async (point: FaultPoint, victim: Victim, survive = surviveKill): Promise<void> => {
    app ??= await bench().createApp();
    try {
      await survive(bench(), app, point, victim);
    } catch (error) {
      await bench().remove(app).catch(() => undefined);
      app = null;
      throw error;
    }
  };
  const finish = async (): Promise<void> => {
    const own = app;
    app = null;
    if (own) await bench().finish(own);
  };

  describe('the first deploy of an app, and who comes to the point', () => {
    // No replica ends in it.
    for (const point of faultPoints.filter((name) => name !== 'local-node.replica-ended')) {
      it(point, async () => {
        await run(point, victims.find((victim) => point.startsWith(`${victim}.`)) as Victim);
        await finish();
      });
    }
  });
  for (const [points, title, survive] of [[faultPoints, 'the next deploy', surviveKill], [failurePoints, 'the next deploy, which fails', surviveKillInFailure]] as const) {
    for (const point of points) {
      describe(`${title}, at ${point}`, () => {
        after(finish);
        for (const victim of victims) {
          it(victim, async () => {
            if (!app) await bench().deploy(app = await bench().createApp());
            await run(point, victim, survive);
          });
        }
      });
    }
  }
});
