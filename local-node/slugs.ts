import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { chown, mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { createZstdDecompress } from 'node:zlib';

/** The slug cannot be had or is not what its digest says: no later try with the same digest and a good URL needs to fail. */
export class SlugError extends Error {}

/** Slugs are kept until this many newer ones were used. */
const KEPT = 20;

export interface Slugs {
  /** Fetches a slug where it is not here yet, and unpacks it as `uid` into a directory of that user's own. Throws SlugError. */
  unpack(digest: string, url: string, dir: string, uid: number | undefined): Promise<void>;
}

export function createSlugs(root: string): Slugs {
  const fetching = new Map<string, Promise<void>>();
  const fetchOnce = (digest: string, url: string): Promise<void> => {
    let running = fetching.get(digest);
    if (!running) {
      running = fetchSlug(root, digest, url).finally(() => { fetching.delete(digest); });
      fetching.set(digest, running);
    }
    return running;
  };
  return {
    unpack: async (digest, url, dir, uid) => {
      const file = join(root, digest);
      if (existsSync(file)) await utimes(file, new Date(), new Date());
      else await fetchOnce(digest, url);
      await rm(dir, { recursive: true, force: true });
      await mkdir(dir, { recursive: true, mode: 0o700 });
      if (uid !== undefined) await chown(dir, uid, uid);
      await untar(file, dir, uid);
    },
  };
}

async function fetchSlug(root: string, digest: string, url: string): Promise<void> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  const response = await fetch(url).catch((error: unknown) => { throw new SlugError('slug storage did not answer', { cause: error }); });
  if (!response.ok || !response.body) throw new SlugError(`slug storage answered ${response.status}`);
  const part = join(root, `${digest}.${process.pid}.part`);
  const hash = createHash('sha256');
  try {
    const file = await open(part, 'w', 0o600);
    try {
      for await (const chunk of Readable.fromWeb(response.body as ReadableStream<Uint8Array>)) {
        hash.update(chunk as Uint8Array);
        await file.write(chunk as Uint8Array);
      }
    } finally { await file.close(); }
    if (hash.digest('hex') !== digest) throw new SlugError('slug content is not what its digest says');
    await rename(part, join(root, digest));
  } catch (error) {
    await rm(part, { force: true });
    throw error instanceof SlugError ? error : new SlugError(`slug could not be fetched: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  await dropOld(root);
}

async function dropOld(root: string): Promise<void> {
  const files = await Promise.all((await readdir(root)).map(async (name) => ({ name, used: (await stat(join(root, name)).catch(() => null))?.mtimeMs ?? 0 })));
  for (const { name } of files.sort((a, b) => b.used - a.used).slice(KEPT)) await rm(join(root, name), { force: true });
}

/** The system's tar, as the app's own user: whatever the archive tries, it can only write where that user may. */
async function untar(file: string, dir: string, uid: number | undefined): Promise<void> {
  const tar = spawn('tar', ['-xf', '-', '--no-same-owner'], { cwd: dir, ...(uid === undefined ? {} : { uid, gid: uid }), stdio: ['pipe', 'ignore', 'pipe'], env: { PATH: process.env.PATH } });
  let said = '';
  tar.stderr.on('data', (chunk: Buffer) => { said = (said + chunk.toString()).slice(-500); });
  const ended = new Promise<number | null>((resolve, reject) => { tar.once('error', reject); tar.once('close', resolve); });
  await pipeline(createReadStream(file), createZstdDecompress(), tar.stdin).catch(() => undefined);
  if (await ended !== 0) throw new SlugError(`slug could not be unpacked: ${said.trim()}`);
}
