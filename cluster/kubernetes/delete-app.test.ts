import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startControllerRig } from '../../test/kit/controller-rig.ts';
import { startFakeRegistry } from '../../test/kit/fake-registry.ts';
import { until } from '../../test/kit/wait.ts';

const within = 60_000;

describe('a deleted app', () => {
  it('takes its namespace, images, layer cache and rows with it, also when the registry was away meanwhile, and leaves those of others', async (t) => {
    const registry = await startFakeRegistry(t);
    const rig = await startControllerRig(t, { env: { SLIPWAY_REGISTRY: `${registry.host}/slipway`, SLIPWAY_REGISTRY_INSECURE: 'true' } });
    await rig.addApps(2);
    const [app, other] = (await rig.db.app.findMany({ orderBy: { name: 'asc' } })).map(({ id }) => id);
    assert.ok(app && other);
    for (const id of [app, other]) {
      registry.push(`slipway/app-${id}`, 'build-1', 'slug-1');
      registry.push(`slipway/app-${id}/cache`, 'layer-1');
    }
    const controller = rig.startController();
    const namespaces = (): string[] => rig.kube.store.list('Namespace', null).map(({ metadata }) => metadata.name);
    await until(async () => await rig.db.replica.count({ where: { status: 'UP' } }) === 2, { within, what: () => `both are up\n${controller.log()}` });

    await registry.stop();
    await rig.db.app.update({ where: { id: app }, data: { deletedAt: new Date(), name: `deleted ${app}`, version: { increment: 1 } } });
    rig.changed(app);
    await until(() => controller.log().includes('trying again'), { within, what: () => `it is told that the registry is away\n${controller.log()}` });
    assert.deepEqual(namespaces(), [`slipway-app-${other}`]);
    assert.equal(await rig.db.app.count(), 2, 'its row names what is left to be done');
    await registry.start();
    await until(async () => await rig.db.app.count() === 1, { within, what: () => `the row is gone\n${controller.log()}` });
    assert.deepEqual(registry.tags(), [`slipway/app-${other}/cache:layer-1`, `slipway/app-${other}:build-1`, `slipway/app-${other}:slug-1`]);
    assert.deepEqual(await rig.db.app.findMany({ select: { id: true } }), [{ id: other }]);
    await controller.stop();
  });
});
