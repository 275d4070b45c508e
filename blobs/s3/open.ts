import type { Logger } from '../../service/log.ts';
import type { SigningKeys } from '../signature.ts';
import type { BlobStore } from '../store.ts';
import { createUploads, sweepUploads } from '../uploads.ts';
import { openBucket } from './bucket.ts';
import { untilBucketAnswers } from './check-bucket.ts';
import type { S3Settings } from './settings.ts';
import { createS3Store } from './store.ts';
import { sweepBucket } from './sweep-bucket.ts';

const SWEEP_EVERY_MS = 60 * 60 * 1000;

/** The store of the settings' bucket, once that answers. What killed processes left is swept now and every hour. */
export async function openS3Store(settings: S3Settings, key: SigningKeys, log: Logger, signal: AbortSignal): Promise<{ store: BlobStore; close(): void }> {
  const { SLIPWAY_S3_SCRATCH_DIR: scratch, SLIPWAY_S3_SCRATCH_MB: megabytes } = settings;
  const bucket = openBucket(settings);
  await untilBucketAnswers(bucket, ({ message }) => { log.warn(`${message} Trying again.`); }, signal);
  await sweepUploads(scratch);
  const sweep = async (): Promise<void> => {
    const swept = await sweepBucket(bucket);
    if (swept > 0) log.info({ swept }, 'aborted uploads that killed processes had left in the bucket');
  };
  const trySweep = (): Promise<void> => sweep().catch((error: unknown) => { log.warn({ error }, 'could not look for uploads that killed processes left in the bucket'); });
  await trySweep();
  const timer = setInterval(() => { void trySweep(); }, SWEEP_EVERY_MS);
  return {
    store: createS3Store({ bucket, uploads: createUploads(scratch, megabytes * 1024 * 1024), key }),
    close: () => { clearInterval(timer); bucket.client.destroy(); },
  };
}
