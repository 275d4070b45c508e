import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { blobPlaces } from '../test/kit/blob-place.ts';
import type { BlobPlace } from '../test/kit/blob-place.ts';
import { until } from '../test/kit/wait.ts';
import { createBlobHandler } from './http.ts';
import { createRemoteStore } from './remote.ts';
import { BlobStoreUnavailable, BlobTooLarge } from './store.ts';
import type { BlobStore } from './store.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function serve(t: TestContext, place: BlobPlace): Promise<{ store: BlobStore; stranger: BlobStore; kept: () => Promise<string[]>; url: string; fail: (error: Error) => void }> {
  const key = randomBytes(32);
  const { store, kept } = await place.open({ after: (fn) => { t.after(fn); } }, key);
  const served = { ...store };
  const errors = new Set<unknown>();
  const handle = createBlobHandler({ store: served, key, onError: (error) => { if (!errors.has(error)) throw error; } });
  const server = createServer((request, response) => { void handle(request, response); });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  t.after(() => { server.closeAllConnections(); server.close(); });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { store: createRemoteStore({ url, key }), stranger: createRemoteStore({ url, key: randomBytes(32) }), kept, url, fail: (error) => { errors.add(error); served.put = () => Promise.reject(error); served.has = () => Promise.reject(error); } };
}

for (const place of blobPlaces) describe(`blobs of a blob server that has ${place.name}`, () => {
  it('are put, found, given back whole and in part, and deleted', async (t) => {
    const { store } = await serve(t, place);
    const content = randomBytes(700_000);
    assert.deepEqual(await store.put('logs', Readable.from([content.subarray(0, 1000), content.subarray(1000)]), 1_000_000), { digest: sha256(content), size: content.length });
    assert.deepEqual(await store.has('logs', sha256(content)), { digest: sha256(content), size: content.length });
    const whole = await store.get('logs', sha256(content));
    assert.ok(whole);
    assert.equal(whole.size, content.length);
    assert.deepEqual(await buffer(whole.stream), content);
    const part = await store.get('logs', sha256(content), { start: 10, end: 19 });
    assert.ok(part);
    assert.equal(part.size, content.length);
    assert.deepEqual(await buffer(part.stream), content.subarray(10, 20));
    await store.delete('logs', sha256(content));
    await store.delete('logs', sha256(content));
    assert.equal(await store.has('logs', sha256(content)), null);
    assert.equal(await store.get('logs', sha256(content)), null);
  });

  it('that are too large, or whose content fails on the way, are not kept', async (t) => {
    const { store, kept } = await serve(t, place);
    await assert.rejects(store.put('slugs', Readable.from([randomBytes(2_000_000)]), 1_000), BlobTooLarge);
    assert.deepEqual(await kept(), []);
    const begun = () => until(async () => (await kept()).length === 1, { within: 60_000, what: () => 'it is being stored' });
    await assert.rejects(store.put('slugs', Readable.from((async function* broken() { yield randomBytes(10); await begun(); throw new Error('the disk is on fire'); })()), 1_000), /on fire|socket|aborted/);
    // The server hears of it later than the client.
    await until(async () => (await kept()).length === 0, { within: 60_000, what: () => 'nothing of it is left' });
  });

  it('are for whoever has the key, and for a digest only', async (t) => {
    const { store, stranger } = await serve(t, place);
    const { digest } = await store.put('slugs', Readable.from([Buffer.from('secret')]), 100);
    await assert.rejects(stranger.get('slugs', digest), /answered 403/);
    await assert.rejects(stranger.delete('slugs', digest), /answered 403/);
    await assert.rejects(stranger.put('slugs', Readable.from([Buffer.from('x')]), 100), /answered 403/);
    await assert.rejects(store.get('slugs', '../../keys'), /no SHA-256 digest/);
    assert.ok(await store.has('slugs', digest));
  });

  it('of a signed GET are not deleted by it', async (t) => {
    const { store, url } = await serve(t, place);
    const { digest } = await store.put('slugs', Readable.from([Buffer.from('kept')]), 100);
    const answer = await fetch(url + store.signGet('slugs', digest, 60), { method: 'DELETE' });
    assert.equal(answer.status, 403);
    assert.ok(await store.has('slugs', digest));
  });

  it('are told to be not available, or without room, as by the place itself', async (t) => {
    const { store, fail } = await serve(t, place);
    const putOne = () => store.put('logs', Readable.from([Buffer.from('x')]), 100);
    fail(new BlobStoreUnavailable('away'));
    await assert.rejects(putOne(), BlobStoreUnavailable);
    await assert.rejects(store.get('logs', '0'.repeat(64)), BlobStoreUnavailable);
    fail(Object.assign(new Error('full'), { code: 'ENOSPC' }));
    await assert.rejects(putOne(), { code: 'ENOSPC' });
  });
});
