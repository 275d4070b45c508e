import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { blobPlaces } from '../test/kit/blob-place.ts';
import type { BlobPlace } from '../test/kit/blob-place.ts';
import { until } from '../test/kit/wait.ts';
import { createBlobHandler, parseRange } from './http.ts';
import { createRemoteStore } from './remote.ts';
import { BlobStoreUnavailable } from './store.ts';
import type { BlobStore } from './store.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

interface ServeOptions { replace?: (store: BlobStore) => Partial<BlobStore>; progressMs?: number }

async function serve(t: TestContext, place: BlobPlace, { replace, progressMs }: ServeOptions = {}) {
  const key = randomBytes(32);
  const errors: unknown[] = [];
  let handler: ReturnType<typeof createBlobHandler> | undefined;
  const server = createServer((req, res) => { void handler?.(req, res); });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  t.after(async () => { server.closeAllConnections(); await new Promise((resolve) => { server.close(resolve); }); });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { store: paths, kept } = await place.open({ after: (fn) => { t.after(fn); } }, key);
  const store: BlobStore = { ...paths, signGet: (...args) => baseUrl + paths.signGet(...args), signPut: (...args) => baseUrl + paths.signPut(...args) };
  handler = createBlobHandler({ store: { ...store, ...replace?.(store) }, key, onError: (error) => errors.push(error), progressMs });
  return { store, kept, errors, key, baseUrl };
}

const put = (url: string, body: Uint8Array<ArrayBuffer>): Promise<Response> => fetch(url, { method: 'PUT', body });

for (const place of blobPlaces) describe(`signed URLs of blobs in ${place.name}`, () => {
  it('store what is put under its digest, and give it back whole, in part and as a header', async (t) => {
    const { store, kept } = await serve(t, place);
    const content = randomBytes(300_000);
    const answer = await put(store.signPut('slugs', 1_000_000, 60), content);
    assert.equal(answer.status, 201);
    assert.deepEqual(await answer.json(), { digest: sha256(content), size: content.length });
    const url = store.signGet('slugs', sha256(content), 60);
    assert.deepEqual(Buffer.from(await (await fetch(url)).arrayBuffer()), content);
    const part = await fetch(url, { headers: { range: 'bytes=10-19' } });
    assert.equal(part.status, 206);
    assert.deepEqual(Buffer.from(await part.arrayBuffer()), content.subarray(10, 20));
    const head = await fetch(url, { method: 'HEAD' });
    assert.equal(head.headers.get('content-length'), '300000');
    assert.deepEqual(await kept(), [sha256(content)]);
  });

  it('are refused when anything of them was changed, or they have expired', async (t) => {
    const { store } = await serve(t, place);
    const { digest } = await store.put('slugs', Readable.from([Buffer.from('secret')]), 100);
    const get = new URL(store.signGet('slugs', digest, 60));
    const putUrl = new URL(store.signPut('slugs', 100, 60));
    const changed = (url: URL, change: (url: URL) => void): URL => { const copy = new URL(url); change(copy); return copy; };
    const later = String(Number(get.searchParams.get('expires')) + 1);
    const cases: [string, URL, string][] = [
      ['another digest', changed(get, (url) => { url.pathname = `/blobs/slugs/${'0'.repeat(64)}`; }), 'GET'],
      ['another kind', changed(get, (url) => { url.pathname = `/blobs/sources/${digest}`; }), 'GET'],
      ['a later end', changed(get, (url) => { url.searchParams.set('expires', later); }), 'GET'],
      ['no signature', changed(get, (url) => { url.searchParams.delete('signature'); }), 'GET'],
      ['an empty signature', changed(get, (url) => { url.searchParams.set('signature', ''); }), 'GET'],
      ['a larger maximum', changed(putUrl, (url) => { url.searchParams.set('max', '101'); }), 'PUT'],
      ['another use', changed(putUrl, (url) => { url.searchParams.set('nonce', 'x'); }), 'PUT'],
      ['no maximum', changed(putUrl, (url) => { url.searchParams.delete('max'); }), 'PUT'],
      ['GET by a URL for PUT', putUrl, 'GET'],
      ['PUT by a URL for GET', get, 'PUT'],
      ['an end that is over', new URL(store.signGet('slugs', digest, -10)), 'GET'],
    ];
    for (const [what, url, method] of cases) {
      const answer = await fetch(url, { method, ...(method === 'PUT' ? { body: 'x' } : {}) });
      assert.equal(answer.status, 403, what);
      assert.doesNotMatch(await answer.text(), /secret/, what);
    }
    assert.equal((await fetch(get)).status, 200);
  });

  it('answer 404 for what is not there, 405 for other methods, 416 for a range that is not', async (t) => {
    const { store } = await serve(t, place);
    const { digest } = await store.put('logs', Readable.from([Buffer.from('12345')]), 100);
    assert.equal((await fetch(store.signGet('logs', '0'.repeat(64), 60))).status, 404);
    assert.equal((await fetch(store.signGet('logs', digest, 60), { method: 'PATCH' })).status, 405);
    assert.equal((await fetch(store.signGet('logs', digest, 60), { headers: { range: 'bytes=5-' } })).status, 416);
  });

  it('store one blob each, and answer who asks again', async (t) => {
    const { store, kept } = await serve(t, place);
    const url = store.signPut('slugs', 100, 60);
    assert.equal((await put(url, new Uint8Array(101))).status, 413);
    const first = await (await put(url, new Uint8Array(5))).json();
    assert.deepEqual(await (await put(url, new Uint8Array(5))).json(), first);
    assert.deepEqual(await (await put(url, new Uint8Array(6))).json(), first);
    assert.equal((await kept()).length, 1);
  });

  it('store one blob at a time', async (t) => {
    const { store, kept } = await serve(t, place);
    const url = store.signPut('slugs', 100, 60);
    const sent = request(url, { method: 'PUT', headers: { 'content-length': 50 } });
    sent.on('error', () => undefined);
    sent.write(Buffer.alloc(10));
    await until(async () => (await kept()).length === 1, { within: 60_000, what: () => 'the upload has begun' });
    assert.equal((await put(url, new Uint8Array(5))).status, 503);
    sent.destroy();
    await until(async () => (await put(url, new Uint8Array(5))).status === 201, { within: 60_000, what: () => 'the next one is taken' });
  });

  it('take an empty blob', async (t) => {
    const { store } = await serve(t, place);
    const answer = await put(store.signPut('sources', 10, 60), new Uint8Array());
    assert.deepEqual(await answer.json(), { digest: sha256(Buffer.alloc(0)), size: 0 });
    assert.equal((await (await fetch(store.signGet('sources', sha256(Buffer.alloc(0)), 60))).arrayBuffer()).byteLength, 0);
  });
});

