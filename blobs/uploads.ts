import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { open, readdir, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { BlobStoreUnavailable, BlobTooLarge } from './store.ts';
import type { StoredBlob } from './store.ts';

/** Content that is here whole, as a file of mode 0600 that is open for reading, and is no blob yet. */
export interface Upload extends StoredBlob { path: string; file: FileHandle }

export interface Uploads {
  /** Writes a stream aside and gives it to `keep`; whatever happens, nothing is left here but what `keep` moved away. A stream that fails or is too long (BlobTooLarge) is not given. */
  receive(content: Readable, maxBytes: number, keep: (upload: Upload) => Promise<void>): Promise<StoredBlob>;
}

/** @param capacity bytes that all uploads of this process may take at once; more are refused with BlobStoreUnavailable */
export function createUploads(dir: string, capacity = Infinity): Uploads {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  let used = 0;
  const write = async (file: FileHandle, content: Readable, maxBytes: number, take: (bytes: number) => void): Promise<StoredBlob> => {
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of content) {
      const bytes = chunk as Buffer;
      size += bytes.length;
      if (size > maxBytes) throw new BlobTooLarge(maxBytes);
      take(bytes.length);
      hash.update(bytes);
      await file.writeFile(bytes);
    }
    return { digest: hash.digest('hex'), size };
  };
  return {
    receive: async (content, maxBytes, keep) => {
      const path = join(dir, `${process.pid}-${randomUUID()}`);
      let taken = 0;
      const take = (bytes: number): void => {
        if (used + bytes > capacity) throw new BlobStoreUnavailable('Uploads that are under way fill the space that they have.');
        used += bytes;
        taken += bytes;
      };
      try {
        const file = await open(path, 'wx+', 0o600);
        try {
          const stored = await write(file, content, maxBytes, take);
          await keep({ ...stored, path, file });
          return stored;
        } finally {
          await file.close();
        }
      } catch (error) {
        content.destroy();
        throw error;
      } finally {
        await rm(path, { force: true });
        used -= taken;
      }
    },
  };
}

/** An upload that nobody has written to for so long is dead even if its process id is in use (again). */
const DEAD_AFTER_MS = 60 * 60 * 1000;

/** Removes what killed processes left half-written; called at start, before this process puts anything. */
export async function sweepUploads(dir: string): Promise<void> {
  for (const name of await readdir(dir).catch(() => [])) {
    const path = join(dir, name);
    const pid = Number(name.split('-')[0]);
    const found = await stat(path).catch((error: NodeJS.ErrnoException) => { if (error.code === 'ENOENT') return null; throw error; });
    if (found && (pid === process.pid || !isAlive(pid) || Date.now() - found.mtimeMs > DEAD_AFTER_MS)) await rm(path, { force: true });
  }
}

function isAlive(pid: number): boolean {
  try { process.kill(pid, 0); return true; } catch (error) { return (error as NodeJS.ErrnoException).code === 'EPERM'; }
}
