import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { chmod, chown, link, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { createZstdDecompress } from 'node:zlib';
import { makeLayers } from './layers.ts';
import type { Layers } from './layers.ts';
import type { Place } from './place.ts';

/** The slug is not there or not what its digest says: the same again would fail again. */
export class SlugError extends Error {}
/** Slug storage cannot be reached now: try again. */
export class SlugUnavailable extends Error {}

export interface WantedFiles { appId: string; digest: string; url: string; uid: number | undefined }

export interface Slugs {
  /** Puts a slug's files into the place, the user's own to write: at once as a copy, or as layers for whoever starts its program. Fetched and unpacked once an app. Throws SlugError, SlugUnavailable. */
  provide(wanted: WantedFiles, place: Place, signal: AbortSignal): Promise<Layers | null>;
  forget(appId: string): Promise<void>;
}

export interface SlugsOptions {
  /** The node's directory. */
  dir: string;
  /** Undefined: there are no users. */
  unpacker: number | undefined;
  /** Whether programs run above the unpacked slug, or in a copy of it. */
  layered: boolean;
  /** Whether a program of the app has these files. */
  isUsed(appId: string, digest: string): boolean;
}

/** Unpacked slugs of an app that are kept beside those in use: the newest used ones. */
const KEPT = 4;

/*
 * Decision: each start gets files of its own, as on Heroku: what a process wrote into its directory must not outlive it (a stale pid file ends many a
 * restart) nor reach another replica. In a copy, large programs (Node is 120 MB) are hard links to one file that the app may execute and not write.
 * Archives are unpacked by a user that no app runs as: a process of the app could enter the directory through its own user's tar, and swap
 * folders for links under the hands of root.
 */
export function createSlugs({ dir, unpacker, layered, isUsed }: SlugsOptions): Slugs {
  // What is unpacked for the one is not fit for the other.
  const root = join(dir, layered ? 'slugs' : 'slug-copies');
  const making = new Map<string, Promise<void>>();
  const make = async (template: string, wanted: WantedFiles, signal: AbortSignal): Promise<void> => {
    await makeTemplate(template, wanted, unpacker, layered, signal);
    // Nobody waits for it; what is left is dropped the next time.
    void dropOld(join(root, wanted.appId), (digest) => making.has(join(root, wanted.appId, digest)) || isUsed(wanted.appId, digest)).catch(() => undefined);
  };
  const makeOnce = (template: string, wanted: WantedFiles, signal: AbortSignal): Promise<void> => {
    const running = making.get(template) ?? make(template, wanted, signal).finally(() => { making.delete(template); });
    making.set(template, running);
    return running;
  };
  return {
    provide: async (wanted, place, signal) => {
      const template = join(root, wanted.appId, wanted.digest);
      await mkdir(join(root, wanted.appId), { recursive: true, mode: 0o700 });
      if (!await touch(template)) await makeOnce(template, wanted, signal);
      if (!layered || wanted.uid === undefined) {
        await copyTemplate(template, place.app);
        return null;
      }
      const layers = { dir, slug: join(template, 'tree'), own: place.own };
      await makeLayers(layers, wanted.uid);
      return layers;
    },
    forget: (appId) => rm(join(root, appId), { recursive: true, force: true }),
  };
}

async function copyTemplate(template: string, to: string): Promise<void> {
  await run('cp', ['-a', `${join(template, 'tree')}/.`, to]);
  const programs = JSON.parse(await readFile(join(template, 'programs.json'), 'utf8')) as string[];
  for (const [index, path] of programs.entries()) await link(join(template, 'programs', String(index)), join(to, path));
}

const touch = (path: string): Promise<boolean> => utimes(path, new Date(), new Date()).then(() => true, () => false);

async function makeTemplate(template: string, { digest, url, uid }: WantedFiles, unpacker: number | undefined, layered: boolean, signal: AbortSignal): Promise<void> {
  const part = `${template}.${randomUUID()}`;
  const tree = join(part, 'tree');
  try {
    await mkdir(part, { mode: 0o711 });
    await mkdir(tree, { mode: 0o700 });
    if (unpacker !== undefined) await chown(tree, unpacker, unpacker);
    await fetchInto(tree, digest, url, unpacker, signal);
    if (!layered) await setProgramsAside(part, uid);
    // Only what the archive made: a hard link to another's file stays another's.
    if (uid !== undefined && unpacker !== undefined) await run('find', [tree, '-uid', String(unpacker), '-exec', 'chown', '-h', `${uid}:${uid}`, '{}', '+']);
    await rename(part, template);
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

/** Fetches, checks and unpacks in one pass; nothing of it is used before its digest is known to be right. */
async function fetchInto(tree: string, digest: string, url: string, unpacker: number | undefined, signal: AbortSignal): Promise<void> {
  const response = await fetch(url, { signal }).catch((error: unknown) => { throw new SlugUnavailable('slug storage did not answer', { cause: error }); });
  if (response.status >= 500 || !response.body) throw new SlugUnavailable(`slug storage answered ${response.status}`);
  if (!response.ok) throw new SlugError(`slug storage answered ${response.status}`);
  const hash = createHash('sha256');
  const measure = new Transform({ transform(chunk: Buffer, _encoding, done) { hash.update(chunk); done(null, chunk); } });
  // The system's tar: whatever the archive tries, it can only write where its user may.
  const tar = spawn('tar', ['-xpf', '-', '--no-same-owner'], { cwd: tree, ...(unpacker === undefined ? {} : { uid: unpacker, gid: unpacker }), stdio: ['pipe', 'ignore', 'pipe'], env: { PATH: process.env.PATH } });
  const ended = endOf(tar);
  let failure: NodeJS.ErrnoException | undefined;
  await pipeline(Readable.fromWeb(response.body as ReadableStream<Uint8Array>), measure, createZstdDecompress(), tar.stdin, { signal }).catch((error: NodeJS.ErrnoException) => { failure = error; });
  const { code, said } = await ended;
  if (failure && !['EPIPE', 'ERR_STREAM_PREMATURE_CLOSE'].includes(failure.code ?? '') && !failure.code?.startsWith('Z')) throw new SlugUnavailable('slug storage broke off', { cause: failure });
  if (code !== 0) throw new SlugError(`slug could not be unpacked: ${said}`);
  if (failure || hash.digest('hex') !== digest) throw new SlugError('slug content is not what its digest says', { cause: failure });
}

/** Programs over 1 MB become links in each copy; owned by us and read-only, so that no copy can change another's. */
async function setProgramsAside(part: string, uid: number | undefined): Promise<void> {
  const tree = join(part, 'tree');
  await mkdir(join(part, 'programs'), { mode: 0o711 });
  const found = (await run('find', [tree, '-type', 'f', '-size', '+1024k', '-perm', '-100', '-print0'])).split('\0').filter((path) => path !== '' && !path.includes('\ufffd'));
  for (const [index, path] of found.entries()) {
    const program = join(part, 'programs', String(index));
    await rename(path, program);
    if (uid !== undefined) await chown(program, 0, uid);
    await chmod(program, 0o555);
  }
  await writeFile(join(part, 'programs.json'), JSON.stringify(found.map((path) => path.slice(tree.length + 1))));
}

async function dropOld(dir: string, isUsed: (digest: string) => boolean): Promise<void> {
  const entries = await Promise.all((await readdir(dir)).map(async (name) => ({ name, used: (await stat(join(dir, name)).catch(() => null))?.mtimeMs ?? 0 })));
  for (const { name } of entries.sort((a, b) => b.used - a.used).slice(KEPT)) {
    const digest = name.replace(/\..*/, '');
    if (isUsed(digest)) continue;
    // By another name first: half a slug must not be taken for one.
    const dropped = join(dir, `${digest}.${randomUUID()}`);
    await rename(join(dir, name), dropped);
    await rm(dropped, { recursive: true, force: true });
  }
}

async function run(program: string, args: string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH, LC_ALL: 'C' } });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const { code, said } = await endOf(child);
  if (code !== 0) throw new SlugError(`slug could not be copied: ${said}`);
  return Buffer.concat(chunks).toString();
}

function endOf(child: ReturnType<typeof spawn>): Promise<{ code: number | null; said: string }> {
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => { said = (said + chunk.toString()).slice(-500); });
  return new Promise((resolve, reject) => { child.once('error', reject); child.once('close', (code) => { resolve({ code, said: said.trim() }); }); });
}