for (const place of blobPlaces) describe(`an upload to ${place.name} that fails`, () => {
  it('is refused with 413 when it is too large, told or untold, and leaves nothing', async (t) => {
    const { store, kept } = await serve(t, place);
    assert.equal((await put(store.signPut('slugs', 1000, 60), new Uint8Array(2_000_000))).status, 413);
    const untold = Readable.toWeb(Readable.from([Buffer.alloc(600), Buffer.alloc(600)])) as ReadableStream<Uint8Array<ArrayBuffer>>;
    const answer = await fetch(store.signPut('slugs', 1000, 60), { method: 'PUT', body: untold, duplex: 'half' } as RequestInit);
    assert.equal(answer.status, 413);
    assert.match(await answer.text(), /1000 bytes/);
    assert.deepEqual(await kept(), []);
  });

  it('leaves nothing when its sender goes away, and the store lives on', async (t) => {
    const { store, kept, errors } = await serve(t, place);
    const sent = request(store.signPut('slugs', 10_000_000, 60), { method: 'PUT', headers: { 'content-length': 5_000_000 } });
    sent.on('error', () => undefined);
    sent.write(Buffer.alloc(100_000));
    await until(async () => (await kept()).length === 1, { within: 60_000, what: () => 'the upload has begun' });
    sent.destroy();
    await until(async () => (await kept()).length === 0, { within: 60_000, what: () => 'its file is gone' });
    assert.equal((await put(store.signPut('slugs', 100, 60), new Uint8Array(5))).status, 201);
    assert.deepEqual(errors, []);
  });

  it('answers 507 when there is no room, 503 when the storage is away, and 500 for what nobody foresaw; the last two are logged', async (t) => {
    const failWith = (error: Error) => serve(t, place, { replace: () => ({ put: () => Promise.reject(error) }) });
    const full = await failWith(Object.assign(new Error('no space'), { code: 'ENOSPC' }));
    assert.equal((await put(full.store.signPut('slugs', 100, 60), new Uint8Array(5))).status, 507);
    assert.deepEqual(full.errors, []);
    for (const [error, status] of [[new BlobStoreUnavailable('secret detail'), 503], [new Error('secret detail'), 500]] as const) {
      const broken = await failWith(error);
      const answer = await put(broken.store.signPut('slugs', 100, 60), new Uint8Array(5));
      assert.equal(answer.status, status);
      assert.doesNotMatch(await answer.text(), /secret/);
      assert.deepEqual(broken.errors, [error]);
    }
  });
});

describe('an upload that takes long to be stored', () => {
  for (const place of blobPlaces) it(`in ${place.name} keeps its client, which else would break off`, async (t) => {
    let finish = (): void => undefined;
    const finished = new Promise<void>((resolve) => { finish = resolve; });
    const { store, key, baseUrl } = await serve(t, place, { progressMs: 10, replace: (given) => ({ put: async (...args) => { const stored = await given.put(...args); await finished; return stored; } }) });
    const content = randomBytes(1000);
    const sent = request(store.signPut('slugs', 2000, 60), { method: 'PUT' });
    let signs = 0;
    sent.on('information', ({ statusCode }) => { if (statusCode === 102 && ++signs === 3) finish(); });
    const answered = new Promise<number | undefined>((resolve, reject) => { sent.once('response', (response) => { response.resume(); resolve(response.statusCode); }).once('error', reject); });
    const others = [put(store.signPut('slugs', 2000, 60), content).then(async (answer) => answer.json()), createRemoteStore({ url: baseUrl, key }).put('slugs', Readable.from([content]), 2000)];
    sent.end(content);
    assert.equal(await answered, 201);
    for (const stored of await Promise.all(others)) assert.deepEqual(stored, { digest: sha256(content), size: 1000 });
  });
});

describe('a range header', () => {
  const cases: [string | undefined, ReturnType<typeof parseRange>][] = [
    [undefined, null], ['bytes=0-0', { start: 0, end: 0 }], ['bytes=2-', { start: 2, end: 9 }], ['bytes=-3', { start: 7, end: 9 }],
    ['bytes=0-99', { start: 0, end: 9 }], ['bytes=10-', 'unsatisfiable'], ['bytes=3-2', 'unsatisfiable'], ['bytes=-', null], ['bytes=0-1,3-4', null], ['lines=1-2', null],
  ];
  for (const [header, expected] of cases) it(`"${header}" of ten bytes`, () => { assert.deepEqual(parseRange(header, 10), expected); });
});
