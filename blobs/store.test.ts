import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { blobPlaces, filesUnder } from '../test/kit/blob-place.ts';
import { makeTemp } from '../test/kit/temp.ts';
import { createDirectoryStore, sweepDirectory } from './directory.ts';
import { blobPath, BlobStoreUnavailable, BlobTooLarge } from './store.ts';
import { createUploads } from './uploads.ts';

const scope = (t: TestContext) => ({ after: (fn: () => Promise<void>) => { t.after(fn); } });
const MB = 1024 * 1024;

for (const place of blobPlaces) describe(`blobs in ${place.name}`, () => {
  const open = (t: TestContext) => place.open(scope(t), randomBytes(32));

  it('are given back whole and in part, small, large and empty', async (t) => {
    const { store, kept } = await open(t);
    for (const size of [0, 1, 5000, 21 * MB + 1]) {
      const content = randomBytes(size);
      const stored = await store.put('slugs', Readable.from([content.subarray(0, 7), content.subarray(7)], { objectMode: false }), size);
      assert.deepEqual(stored, { digest: createHash('sha256').update(content).digest('hex'), size });
      assert.deepEqual(await store.has('slugs', stored.digest), stored);
      const whole = await store.get('slugs', stored.digest);
      assert.equal(whole?.size, size);
      assert.ok(whole && content.equals(await buffer(whole.stream)), `${size} bytes`);
      if (size < 5000) continue;
      const part = await store.get('slugs', stored.digest, { start: 100, end: size - 2 });
      assert.equal(part?.size, size);
      assert.ok(part && content.subarray(100, size - 1).equals(await buffer(part.stream)), `a part of ${size} bytes`);
    }
    assert.equal((await kept()).length, 4);
  });

  it('leave nothing of a stream that fails or is too long', async (t) => {
    const { store, kept } = await open(t);
    const failing = Readable.from((function* () { yield Buffer.alloc(10); throw new Error('lost'); })());
    await assert.rejects(store.put('logs', failing, 100), /lost/);
    await assert.rejects(store.put('logs', Readable.from([Buffer.alloc(101)]), 100), BlobTooLarge);
    await assert.rejects(store.put('logs', Readable.from([Buffer.alloc(20 * MB), Buffer.alloc(1)]), 20 * MB), BlobTooLarge);
    assert.deepEqual(await kept(), []);
  });

  it('are kept once when they are put twice, also at once; by their kind', async (t) => {
    const { store, kept } = await open(t);
    const putSame = () => store.put('logs', Readable.from([Buffer.from('same')]), 100);
    const [one, two] = await Promise.all([putSame(), putSame()]);
    assert.deepEqual(one, two);
    assert.deepEqual(await kept(), [one.digest]);
    assert.equal(await store.has('slugs', one.digest), null);
    await store.delete('slugs', one.digest);
    assert.ok(await store.has('logs', one.digest));
    await store.delete('logs', one.digest);
    await store.delete('logs', one.digest);
    assert.equal(await store.has('logs', one.digest), null);
    assert.equal(await store.get('logs', one.digest), null);
    assert.deepEqual(await putSame(), one);
  });

  it('are refused under names that are no digest', async (t) => {
    const { store } = await open(t);
    for (const name of ['../../etc/passwd', '', 'A'.repeat(64)]) {
      await assert.rejects(store.has('logs', name), /no SHA-256/);
      await assert.rejects(store.get('logs', name), /no SHA-256/);
      await assert.rejects(store.delete('logs', name), /no SHA-256/);
    }
  });
});

describe('the directory store', () => {
  it('lets nobody else read', async (t) => {
    const dir = await makeTemp(scope(t), 'slip-blobs-');
    const { digest } = await createDirectoryStore({ dir, key: randomBytes(32) }).put('slugs', Readable.from([Buffer.from('secret')]), 100);
    assert.equal((await stat(join(dir, blobPath('slugs', digest)))).mode & 0o777, 0o600);
  });

  it('sweeps what killed processes left, and not what others are writing', async (t) => {
    const dir = await makeTemp(scope(t), 'slip-blobs-');
    await mkdir(join(dir, 'uploads'));
    const file = (name: string): string => join(dir, 'uploads', name);
    await writeFile(file('999999999-dead'), '');
    await writeFile(file(`${process.ppid}-alive`), '');
    await writeFile(file(`${process.ppid}-old`), '');
    await utimes(file(`${process.ppid}-old`), 1, 1);
    await sweepDirectory(dir);
    assert.deepEqual(await filesUnder(dir), [`${process.ppid}-alive`]);
  });
});

describe('uploads that are under way', () => {
  it('are refused where they would take more than they may at once, until others are over', async (t) => {
    const dir = await makeTemp(scope(t), 'slip-uploads-');
    const uploads = createUploads(dir, 100);
    const content = (): Readable => Readable.from([Buffer.alloc(60)]);
    await uploads.receive(content(), 60, async () => {
      await assert.rejects(uploads.receive(content(), 60, async () => undefined), BlobStoreUnavailable);
      assert.equal((await filesUnder(dir)).length, 1);
    });
    await uploads.receive(content(), 60, async () => undefined);
    await assert.rejects(uploads.receive(content(), 60, () => Promise.reject(new Error('not kept'))), /not kept/);
    await uploads.receive(content(), 60, async () => undefined);
    assert.deepEqual(await filesUnder(dir), []);
  });
});
