import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { makeTemp } from '../test/kit/temp.ts';
import { until } from '../test/kit/wait.ts';
import { createDirectoryStore, sweepUploads } from './directory.ts';
import { createBlobHandler, parseRange } from './http.ts';
import { BlobTooLarge } from './store.ts';
import type { BlobStore } from './store.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function filesUnder(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

async function serve(t: TestContext, replace: Partial<BlobStore> = {}) {
  const scope = { after: (fn: () => Promise<void>) => { t.after(fn); } };
  const dir = await makeTemp(scope, 'slip-blobs-');
  const key = randomBytes(32);
  const errors: unknown[] = [];
  let handler: ReturnType<typeof createBlobHandler> | undefined;
  const server = createServer((req, res) => { void handler?.(req, res); });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  t.after(async () => { server.closeAllConnections(); await new Promise((resolve) => { server.close(resolve); }); });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const paths = createDirectoryStore({ dir, key });
  const store: BlobStore = { ...paths, signGet: (...args) => baseUrl + paths.signGet(...args), signPut: (...args) => baseUrl + paths.signPut(...args) };
  handler = createBlobHandler({ store: { ...store, ...replace }, key, onError: (error) => errors.push(error) });
  return { dir, store, errors };
}

const put = (url: string, body: Uint8Array<ArrayBuffer>): Promise<Response> => fetch(url, { method: 'PUT', body });

describe('signed blob URLs', () => {
  it('store what is put under its digest, and give it back whole, in part and as a header', async (t) => {
    const { store, dir } = await serve(t);
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
    const stored = await stat(join(dir, 'slugs', sha256(content).slice(0, 2), sha256(content)));
    assert.equal(stored.mode & 0o777, 0o600);
  });

  it('are refused when anything of them was changed, or they have expired', async (t) => {
    const { store } = await serve(t);
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
    const { store } = await serve(t);
    const { digest } = await store.put('logs', Readable.from([Buffer.from('12345')]), 100);
    assert.equal((await fetch(store.signGet('logs', '0'.repeat(64), 60))).status, 404);
    assert.equal((await fetch(store.signGet('logs', digest, 60), { method: 'PATCH' })).status, 405);
    assert.equal((await fetch(store.signGet('logs', digest, 60), { headers: { range: 'bytes=5-' } })).status, 416);
  });

  it('take an empty blob', async (t) => {
    const { store } = await serve(t);
    const answer = await put(store.signPut('sources', 10, 60), new Uint8Array());
    assert.deepEqual(await answer.json(), { digest: sha256(Buffer.alloc(0)), size: 0 });
    assert.equal((await (await fetch(store.signGet('sources', sha256(Buffer.alloc(0)), 60))).arrayBuffer()).byteLength, 0);
  });
});

describe('an upload that fails', () => {
  it('is refused with 413 when it is too large, told or untold, and leaves nothing', async (t) => {
    const { store, dir } = await serve(t);
    assert.equal((await put(store.signPut('slugs', 1000, 60), new Uint8Array(2_000_000))).status, 413);
    const untold = Readable.toWeb(Readable.from([Buffer.alloc(600), Buffer.alloc(600)])) as ReadableStream<Uint8Array<ArrayBuffer>>;
    const answer = await fetch(store.signPut('slugs', 1000, 60), { method: 'PUT', body: untold, duplex: 'half' } as RequestInit);
    assert.equal(answer.status, 413);
    assert.match(await answer.text(), /1000 bytes/);
    assert.deepEqual(await filesUnder(dir), []);
  });

  it('leaves nothing when its sender goes away, and the store lives on', async (t) => {
    const { store, dir, errors } = await serve(t);
    const sent = request(store.signPut('slugs', 10_000_000, 60), { method: 'PUT', headers: { 'content-length': 5_000_000 } });
    sent.on('error', () => undefined);
    sent.write(Buffer.alloc(100_000));
    await until(async () => (await filesUnder(dir)).length === 1, { within: 5_000, what: () => 'the upload has begun' });
    sent.destroy();
    await until(async () => (await filesUnder(dir)).length === 0, { within: 5_000, what: () => 'its file is gone' });
    assert.equal((await put(store.signPut('slugs', 100, 60), new Uint8Array(5))).status, 201);
    assert.deepEqual(errors, []);
  });

  it('answers 507 when the disk is full, and 500 with a log line for what nobody foresaw', async (t) => {
    const full = await serve(t, { put: () => Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' })) });
    assert.equal((await put(full.store.signPut('slugs', 100, 60), new Uint8Array(5))).status, 507);
    const broken = await serve(t, { put: () => Promise.reject(new Error('secret detail')) });
    const answer = await put(broken.store.signPut('slugs', 100, 60), new Uint8Array(5));
    assert.equal(answer.status, 500);
    assert.doesNotMatch(await answer.text(), /secret/);
    assert.equal(broken.errors.length, 1);
  });
});

describe('the directory store', () => {
  it('leaves nothing of a stream that fails or is too long', async (t) => {
    const { store, dir } = await serve(t);
    const failing = Readable.from((function* () { yield Buffer.alloc(10); throw new Error('lost'); })());
    await assert.rejects(store.put('logs', failing, 100), /lost/);
    await assert.rejects(store.put('logs', Readable.from([Buffer.alloc(101)]), 100), BlobTooLarge);
    assert.deepEqual(await filesUnder(dir), []);
  });

  it('keeps one file of what is put twice, also at once', async (t) => {
    const { store, dir } = await serve(t);
    const putSame = () => store.put('logs', Readable.from([Buffer.from('same')]), 100);
    const [one, two] = await Promise.all([putSame(), putSame()]);
    assert.deepEqual(one, two);
    assert.deepEqual(await filesUnder(dir), [one.digest]);
    await store.delete('logs', one.digest);
    await store.delete('logs', one.digest);
    assert.equal(await store.has('logs', one.digest), null);
  });

  it('refuses names that are no digest', async (t) => {
    const { store } = await serve(t);
    await assert.rejects(store.has('logs', '../../etc/passwd'), /no SHA-256/);
  });

  it('sweeps what killed processes left, and not what others are writing', async (t) => {
    const { dir } = await serve(t);
    const file = (name: string): string => join(dir, 'uploads', name);
    await writeFile(file('999999999-dead'), '');
    await writeFile(file(`${process.ppid}-alive`), '');
    await writeFile(file(`${process.ppid}-old`), '');
    await utimes(file(`${process.ppid}-old`), 1, 1);
    await sweepUploads(dir);
    assert.deepEqual(await filesUnder(dir), [`${process.ppid}-alive`]);
  });
});

describe('a range header', () => {
  const cases: [string | undefined, ReturnType<typeof parseRange>][] = [
    [undefined, null], ['bytes=0-0', { start: 0, end: 0 }], ['bytes=2-', { start: 2, end: 9 }], ['bytes=-3', { start: 7, end: 9 }],
    ['bytes=0-99', { start: 0, end: 9 }], ['bytes=10-', 'unsatisfiable'], ['bytes=3-2', 'unsatisfiable'], ['bytes=-', null], ['bytes=0-1,3-4', null], ['lines=1-2', null],
  ];
  for (const [header, expected] of cases) it(`"${header}" of ten bytes`, () => { assert.deepEqual(parseRange(header, 10), expected); });
});
