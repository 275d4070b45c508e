import { DeleteObjectCommand, GetObjectCommand } from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import { createSigner, isBelieved } from '../signature.ts';
import type { SigningKeys } from '../signature.ts';
import { blobPath } from '../store.ts';
import type { BlobKind, BlobStore } from '../store.ts';
import type { Uploads } from '../uploads.ts';
import { sizeOf } from './bucket.ts';
import type { Bucket } from './bucket.ts';
import { isMissing, storeError } from './problem.ts';
import { createFileUpload } from './upload-file.ts';

export interface S3StoreOptions {
  bucket: Bucket;
  /** Where content is until its digest, and with that its name, is known. */
  uploads: Uploads;
  /** Signs URLs; the handler of blobs/http.ts verifies with the same one. */
  key: SigningKeys;
}

/** A download that broke off goes on where it was so many times without a byte between them. */
const RESUMES = 3;

/** Blobs as objects, `<prefix><kind>/<first two of the digest>/<digest>`. Only whole content of a known digest is sent to the bucket, and what is there already is not sent again. */
export function createS3Store({ bucket, uploads, key }: S3StoreOptions): BlobStore {
  const { client, name, prefix } = bucket;
  const uploadFile = createFileUpload(bucket);
  const keyOf = (kind: BlobKind, digest: string): string => prefix + blobPath(kind, digest);
  return {
    ...createSigner(key),
    believes: (other) => Promise.resolve(isBelieved(key, other)),
    put: (kind, content, maxBytes) => uploads.receive(content, maxBytes, async ({ digest, size, file }) => {
      const target = keyOf(kind, digest);
      if (await sizeOf(bucket, target) === size) return;
      await uploadFile(target, file, size).catch((error: unknown) => { throw storeError(error, name); });
    }),
    get: async (kind, digest, range) => {
      const open = (from: number): ReturnType<typeof openObject> => openObject(bucket, keyOf(kind, digest), from, range?.end);
      const first = await open(range?.start ?? 0);
      if (!first) return null;
      const stream = Readable.from(readOn(first.body, range?.start ?? 0, open, name), { objectMode: false });
      // Of a stream that is destroyed before it is read the generator never hears.
      stream.once('close', () => { first.body.destroy(); });
      return { size: first.size, stream };
    },
    has: async (kind, digest) => {
      const size = await sizeOf(bucket, keyOf(kind, digest));
      return size === null ? null : { digest, size };
    },
    delete: async (kind, digest) => {
      await client.send(new DeleteObjectCommand({ Bucket: name, Key: keyOf(kind, digest) })).catch((error: unknown) => { throw storeError(error, name); });
    },
  };
}

async function openObject({ client, name }: Bucket, key: string, from: number, to: number | undefined): Promise<{ size: number; body: Readable } | null> {
  const range = from === 0 && to === undefined ? {} : { Range: `bytes=${from}-${to ?? ''}` };
  try {
    const { Body, ContentLength, ContentRange } = await client.send(new GetObjectCommand({ Bucket: name, Key: key, ...range }));
    return { size: Number(ContentRange?.split('/')[1] ?? ContentLength), body: Body as Readable };
  } catch (error) {
    if (isMissing(error)) return null;
    throw storeError(error, name);
  }
}

/** The bytes of an object; where they break off, the rest is asked for. */
async function* readOn(first: Readable, start: number, open: (from: number) => Promise<{ body: Readable } | null>, bucketName: string): AsyncGenerator<Buffer> {
  let [at, failures, body] = [start, 0, first];
  let chunks = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  try {
    for (;;) {
      let next: IteratorResult<Buffer>;
      try { next = await chunks.next(); } catch (error) {
        const rest = ++failures > RESUMES ? null : await open(at);
        if (!rest) throw storeError(error, bucketName);
        body = rest.body;
        chunks = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
        continue;
      }
      if (next.done) return;
      at += next.value.length;
      failures = 0;
      yield next.value;
    }
  } finally { body.destroy(); }
}
