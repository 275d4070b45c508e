import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { filesUnder } from '../test/kit/blob-place.ts';
import { createBlobServer } from '../test/kit/blob-server.ts';
import { startFakeS3 } from '../test/kit/fake-s3.ts';
import { until } from '../test/kit/wait.ts';

const MB = 1024 * 1024;
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const put = (url: string, body: Uint8Array<ArrayBuffer>): Promise<Response> => fetch(url, { method: 'PUT', body });
const scopeOf = (t: TestContext) => ({ after: (fn: () => Promise<void>) => { t.after(fn); } });

async function inBucket(t: TestContext, more: Record<string, string> = {}) {
  const s3 = await startFakeS3(scopeOf(t));
  const server = await createBlobServer(scopeOf(t), (dir) => ({ ...s3.env, SLIPWAY_S3_PREFIX: 'slipway', SLIPWAY_S3_SCRATCH_DIR: dir, ...more }));
  return { s3, server };
}

const inDirectory = (t: TestContext) => createBlobServer(scopeOf(t), (dir) => ({ SLIPWAY_BLOB_DIR: dir }));
const openers = [['a directory', inDirectory], ['a bucket', async (t: TestContext) => (await inBucket(t)).server]] as const;

for (const [place, open] of openers) describe(`the blob server with ${place}`, () => {
  it('sees a changed key file without a restart: the new key is believed beside the old one, until that is taken out', async (t) => {
    const server = await open(t);
    await server.start();
    const added = randomBytes(32);
    const { digest } = await (await put(server.signPut('slugs', 10), new Uint8Array(10))).json() as { digest: string };
    const before = server.signGet('slugs', digest);
    assert.deepEqual([await server.store.believes(server.key), await server.store.believes(added)], [true, false]);
    const store = await server.changeKeys([added, server.key]);
    await until(() => server.store.believes(added), { within: 60_000, what: () => `the new key is believed; ${server.output()}` });
    assert.equal((await fetch(before)).status, 200);
    assert.deepEqual(await store.has('slugs', digest), { digest, size: 10 });
    await server.changeKeys([Buffer.from('no key')]);
    await until(() => server.output().includes('the keys stay as they were'), { within: 60_000, what: () => 'the wrong file is told of' });
    assert.equal((await fetch(before)).status, 200);
    await server.changeKeys([added]);
    await until(async () => (await fetch(before)).status === 403, { within: 60_000, what: () => 'the old key is not believed any more' });
    assert.deepEqual(await store.has('slugs', digest), { digest, size: 10 });
  });

  it('takes and gives blobs by signed URLs, keeps them over a restart, and forgets what kill -9 left half-sent', async (t) => {
    const server = await open(t);
    await server.start();
    const content = randomBytes(20 * MB);
    const answer = await put(server.signPut('slugs', content.length), content);
    assert.equal(answer.status, 201);
    const { digest } = await answer.json() as { digest: string };
    assert.equal(digest, sha256(content));
    const before = await filesUnder(server.dir);

    const half = request(server.signPut('slugs', content.length), { method: 'PUT', headers: { 'content-length': content.length } });
    half.on('error', () => undefined);
    half.write(content.subarray(0, MB));
    await until(async () => (await filesUnder(server.dir)).length === before.length + 1, { within: 60_000, what: () => 'the upload has begun' });
    await server.stop('SIGKILL');
    await server.start();
    assert.deepEqual(await filesUnder(server.dir), before);
    const got = await fetch(server.signGet('slugs', digest));
    assert.ok(content.equals(Buffer.from(await got.arrayBuffer())));
    await server.stop();
  });
});

