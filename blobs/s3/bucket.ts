import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { isMissing, storeError } from './problem.ts';
import type { BucketSettings } from './settings.ts';

/** A bucket, or the part of one below a prefix. */
export interface Bucket {
  client: S3Client;
  name: string;
  prefix: string;
}

export interface S3Account { accessKeyId: string; secretAccessKey: string }

/** Pauses between them grow; together they take some seconds. */
const ATTEMPTS = 4;
const CONNECT_MS = 5_000;
/** A storage that takes nothing and says nothing for so long is away. */
const IDLE_MS = 30_000;

/** @param credentials if not those that the SDK finds */
export function openBucket({ SLIPWAY_S3_BUCKET: name, SLIPWAY_S3_ENDPOINT: endpoint, SLIPWAY_S3_REGION: region, SLIPWAY_S3_PREFIX: prefix }: BucketSettings, credentials?: S3Account): Bucket {
  // As many as there are transfers: downloads to slow clients must not keep uploads waiting.
  const agent = { keepAlive: true, maxSockets: Infinity };
  const client = new S3Client({
    region, ...(credentials ? { credentials } : {}), ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    maxAttempts: ATTEMPTS, retryMode: 'standard',
    // What we send is signed with its SHA-256; not all that is compatible knows the other checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED', expectContinueHeader: false,
    requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: IDLE_MS, httpAgent: agent, httpsAgent: agent },
  });
  return { client, name, prefix };
}

/** The size of an object; null: there is none. Throws what BlobStore throws. */
export async function sizeOf({ client, name }: Bucket, key: string): Promise<number | null> {
  try {
    return (await client.send(new HeadObjectCommand({ Bucket: name, Key: key }))).ContentLength ?? 0;
  } catch (error) {
    if (isMissing(error)) return null;
    throw storeError(error, name);
  }
}
