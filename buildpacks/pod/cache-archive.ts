import { createWriteStream } from 'node:fs';
import { lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib';
import { c, x } from 'tar';
import { putBlob } from '../lifecycle/slug.ts';

/** Fast: it is on the way of every build that changed something of its cache. */
const LEVEL = 1;

/** Fills `dir` with what the last build kept. What cannot be had is a cold build, never a failed one. */
export async function restoreCache(url: string | null, dir: string): Promise<{ cacheHit: boolean }> {
  await mkdir(dir, { recursive: true });
  if (url === null) return { cacheHit: false };
  try {
    const response = await fetch(url);
    if (!response.ok || !response.body) return { cacheHit: false };
    const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
    await pipeline(body, createZstdDecompress(), x({ cwd: dir, preserveOwner: false, maxDecompressionRatio: Infinity, strict: true }));
    return { cacheHit: true };
  } catch {
    for (const name of await readdir(dir)) await rm(join(dir, name), { recursive: true, force: true });
    return { cacheHit: false };
  }
}

/** Stores the cache and answers its digest; null: it could not be stored, which costs the next build some time and this one nothing. */
export async function saveCache(url: string, dir: string, work: string): Promise<{ digest: string | null; bytes: number }> {
  const file = join(work, 'cache.tar.zst');
  try {
    await pipeline(c({ cwd: dir, portable: true }, await readdir(dir)), createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: LEVEL } }), createWriteStream(file, { mode: 0o600 }));
    const { digest, size } = await putBlob(url, file);
    return { digest, bytes: size };
  } catch {
    return { digest: null, bytes: 0 };
  } finally {
    await rm(file, { force: true });
  }
}

/** Which files there are, and when each was written: whether a build changed its cache. */
export async function fingerprint(dir: string): Promise<string> {
  const entries: string[] = [];
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name);
    const { size, mtimeMs } = await lstat(path);
    entries.push(`${path} ${size} ${Math.floor(mtimeMs / 1000)}`);
  }
  return entries.sort().join('\n');
}
