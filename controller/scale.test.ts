import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startControllerRig } from '../test/kit/controller-rig.ts';
import type { ControllerProcess, ControllerRig } from '../test/kit/controller-rig.ts';
import { until } from '../test/kit/wait.ts';

const within = 200_000;

/** The real controller with many apps, against an API server without a cluster. */
describe('a controller of many apps', () => {
  const cleanups: (() => unknown)[] = [];
  let rig: ControllerRig;
  let controller: ControllerProcess;
  before(async () => {
    rig = await startControllerRig({ after: (fn) => { cleanups.push(fn); } });
    await rig.addApps(100);
    controller = rig.startController();
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const up = async (count: number): Promise<void> => {
    await until(async () => await rig.db.replica.count({ where: { status: 'UP' } }) === count, { within, what: () => `${count} apps are up\n${controller.log().slice(-3_000)}` });
  };

  it('brings up 100', async () => {
    await up(100);
    assert.equal(rig.kube.store.list('Deployment', null).length, 100);
  });
});
