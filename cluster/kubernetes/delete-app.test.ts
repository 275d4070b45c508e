import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { startControllerRig } from '../../test/kit/controller-rig.ts';
import type { ControllerProcess, ControllerRig } from '../../test/kit/controller-rig.ts';
import { startFakeRegistry } from '../../test/kit/fake-registry.ts';
import type { FakeRegistry } from '../../test/kit/fake-registry.ts';
import { until } from '../../test/kit/wait.ts';

const within = 60_000;

/** A real controller, PostgreSQL and NATS; an API server and a registry without a cluster. */
describe('what is left in the cluster', () => {
  const cleanups: (() => unknown)[] = [];
  const scope = { after: (fn: () => unknown) => { cleanups.push(fn); } };
  let registry: FakeRegistry;
  let rig: ControllerRig;
  let controller: ControllerProcess;
  before(async () => {
    registry = await startFakeRegistry(scope);
    rig = await startControllerRig(scope, { env: { SLIPWAY_REGISTRY: `${registry.host}/slipway`, SLIPWAY_REGISTRY_INSECURE: 'true' } });
    await rig.addApps(2);
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const namespaces = (): string[] => rig.kube.store.list('Namespace', null).map(({ metadata }) => metadata.name).sort();
  const addNamespace = (name: string): void => { rig.kube.store.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { 'app.kubernetes.io/managed-by': 'slipway' } } }); };
  const told = (about: string): number => controller.log().split('\n').filter((line) => line.includes(about)).length;

  it('of an app that no row knows stays as it is, and is told once: found at the start, made later, or changed', async () => {
    const [early, late] = [randomUUID(), randomUUID()];
    addNamespace(`slipway-app-${early}`);
    addNamespace('slipway-app-by-hand');
    controller = rig.startController();
    await until(() => told(early) > 0, { within, what: () => `it is told of what was there\n${controller.log()}` });
    addNamespace(`slipway-app-${late}`);
    await until(() => told(late) > 0, { within, what: () => `it is told of what came\n${controller.log()}` });
    for (const note of ['a', 'b']) for (const id of [early, late]) rig.kube.store.merge('Namespace', null, `slipway-app-${id}`, { metadata: { annotations: { note } } });
    const last = randomUUID();
    addNamespace(`slipway-app-${last}`);
    await until(() => told(last) > 0, { within, what: () => `what came after the changes is told of\n${controller.log()}` });
    await until(async () => await rig.db.replica.count({ where: { status: 'UP' } }) === 2, { within, what: () => `the known apps are up\n${controller.log()}` });
    assert.deepEqual([told(early), told(late), told('by-hand'), told('There is no app')], [1, 1, 0, 0], controller.log());
    assert.match(controller.log().split('\n').find((line) => line.includes(early)) ?? '', /"level":"info".*left as it is.*kubectl delete namespace/);
    for (const name of [...[early, late, last].map((id) => `slipway-app-${id}`), 'slipway-app-by-hand']) {
      assert.ok(namespaces().includes(name));
      rig.kube.store.remove('Namespace', null, name);
    }
  });

  it('of a deleted app goes with its images, layer cache and rows, also when the registry was away meanwhile, and all of others stays', async () => {
    const [app, other] = (await rig.db.app.findMany({ orderBy: { name: 'asc' } })).map(({ id }) => id);
    assert.ok(app && other);
    for (const id of [app, other]) {
      registry.push(`slipway/app-${id}`, 'build-1', 'slug-1');
      registry.push(`slipway/app-${id}/cache`, 'layer-1');
    }
    await registry.stop();
    await rig.db.app.update({ where: { id: app }, data: { deletedAt: new Date(), name: `deleted ${app}`, version: { increment: 1 } } });
    rig.changed(app);
    await until(() => told('trying again') > 0, { within, what: () => `it is told that the registry is away\n${controller.log()}` });
    assert.deepEqual(namespaces(), [`slipway-app-${other}`]);
    assert.equal(await rig.db.app.count(), 2, 'its row names what is left to be done');
    await registry.start();
    await until(async () => await rig.db.app.count() === 1, { within, what: () => `the row is gone\n${controller.log()}` });
    assert.deepEqual(registry.tags(), [`slipway/app-${other}/cache:layer-1`, `slipway/app-${other}:build-1`, `slipway/app-${other}:slug-1`]);
    assert.deepEqual(await rig.db.app.findMany({ select: { id: true } }), [{ id: other }]);
    // Its end is no event of an app that nobody knows.
    assert.equal(told('There is no app'), 0, controller.log());
    await controller.stop();
  });
});
