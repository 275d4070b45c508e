import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { z } from 'zod';
import { startFakeS3 } from '../../test/kit/fake-s3.ts';
import type { FakeS3 } from '../../test/kit/fake-s3.ts';
import { blobPath } from '../store.ts';
import { openBucket } from './bucket.ts';
import type { Bucket } from './bucket.ts';
import { untilBucketAnswers } from './check-bucket.ts';
import { BucketMistake } from './problem.ts';
import { s3Env } from './settings.ts';
import { sweepBucket } from './sweep-bucket.ts';

const start = (t: TestContext): Promise<FakeS3> => startFakeS3({ after: (fn) => { t.after(fn); } });
const unstopped = new AbortController().signal;

function open(t: TestContext, s3: FakeS3, env: Partial<FakeS3['env']> = {}, secret = {}): Bucket {
  const bucket = openBucket({ ...s3.env, ...env, SLIPWAY_S3_PREFIX: 'slipway/' }, { ...s3.account, ...secret });
  t.after(() => { bucket.client.destroy(); });
  return bucket;
}

describe('the check of a bucket', () => {
  it('leaves nothing in it', async (t) => {
    const s3 = await start(t);
    await untilBucketAnswers(open(t, s3), assert.fail, unstopped);
    assert.ok(s3.requests.some(({ operation }) => operation === 'PutObject'));
    assert.equal(s3.objects.size, 0);
  });

  it('tells each mistake and what to do about it, and does not wait', async (t) => {
    const s3 = await start(t);
    const check = (bucket: Bucket, message: RegExp) => assert.rejects(untilBucketAnswers(bucket, assert.fail, unstopped), (error) => error instanceof BucketMistake && message.test(error.message));
    await check(open(t, s3, { SLIPWAY_S3_BUCKET: 'others' }), /^The bucket "others" cannot be used: there is none of this name: create it, or correct SLIPWAY_S3_BUCKET \(NoSuchBucket\)\.$/);
    await check(open(t, s3, {}, { accessKeyId: 'AKother' }), /correct AWS_ACCESS_KEY_ID \(InvalidAccessKeyId\)/);
    await check(open(t, s3, {}, { secretAccessKey: 'other' }), /correct AWS_SECRET_ACCESS_KEY \(SignatureDoesNotMatch\)/);
    await check(open(t, s3, { SLIPWAY_S3_REGION: 'test-2' }), /another region: correct SLIPWAY_S3_REGION, to test-1/);
    s3.intercept = () => ({ status: 404, code: 'UserNotFound' });
    await check(open(t, s3), /^The bucket "blobs" refuses what was asked \(UserNotFound, HTTP 404\)\.$/);
    for (const refused of ['ListObjectsV2', 'PutObject', 'DeleteObject']) {
      s3.intercept = ({ operation }) => (operation === refused ? { status: 403, code: 'AccessDenied' } : null);
      await check(open(t, s3), /they need s3:ListBucket .*\(AccessDenied\)/);
    }
  });

  it('waits for a storage that is away, and says so', async (t) => {
    const s3 = await start(t);
    await s3.stop();
    const problems: string[] = [];
    await untilBucketAnswers(open(t, s3), ({ message }) => { problems.push(message); if (problems.length === 1) void s3.start(); }, unstopped);
    assert.match(problems[0] ?? '', /^The bucket "blobs" does not answer as it should: ECONNREFUSED\.$/);
  });
});

describe('the sweep of a bucket', () => {
  it('aborts our old uploads, from all pages, and leaves young ones and those of others', async (t) => {
    const s3 = await start(t);
    const bucket = open(t, s3);
    s3.pageSize = 2;
    const begin = (id: string, key: string, hoursAgo: number): void => { s3.uploads.set(id, { key, parts: new Map(), initiated: new Date(Date.now() - hoursAgo * 3_600_000) }); };
    const path = (index: number): string => blobPath('slugs', String(index).repeat(64));
    for (let index = 0; index < 5; index++) begin(`old-${index}`, `slipway/${path(index)}`, 25);
    begin('an-other', `elsewhere/${path(1)}`, 48);
    begin('backup', 'slipway/backups/2026-01-01', 48);
    begin('young', `slipway/${path(0)}`, 23);
    assert.equal(await sweepBucket(bucket), 5);
    assert.deepEqual([...s3.uploads.keys()], ['an-other', 'backup', 'young']);
  });
});

describe('the settings of a bucket', () => {
  const good = { SLIPWAY_S3_BUCKET: 'my-bucket', SLIPWAY_S3_SCRATCH_DIR: '/scratch' };

  it('have defaults, and a prefix is a folder', () => {
    assert.deepEqual(z.object(s3Env).parse(good), { ...good, SLIPWAY_S3_REGION: 'us-east-1', SLIPWAY_S3_PREFIX: '', SLIPWAY_S3_SCRATCH_MB: 8192 });
    for (const prefix of ['a/b', 'a/b/']) assert.equal(z.object(s3Env).parse({ ...good, SLIPWAY_S3_PREFIX: prefix }).SLIPWAY_S3_PREFIX, 'a/b/');
  });

  const wrong: [keyof typeof s3Env, string | undefined][] = [
    ['SLIPWAY_S3_BUCKET', undefined], ['SLIPWAY_S3_BUCKET', 's3://my-bucket'], ['SLIPWAY_S3_BUCKET', 'my-bucket/slipway'], ['SLIPWAY_S3_ENDPOINT', 'minio:9000'], ['SLIPWAY_S3_ENDPOINT', 'ftp://minio'],
    ['SLIPWAY_S3_REGION', 'eu central'], ['SLIPWAY_S3_PREFIX', '/slipway'], ['SLIPWAY_S3_PREFIX', 'a//b'], ['SLIPWAY_S3_PREFIX', 'a/../b'], ['SLIPWAY_S3_PREFIX', 'a b'],
    ['SLIPWAY_S3_SCRATCH_DIR', undefined], ['SLIPWAY_S3_SCRATCH_MB', 'lots'], ['SLIPWAY_S3_SCRATCH_MB', '0'], ['SLIPWAY_BLOB_DIR', '/data'],
  ];
  for (const [name, value] of wrong) it(`refuse ${name}=${value}`, () => {
    const { error } = z.object(s3Env).safeParse({ ...good, [name]: value });
    assert.deepEqual(error?.issues.map(({ path }) => path[0]), [name]);
  });
});
