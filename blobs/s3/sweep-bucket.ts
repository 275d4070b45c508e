import { AbortMultipartUploadCommand, ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import type { ListMultipartUploadsCommandOutput } from '@aws-sdk/client-s3';
import { isBlobPath } from '../store.ts';
import type { Bucket } from './bucket.ts';
import { isMissing, storeError } from './problem.ts';

/** No upload to the bucket takes so long: its content was whole before it began. */
const DEAD_AFTER_MS = 24 * 60 * 60 * 1000;

/** A bucket may have uploads of others too, also below our prefix. */
const isOurs = (prefix: string, key = ''): boolean => key.startsWith(prefix) && isBlobPath(key.slice(prefix.length));

/** Aborts what killed processes left of uploads in parts, which nobody sees and the bucket's owner pays for; answers how many they were. Throws what BlobStore throws. */
export async function sweepBucket({ client, name: Bucket, prefix }: Bucket, now = Date.now()): Promise<number> {
  let swept = 0;
  try {
    // Not asked for by prefix: MinIO takes that for a whole key, and answers none.
    for (let from: { KeyMarker?: string; UploadIdMarker?: string } | null = {}; from !== null;) {
      const page: ListMultipartUploadsCommandOutput = await client.send(new ListMultipartUploadsCommand({ Bucket, ...from }));
      for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
        if (!isOurs(prefix, Key) || !Initiated || now - Initiated.getTime() < DEAD_AFTER_MS) continue;
        await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId })).catch((error: unknown) => { if (!isMissing(error)) throw error; });
        swept++;
      }
      from = page.IsTruncated && page.NextKeyMarker !== undefined ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker } : null;
    }
  } catch (error) {
    throw storeError(error, Bucket);
  }
  return swept;
}
