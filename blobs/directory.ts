import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { createSigner } from './signature.ts';
import { BlobTooLarge, isDigest } from './store.ts';
import type { BlobKind, BlobStore, ByteRange, StoredBlob } from './store.ts';

export interface DirectoryStoreOptions {
  dir: string;
  /** Signs URLs; the handler of blobs/http.ts verifies with the same one. */
  key: Buffer;
}

const UPLOADS = 'uploads';

/** Blobs as files of mode 0600, `<kind>/<first two of the digest>/<digest>`. What is there is whole: it is written aside, synced, and renamed. */
export function createDirectoryStore({ dir, key }: DirectoryStoreOptions): BlobStore {
  mkdirSync(join(dir, UPLOADS), { recursive: true, mode: 0o700 });
  return {
    ...createSigner(key),
    put: (kind, content, maxBytes) => put(dir, kind, content, maxBytes),
    get: (kind, digest, range) => get(pathOf(dir, kind, digest), range),
    has: async (kind, digest) => {
      const found = await stat(pathOf(dir, kind, digest)).catch(nullIfMissing);
      return found && { digest, size: found.size };
    },
    delete: (kind, digest) => rm(pathOf(dir, kind, digest), { force: true }),
  };
}

/** Throws for what is no digest, so that no name leads out of the directory. */
function pathOf(dir: string, kind: BlobKind, digest: string): string {
  if (!isDigest(digest)) throw new Error(`"${digest.slice(0, 80)}" is no SHA-256 digest.`);
  return join(dir, kind, digest.slice(0, 2), digest);
}

async function put(dir: string, kind: BlobKind, content: Readable, maxBytes: number): Promise<StoredBlob> {
  const upload = join(dir, UPLOADS, `${process.pid}-${randomUUID()}`);
  try {
    const file = await open(upload, 'wx', 0o600);
    let stored: StoredBlob;
    try {
      stored = await writeHashed(file, content, maxBytes);
      await file.sync();
    } finally {
      await file.close();
    }
    const target = pathOf(dir, kind, stored.digest);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await rename(upload, target);
    await syncDirectory(dirname(target));
    return stored;
  } catch (error) {
    content.destroy();
    await rm(upload, { force: true });
    throw error;
  }
}

async function writeHashed(file: FileHandle, content: Readable, maxBytes: number): Promise<StoredBlob> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of content) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > maxBytes) throw new BlobTooLarge(maxBytes);
    hash.update(bytes);
    await file.writeFile(bytes);
  }
  return { digest: hash.digest('hex'), size };
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

/** An upload that nobody has written to for so long is dead even if its process id is in use (again). */
const DEAD_AFTER_MS = 60 * 60 * 1000;

/** Removes what killed processes left half-written; called at start, before this process puts anything. */
export async function sweepUploads(dir: string): Promise<void> {
  const uploads = join(dir, UPLOADS);
  for (const name of await readdir(uploads).catch(() => [])) {
    const path = join(uploads, name);
    const pid = Number(name.split('-')[0]);
    const found = await stat(path).catch(nullIfMissing);
    if (found && (pid === process.pid || !isAlive(pid) || Date.now() - found.mtimeMs > DEAD_AFTER_MS)) await rm(path, { force: true });
  }
}

function isAlive(pid: number): boolean {
  try { process.kill(pid, 0); return true; } catch (error) { return (error as NodeJS.ErrnoException).code === 'EPERM'; }
}
