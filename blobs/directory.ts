import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { createSigner, isBelieved } from './signature.ts';
import type { SigningKeys } from './signature.ts';
import { blobPath } from './store.ts';
import type { BlobKind, BlobStore, ByteRange } from './store.ts';
import { createUploads, sweepUploads } from './uploads.ts';
import type { Upload } from './uploads.ts';

export interface DirectoryStoreOptions {
  dir: string;
  /** Signs URLs; the handler of blobs/http.ts verifies with the same one. */
  key: SigningKeys;
}

const uploadsOf = (dir: string): string => join(dir, 'uploads');

/** Blobs as files of mode 0600, `<kind>/<first two of the digest>/<digest>`. What is there is whole: it is written aside, synced, and renamed. */
export function createDirectoryStore({ dir, key }: DirectoryStoreOptions): BlobStore {
  const uploads = createUploads(uploadsOf(dir));
  const pathOf = (kind: BlobKind, digest: string): string => join(dir, blobPath(kind, digest));
  return {
    ...createSigner(key),
    believes: (other) => Promise.resolve(isBelieved(key, other)),
    put: (kind, content, maxBytes) => uploads.receive(content, maxBytes, (upload) => keep(upload, pathOf(kind, upload.digest))),
    get: async (kind, digest, range) => get(pathOf(kind, digest), range),
    has: async (kind, digest) => {
      const found = await stat(pathOf(kind, digest)).catch(nullIfMissing);
      return found && { digest, size: found.size };
    },
    delete: async (kind, digest) => rm(pathOf(kind, digest), { force: true }),
  };
}

async function keep({ path, file }: Upload, target: string): Promise<void> {
  await file.sync();
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  await rename(path, target);
  await syncDirectory(dirname(target));
}

async function syncDirectory(dir: string): Promise<void> {
  const handle = await open(dir, 'r');
  try { await handle.sync(); } finally { await handle.close(); }
}

async function get(path: string, range?: ByteRange): Promise<{ size: number; stream: Readable } | null> {
  const file = await open(path, 'r').catch(nullIfMissing);
  if (!file) return null;
  const { size } = await file.stat();
  return { size, stream: file.createReadStream(range ?? {}) };
}

function nullIfMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}

/** Removes what killed processes left half-written; called at start, before this process puts anything. */
export const sweepDirectory = (dir: string): Promise<void> => sweepUploads(uploadsOf(dir));
