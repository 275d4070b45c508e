import type { Readable } from 'node:stream';

/** Kinds of blobs; a blob is named by its kind and the SHA-256 of its content. */
export const blobKinds = ['sources', 'slugs', 'logs', 'caches'] as const;
export type BlobKind = (typeof blobKinds)[number];

/** What names a blob, and never leads out of where blobs are. */
export const isDigest = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

/** Where a blob lies below the root of a directory or a bucket, the same in both: one can be copied to the other. Throws for what is no digest, so that no name leads out. */
export function blobPath(kind: BlobKind, digest: string): string {
  if (!isDigest(digest)) throw new Error(`"${digest.slice(0, 80)}" is no SHA-256 digest.`);
  return `${kind}/${digest.slice(0, 2)}/${digest}`;
}

/** Whether a blob could lie there. */
export function isBlobPath(path: string): boolean {
  const [kind, , digest = ''] = path.split('/');
  return blobKinds.some((known) => known === kind && isDigest(digest) && path === blobPath(known, digest));
}

export interface StoredBlob { digest: string; size: number }

/** Bytes from `start` to `end`, both included. */
export interface ByteRange { start: number; end: number }

/** What was put is longer than it may be. */
export class BlobTooLarge extends Error {
  readonly maxBytes: number;
  constructor(maxBytes: number) {
    super(`The content is larger than ${maxBytes} bytes.`);
    this.maxBytes = maxBytes;
  }
}

/** The storage does not answer, refuses us or has too much to do, as a bucket can: nothing was stored, and later it may work. */
export class BlobStoreUnavailable extends Error {}

/** Content-addressed storage: a directory, S3-compatible storage, or a blob server that has one of these. Its signed URLs are served by blobs/http.ts. */
export interface BlobStore {
  /** What anyone who has it may GET until it expires: a path under the platform's own origin. */
  signGet(kind: BlobKind, digest: string, seconds: number): string;
  /** The same for one PUT of any content up to `maxBytes`; it answers the JSON of a StoredBlob, also to who asks again. */
  signPut(kind: BlobKind, maxBytes: number, seconds: number): string;
  /** Stores a stream under its digest. A stream that fails, or is longer than `maxBytes` (BlobTooLarge), leaves nothing. */
  put(kind: BlobKind, content: Readable, maxBytes: number): Promise<StoredBlob>;
  /** Null: there is no such blob. `size` is the whole blob's, the stream is the range's. Who takes it reads it or destroys it. */
  get(kind: BlobKind, digest: string, range?: ByteRange): Promise<{ size: number; stream: Readable } | null>;
  has(kind: BlobKind, digest: string): Promise<StoredBlob | null>;
  delete(kind: BlobKind, digest: string): Promise<void>;
  /** Whether URLs signed by this key are served: before a new key signs, whoever serves them must have it. */
  believes(key: Buffer): Promise<boolean>;
}
