import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { openFakePlace } from '../../test/kit/blob-place.ts';
import { startFakeS3 } from '../../test/kit/fake-s3.ts';
import type { FakeS3, S3Fault, S3Operation } from '../../test/kit/fake-s3.ts';
import { until } from '../../test/kit/wait.ts';
import { BlobStoreUnavailable } from '../store.ts';
import { PART_BYTES } from './upload-file.ts';

const LARGE = 2 * PART_BYTES + 5;
const of = (...chunks: Buffer[]): Readable => Readable.from(chunks, { objectMode: false });

async function open(t: TestContext) {
  const scope = { after: (fn: () => Promise<void>) => { t.after(fn); } };
  const s3 = await startFakeS3(scope);
  const place = await openFakePlace(scope, randomBytes(32), s3);
  return { s3, ...place, putLarge: (content = randomBytes(LARGE)) => place.store.put('slugs', of(content), LARGE) };
}

/** Answers the first requests for each of these operations and parts with their faults, in turn. */
function failOnce(s3: FakeS3, faults: Partial<Record<S3Operation, S3Fault[]>>): void {
  const seen = new Map<string, number>();
  s3.intercept = ({ operation, query }) => {
    const part = `${operation} ${query.get('partNumber')}`;
    const count = seen.get(part) ?? 0;
    seen.set(part, count + 1);
    return faults[operation]?.[count] ?? null;
  };
}

const slowDown: S3Fault = { status: 503, code: 'SlowDown' };

describe('uploads to a bucket', () => {
  it('get over a storage that is busy, and over connections that break', async (t) => {
    const { s3, store, kept, putLarge } = await open(t);
    const content = randomBytes(LARGE);
    failOnce(s3, { HeadObject: [{ cut: 'request' }], CreateMultipartUpload: [slowDown], UploadPart: [{ cut: 'request' }, slowDown], CompleteMultipartUpload: [{ status: 500, code: 'InternalError' }], PutObject: [{ loseAnswer: true }] });
    const { digest } = await putLarge(content);
    assert.ok([...s3.objects.values()][0]?.equals(content));
    const small = await store.put('slugs', of(Buffer.from('small')), 5);
    assert.deepEqual((await kept()).sort(), [digest, small.digest].sort());
  });

  it('are done where the last answer was lost', async (t) => {
    const { s3, kept, putLarge } = await open(t);
    failOnce(s3, { CompleteMultipartUpload: [{ loseAnswer: true }] });
    const { digest } = await putLarge();
    assert.deepEqual(await kept(), [digest]);
    assert.ok(!s3.requests.some(({ operation }) => operation === 'AbortMultipartUpload'));
  });

  it('in parts are aborted when one part fails for good, and no other part comes after that', async (t) => {
    const { s3, kept, putLarge } = await open(t);
    const never = new Promise<void>(() => undefined);
    s3.intercept = ({ operation, query }) => (operation !== 'UploadPart' ? null : query.get('partNumber') === '2' ? { status: 500, code: 'InternalError' } : { until: never });
    await assert.rejects(putLarge(), (error) => error instanceof BlobStoreUnavailable && /"blobs" does not answer as it should: InternalError, HTTP 500/.test(error.message));
    assert.equal(s3.requests.at(-1)?.operation, 'AbortMultipartUpload');
    assert.deepEqual(await kept(), []);
    s3.intercept = null;
    await putLarge();
  });

  it('leave nothing that can be seen when the storage goes away in the middle, and are done again when it is back', async (t) => {
    const { s3, store, kept, putLarge } = await open(t);
    const content = randomBytes(LARGE);
    const { promise: reached, resolve: reach } = Promise.withResolvers<undefined>();
    s3.intercept = ({ operation }) => { if (operation === 'UploadPart') reach(undefined); return operation === 'UploadPart' ? { until: new Promise(() => undefined) } : null; };
    const failing = assert.rejects(putLarge(content), BlobStoreUnavailable);
    await reached;
    await s3.stop();
    await failing;
    await assert.rejects(store.has('slugs', '0'.repeat(64)), (error) => error instanceof BlobStoreUnavailable && /ECONNREFUSED/.test(error.message));
    for (const use of [() => store.get('slugs', '0'.repeat(64)), () => store.delete('slugs', '0'.repeat(64)), () => store.put('slugs', of(Buffer.from('x')), 1)]) await assert.rejects(use(), BlobStoreUnavailable);
    await s3.start();
    s3.intercept = null;
    assert.equal(s3.objects.size, 0);
    // Nobody could abort it: it is for the sweep.
    assert.equal((await kept()).length, 1);
    const { digest } = await putLarge(content);
    assert.ok((await kept()).includes(digest));
  });

  it('tell that there is no room as a full disk does', async (t) => {
    const { s3, kept, putLarge, store } = await open(t);
    for (const fault of [{ status: 403, code: 'QuotaExceeded' }, { status: 507, code: 'XMinioStorageFull' }]) {
      s3.intercept = ({ operation }) => (operation === 'UploadPart' || operation === 'PutObject' ? fault : null);
      await assert.rejects(putLarge(), { code: 'ENOSPC' });
      await assert.rejects(store.put('logs', of(Buffer.from('x')), 1), { code: 'ENOSPC' });
      assert.deepEqual(await kept(), []);
    }
  });

  it('do not send what is there already', async (t) => {
    const { s3, putLarge } = await open(t);
    const content = randomBytes(LARGE);
    const stored = await putLarge(content);
    const sent = s3.requests.length;
    assert.deepEqual(await putLarge(content), stored);
    assert.deepEqual(s3.requests.slice(sent).map(({ operation }) => operation), ['HeadObject']);
  });

  it('hold a few parts at once in memory, however many they are, and take turns', async (t) => {
    const { s3, store } = await open(t);
    const held: (() => void)[] = [];
    s3.intercept = ({ operation }) => (operation === 'UploadPart' || operation === 'PutObject' ? { until: new Promise((resolve) => { held.push(resolve); }) } : null);
    const done: string[] = [];
    const put = (name: string, size: number) => store.put('slugs', of(randomBytes(size)), size).then(() => { done.push(name); });
    const all = Promise.all([put('large', 6 * PART_BYTES), put('other', 6 * PART_BYTES), put('small', 10)]);
    for (let parts = 0; parts < 13;) {
      await until(() => held.length === Math.min(4, 13 - parts), { within: 60_000, what: () => `four parts are sent after ${parts}` });
      const now = held.splice(0);
      parts += now.length;
      for (const release of now) release();
    }
    await all;
    assert.equal(done[0], 'small');
  });
});

