import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { createRegistryClient } from '../../registry/client.ts';
import { deleteRepository } from '../../registry/delete-repository.ts';
import { startFakeRegistry } from '../../test/kit/fake-registry.ts';
import type { FakeRegistry, FakeRegistryOptions } from '../../test/kit/fake-registry.ts';
import { until } from '../../test/kit/wait.ts';
import { createImageRemoval } from './image-removal.ts';
import type { ImageRemoval } from './image-removal.ts';

const within = 60_000;

async function world(t: TestContext, options: FakeRegistryOptions, patienceMs: number) {
  const registry = await startFakeRegistry(t, options);
  for (const app of ['app-1', 'app-2']) registry.push(app, 'build-1');
  const warnings: string[] = [];
  const ended: string[] = [];
  const tries: string[] = [];
  const removal = createImageRemoval({
    remove: (appId, signal) => { tries.push(appId); return deleteRepository(createRegistryClient({ host: registry.host, insecure: true, login: null, signal }), appId); },
    onEnd: (appId) => { ended.push(appId); }, log: { warn: (_fields: object, text: string) => { warnings.push(text); } } as never, firstPauseMs: 10, patienceMs,
  });
  t.after(() => { removal.close(); });
  return { registry, removal, warnings, ended, tries };
}

/** Asks as the controller does: now, and again when it is told. */
async function removed({ removal, ended }: { removal: ImageRemoval; ended: string[] }, appId: string): Promise<void> {
  if (removal.isOver(appId)) return;
  await until(() => ended.includes(appId), { within, what: () => `the images of ${appId} are over; ended were ${ended.join()}` });
  assert.equal(removal.isOver(appId), true);
}

const tagsOf = ({ registry }: { registry: FakeRegistry }): string[] => registry.tags();

describe('the images of deleted apps', () => {
  it('go once, and who asks meanwhile waits', async (t) => {
    const own = await world(t, {}, 600_000);
    assert.deepEqual([own.removal.isOver('app-1'), own.removal.isOver('app-1'), own.removal.isOver('app-1')], [false, false, false]);
    await removed(own, 'app-1');
    assert.deepEqual(tagsOf(own), ['app-2:build-1']);
    assert.equal(own.registry.calls.filter(({ what }) => what.startsWith('DELETE')).length, 1);
    assert.deepEqual(own.warnings, []);
  });

  it('go when the registry is back, which is told once', async (t) => {
    const own = await world(t, {}, 600_000);
    await own.registry.stop();
    assert.equal(own.removal.isOver('app-1'), false);
    await until(() => own.warnings.length === 1, { within, what: () => 'it is told that the registry is away' });
    await own.registry.start();
    own.registry.fails = 503;
    await until(() => own.registry.calls.length > 2, { within, what: () => 'it is tried again' });
    own.registry.fails = null;
    await removed(own, 'app-1');
    assert.deepEqual(tagsOf(own), ['app-2:build-1']);
    assert.deepEqual(own.warnings.length, 1);
  });

  it('hold up nothing for ever: a registry that stays away is given up, and the operator told', async (t) => {
    const own = await world(t, {}, 300);
    own.registry.fails = 500;
    await removed(own, 'app-1');
    // The second at most: on a slow machine the patience is over after the first try.
    assert.ok(own.warnings.length <= 2, own.warnings.join());
    assert.match(own.warnings.at(-1) ?? '', /by hand/);
    assert.equal(tagsOf(own).length, 2);
  });

  it('stay where the registry deletes nothing: the operator is told once, not for each app', async (t) => {
    const own = await world(t, { deletes: false }, 600_000);
    await removed(own, 'app-1');
    await removed(own, 'app-2');
    assert.equal(own.warnings.length, 1);
    assert.match(own.warnings[0] ?? '', /REGISTRY_STORAGE_DELETE_ENABLED/);
  });

  it('are left when the process stops', async (t) => {
    const own = await world(t, {}, 600_000);
    own.registry.fails = 500;
    own.removal.isOver('app-1');
    await until(() => own.warnings.length === 1, { within, what: () => 'it waits for its next try' });
    own.removal.close();
    // Not the registry's calls: it may see one only now that was made before.
    const { length } = own.tries;
    // Another, that began later and waits as long, is tried again: so would this one have been.
    const other = await world(t, {}, 600_000);
    other.registry.fails = 500;
    other.removal.isOver('app-1');
    await until(() => other.tries.length > 3, { within, what: () => 'the other is tried again' });
    assert.equal(own.tries.length, length);
    assert.deepEqual(own.ended, []);
  });
});