describe('the blob server with a bucket', () => {
  it('shows nothing of what kill -9 left half-uploaded, and aborts that once nobody can be at it any more', async (t) => {
    const { s3, server } = await inBucket(t);
    await server.start();
    const content = randomBytes(20 * MB);
    s3.intercept = ({ operation, query }) => (operation === 'UploadPart' && query.get('partNumber') !== '1' ? { until: new Promise(() => undefined) } : null);
    const unanswered = assert.rejects(put(server.signPut('slugs', content.length), content));
    await until(() => [...s3.uploads.values()].some(({ parts }) => parts.size === 1), { within: 60_000, what: () => 'one part is there' });
    await server.stop('SIGKILL');
    await unanswered;
    s3.intercept = null;
    await server.start();
    assert.equal(s3.objects.size, 0);
    assert.equal((await fetch(server.signGet('slugs', sha256(content)))).status, 404);
    assert.deepEqual(await filesUnder(server.dir), []);
    assert.equal(s3.uploads.size, 1);
    await server.stop();
    for (const upload of s3.uploads.values()) upload.initiated = new Date(Date.now() - 25 * 3_600_000);
    await server.start();
    assert.equal(s3.uploads.size, 0);
    assert.equal((await put(server.signPut('slugs', content.length), content)).status, 201);
    assert.deepEqual([...s3.objects.keys()], [`slipway/slugs/${sha256(content).slice(0, 2)}/${sha256(content)}`]);
  });

  it('answers 503 while the bucket is away, logs why, and goes on when it is back', async (t) => {
    const { s3, server } = await inBucket(t);
    await server.start();
    const { digest } = await (await put(server.signPut('logs', 10), new Uint8Array(5))).json() as { digest: string };
    await s3.stop();
    const answer = await put(server.signPut('slugs', 10), new Uint8Array(6));
    assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '5']);
    assert.equal((await fetch(server.signGet('logs', digest))).status, 503);
    await until(() => /The bucket \\"blobs\\" does not answer as it should: ECONNREFUSED/.test(server.output()), { within: 60_000, what: () => `the log says why: ${server.output()}` });
    await s3.start();
    assert.equal((await fetch(server.signGet('logs', digest))).status, 200);
  });

  it('starts when the bucket answers, and not before', async (t) => {
    const { s3, server } = await inBucket(t);
    await s3.stop();
    const started = server.start();
    await until(() => server.output().includes('ECONNREFUSED. Trying again.'), { within: 60_000, what: () => 'it tells that it waits' });
    await s3.start();
    await started;
  });

  it('passes large blobs on, and never holds one in memory', { skip: process.platform !== 'linux' }, async (t) => {
    const { server } = await inBucket(t);
    await server.start();
    const content = randomBytes(250 * MB);
    const { digest } = await (await put(server.signPut('slugs', content.length), content)).json() as { digest: string };
    let received = 0;
    for await (const chunk of (await fetch(server.signGet('slugs', digest))).body ?? []) received += (chunk as Uint8Array).length;
    assert.equal(received, content.length);
    const peak = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${server.pid()}/status`, 'utf8'))?.[1]) / 1024;
    // About 110 MB are the process itself.
    assert.ok(peak < 330, `it took ${peak} MB`);
  });
});

describe('the settings of the blob server', () => {
  const cases: [string, Record<string, string>, RegExp[]][] = [
    ['no place', {}, [/^ {2}SLIPWAY_BLOB_DIR: must be set, to a directory for blobs; or SLIPWAY_S3_BUCKET/m]],
    ['a bucket beside a directory, and other mistakes', { SLIPWAY_BLOB_DIR: '/data', SLIPWAY_S3_BUCKET: '', SLIPWAY_S3_SCRATCH_DIR: '/scratch', SLIPWAY_S3_ENDPOINT: 'minio:9000', SLIPWAY_LISTEN: 'here' },
      [/^ {2}SLIPWAY_BLOB_DIR: must not be set/m, /^ {2}SLIPWAY_S3_BUCKET: must be set/m, /^ {2}SLIPWAY_S3_ENDPOINT: must be an http/m, /^ {2}SLIPWAY_LISTEN: must be host:port/m]],
  ];
  for (const [what, settings, messages] of cases) it(`with ${what} are told all at once`, async (t) => {
    const server = await createBlobServer(scopeOf(t), () => settings);
    await assert.rejects(server.start(), /ended with 1/);
    for (const message of messages) assert.match(server.output(), message);
  });

  it('that the bucket refuses end it with what to do', async (t) => {
    const { server } = await inBucket(t, { AWS_SECRET_ACCESS_KEY: 'wrong' });
    await assert.rejects(server.start(), /ended with 1.*The bucket \\"blobs\\" cannot be used: .*correct AWS_SECRET_ACCESS_KEY/s);
  });

  it('without credentials do, too', async (t) => {
    const { server } = await inBucket(t, { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_EC2_METADATA_DISABLED: 'true', HOME: '/nonexistent' });
    await assert.rejects(server.start(), /ended with 1.*there are no credentials: set AWS_ACCESS_KEY_ID/s);
  });
});