describe('downloads from a bucket', () => {
  it('that break off go on where they were', async (t) => {
    const { s3, store, putLarge } = await open(t);
    const content = randomBytes(LARGE);
    const { digest } = await putLarge(content);
    failOnce(s3, { GetObject: [{ cut: 'answer' }, { cut: 'answer' }, slowDown] });
    const whole = await store.get('slugs', digest);
    assert.ok(whole && content.equals(await buffer(whole.stream)));
    failOnce(s3, { GetObject: [{ cut: 'answer' }] });
    const part = await store.get('slugs', digest, { start: 1000, end: LARGE - 1000 });
    assert.ok(part && content.subarray(1000, LARGE - 999).equals(await buffer(part.stream)));
  });

  it('that get nowhere any more fail, and those that nobody reads end', async (t) => {
    const { s3, store } = await open(t);
    const { digest } = await store.put('slugs', of(randomBytes(1000)), 1000);
    s3.intercept = ({ operation }) => (operation === 'GetObject' ? { cut: 'answer' } : null);
    const broken = await store.get('slugs', digest);
    assert.ok(broken);
    await assert.rejects(buffer(broken.stream), BlobStoreUnavailable);
    s3.intercept = null;
    const asked = s3.requests.length;
    const unread = await store.get('slugs', digest);
    unread?.stream.destroy(new Error('gone away'));
    await new Promise((resolve) => { unread?.stream.once('error', () => undefined).once('close', resolve); });
    assert.equal(s3.requests.length, asked + 1);
  });
});
