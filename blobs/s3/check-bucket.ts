import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { setTimeout as pause } from 'node:timers/promises';
import type { Bucket } from './bucket.ts';
import { BucketMistake, storeError } from './problem.ts';

const AGAIN_MS = 2_000;

/** Resolves when the bucket can be listed, written to and deleted from. Waits for a storage that is away, and tells it each time; throws BucketMistake where waiting is no use. */
export async function untilBucketAnswers(bucket: Bucket, warn: (problem: Error) => void, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      return await tryBucket(bucket);
    } catch (error) {
      const problem = storeError(error, bucket.name);
      if (problem instanceof BucketMistake) throw problem;
      warn(problem);
    }
    await pause(AGAIN_MS, undefined, { signal });
  }
}

async function tryBucket({ client, name: Bucket, prefix }: Bucket): Promise<void> {
  // Unlike HEAD, its answer says what is wrong. Who may not list is told 403 instead of 404 for what is missing.
  await client.send(new ListObjectsV2Command({ Bucket, Prefix: prefix, MaxKeys: 1 }));
  const Key = `${prefix}may-i-write`;
  await client.send(new PutObjectCommand({ Bucket, Key, Body: '', ContentLength: 0 }));
  await client.send(new DeleteObjectCommand({ Bucket, Key }));
}
