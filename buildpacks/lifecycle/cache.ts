import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Output } from './output.ts';

/** Looks after what the next build will find: a cache that would leave too little of the build's disk is dropped, and that is said. */
export async function tidyCache(dir: string, maxBytes: number, output: Output): Promise<{ bytes: number }> {
  const bytes = await sizeOf(dir);
  if (bytes <= maxBytes) return { bytes };
  output.say(`       The build cache is larger than ${Math.floor(maxBytes / 1024 / 1024)} MB: dropped, the next build makes a new one.`);
  for (const name of await readdir(dir)) await rm(join(dir, name), { recursive: true, force: true });
  return { bytes: 0 };
}

async function sizeOf(dir: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += (await lstat(join(entry.parentPath, entry.name)).catch(() => null))?.size ?? 0;
  }
  return bytes;
}
