import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { registryLogin, startFakeRegistry } from '../test/kit/fake-registry.ts';
import type { FakeRegistry, FakeRegistryOptions } from '../test/kit/fake-registry.ts';
import { createRegistryClient } from './client.ts';
import type { RegistryClient } from './client.ts';
import { deleteRepository, DeletionUnsupported } from './delete-repository.ts';
import { TokenRefused } from './login.ts';

const OWN = 'slipway/app-1';

const clientOf = ({ host }: Pick<FakeRegistry, 'host'>, login: typeof registryLogin | null = registryLogin): RegistryClient =>
  createRegistryClient({ host, insecure: true, login, signal: AbortSignal.timeout(120_000) });

/** A registry with images of two apps; two tags of the first are one image. */
async function world(t: TestContext, options: FakeRegistryOptions = {}): Promise<FakeRegistry> {
  const registry = await startFakeRegistry(t, options);
  for (let number = 1; number <= 7; number++) registry.push(OWN, `build-${number}`, ...(number === 3 ? ['slug-abc'] : []));
  registry.push(`${OWN}/cache`, 'layer');
  registry.push('slipway/app-2', 'build-1');
  return registry;
}

describe('the deletion of a repository', () => {
  for (const auth of ['none', 'basic', 'bearer'] as const) {
    it(`deletes every image by its digest, page by page, and nothing else (login: ${auth})`, async (t) => {
      const registry = await world(t, { auth, pageSize: 3 });
      await deleteRepository(clientOf(registry), OWN);
      assert.deepEqual(registry.tags(), ['slipway/app-1/cache:layer', 'slipway/app-2:build-1']);
      assert.equal(registry.calls.filter(({ what, status }) => what.includes('/tags/list') && status === 200).length, 3);
      assert.equal(registry.calls.filter(({ what, status }) => what.startsWith('DELETE') && status === 202).length, 7);
      assert.ok(registry.calls.every(({ what }) => !what.startsWith('DELETE') || what.includes('/manifests/sha256:')));
      // It asks for a login as often as there are kinds of calls, not for every one.
      assert.equal(registry.calls.filter(({ status }) => status === 401).length, { none: 0, basic: 2, bearer: 2 }[auth]);
    });
  }

  it('is well where there is none, and where it is done already', async (t) => {
    const registry = await world(t);
    await deleteRepository(clientOf(registry), 'slipway/app-3');
    await deleteRepository(clientOf(registry), OWN);
    await deleteRepository(clientOf(registry), OWN);
    assert.equal(registry.calls.filter(({ what }) => what.startsWith('DELETE')).length, 7);
  });

  it('is well where another deletes the same at the same time', async (t) => {
    const registry = await world(t);
    await Promise.all([1, 2, 3].map(() => deleteRepository(clientOf(registry), OWN)));
    assert.deepEqual(registry.tags(), ['slipway/app-1/cache:layer', 'slipway/app-2:build-1']);
    assert.ok(registry.calls.some(({ status }) => status === 404), 'one came too late for something');
  });

  it('says so where the registry deletes nothing', async (t) => {
    const registry = await world(t, { deletes: false });
    await assert.rejects(deleteRepository(clientOf(registry), OWN), DeletionUnsupported);
    // Nothing to delete, nothing to complain about.
    await deleteRepository(clientOf(registry), 'slipway/app-3');
  });

  const refused: [string, FakeRegistryOptions, typeof registryLogin | null, RegExp][] = [
    ['no login where one is needed', { auth: 'basic' }, null, /HTTP 401/],
    ['a wrong password', { auth: 'basic' }, { ...registryLogin, password: 'x' }, /HTTP 401/],
    ['a wrong password for the token service', { auth: 'bearer' }, { ...registryLogin, password: 'x' }, /token service answered HTTP 401/],
  ];
  for (const [what, options, login, message] of refused) {
    it(`fails with what was answered: ${what}`, async (t) => {
      const registry = await world(t, options);
      await assert.rejects(deleteRepository(clientOf(registry, login), OWN), (error: unknown) => error instanceof (options.auth === 'bearer' ? TokenRefused : Error) && message.test(error.message));
      assert.equal(registry.tags().length, 10);
    });
  }

  it('goes on after a failure with what is left', async (t) => {
    const registry = await world(t);
    let deletions = 0;
    registry.before = (what) => { if (what.startsWith('DELETE') && ++deletions === 4) registry.fails = 500; };
    await assert.rejects(deleteRepository(clientOf(registry), OWN), /HTTP 500 to \/v2\/slipway\/app-1\/manifests\/sha256:/);
    registry.before = null;
    registry.fails = null;
    await deleteRepository(clientOf(registry), OWN);
    assert.equal(registry.calls.filter(({ status }) => status === 202).length, 7);
  });

  it('asks no other host, whatever the registry says where its next page is', async (t) => {
    let pages = 0;
    const server = createServer((request, response) => {
      pages++;
      assert.match(request.url ?? '', /^\/v2\/slipway\/app-1\/tags\/list\?/);
      response.writeHead(200, { link: `<http://elsewhere.invalid/v2/other/tags/list?last=${pages}>; rel="next"` }).end('{"tags":[]}');
    });
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    t.after(async () => { await new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); }); });
    await assert.rejects(deleteRepository(clientOf({ host: `127.0.0.1:${(server.address() as AddressInfo).port}` }), OWN), /has no end/);
    assert.equal(pages, 1_000);
  });
});
