import { DeleteObjectCommand, ListMultipartUploadsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { createDirectoryStore } from '../../blobs/directory.ts';
import { openBucket } from '../../blobs/s3/bucket.ts';
import type { Bucket } from '../../blobs/s3/bucket.ts';
import { createS3Store } from '../../blobs/s3/store.ts';
import type { BlobStore } from '../../blobs/store.ts';
import { createUploads } from '../../blobs/uploads.ts';
import { startFakeS3 } from './fake-s3.ts';
import type { FakeS3 } from './fake-s3.ts';
import { makeTemp } from './temp.ts';
import type { Scope } from './temp.ts';

/** A store, and a look behind it: names of all that is kept, whole or half-done. */
export interface OpenPlace { store: BlobStore; kept(): Promise<string[]> }
/** Where blobs can be. All of them pass the same tests. */
export interface BlobPlace { name: string; open(scope: Scope, key: Buffer): Promise<OpenPlace> }

/** All files below a directory, by their names. */
export async function filesUnder(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

const directory: BlobPlace = {
  name: 'a directory',
  open: async (scope, key) => {
    const dir = await makeTemp(scope, 'slip-blobs-');
    return { store: createDirectoryStore({ dir, key }), kept: () => filesUnder(dir) };
  },
};

const bucket: BlobPlace = {
  name: 'a bucket',
  open: async (scope, key) => {
    const { SLIPWAY_TEST_S3_ENDPOINT: endpoint, SLIPWAY_TEST_S3_BUCKET: name } = process.env;
    // A real server that the developer has, or else the one of the tests.
    if (endpoint === undefined || name === undefined) return openFakePlace(scope, key, await startFakeS3(scope));
    const opened = openBucket({ SLIPWAY_S3_BUCKET: name, SLIPWAY_S3_ENDPOINT: endpoint, SLIPWAY_S3_REGION: process.env.SLIPWAY_TEST_S3_REGION ?? 'us-east-1', SLIPWAY_S3_PREFIX: `test-${randomUUID()}/` });
    scope.after(async () => { for (const Key of (await listBucket(opened)).keys) await opened.client.send(new DeleteObjectCommand({ Bucket: opened.name, Key })); opened.client.destroy(); });
    return openPlace(scope, key, opened);
  },
};

export const blobPlaces = [directory, bucket];

/** Blobs in the bucket of a fake S3, below a prefix. */
export function openFakePlace(scope: Scope, key: Buffer, s3: FakeS3): Promise<OpenPlace & { scratch: string; bucket: Bucket }> {
  const opened = openBucket({ ...s3.env, SLIPWAY_S3_PREFIX: 'slip way/' }, s3.account);
  scope.after(async () => { opened.client.destroy(); });
  return openPlace(scope, key, opened);
}

async function openPlace(scope: Scope, key: Buffer, opened: Bucket): Promise<OpenPlace & { scratch: string; bucket: Bucket }> {
  const scratch = await makeTemp(scope, 'slip-scratch-');
  return {
    scratch, bucket: opened, store: createS3Store({ bucket: opened, uploads: createUploads(scratch), key }),
    kept: async () => {
      const { keys, uploads } = await listBucket(opened);
      return [...await filesUnder(scratch), ...keys.map((path) => path.split('/').at(-1) ?? ''), ...uploads];
    },
  };
}

async function listBucket({ client, name: Bucket, prefix: Prefix }: Bucket): Promise<{ keys: string[]; uploads: string[] }> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix }));
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix }));
  return { keys: Contents.map(({ Key = '' }) => Key), uploads: Uploads.map(({ UploadId = '' }) => UploadId) };
}
