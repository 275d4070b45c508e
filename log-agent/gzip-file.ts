import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

/** The first bytes of what a gzip file holds. */
export async function gunzipHead(path: string, bytes: number): Promise<Buffer> {
  const gunzip = createGunzip();
  const source = createReadStream(path, { highWaterMark: 16 * 1024 });
  source.once('error', (error) => { gunzip.destroy(error); });
  source.pipe(gunzip);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of gunzip) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      if (size >= bytes) break;
    }
  } finally {
    source.destroy();
  }
  return Buffer.concat(chunks).subarray(0, bytes);
}

/** What a gzip file holds, as an open file without a name: it goes with its handle. Reads at any byte, as of a file that was never compressed. */
export async function openGunzipped(path: string): Promise<FileHandle> {
  const name = join(tmpdir(), `slip-log-${randomUUID()}`);
  const handle = await open(name, 'wx+', 0o600);
  try {
    await rm(name);
    await pipeline(createReadStream(path), createGunzip(), async function write(chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) await handle.writeFile(chunk);
    });
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}
