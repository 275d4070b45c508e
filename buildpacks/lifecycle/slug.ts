import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { lstat, readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress } from 'node:zlib';
import { pack as createTar } from 'tar-stream';
import type { Header, Pack } from 'tar-stream';
import { z } from 'zod';
import { RUN_USER } from '../stack.ts';
import { BuildFailure } from './failure.ts';
import { retry, UnavailableError } from './retry.ts';

/** Files up to this size are read once, larger ones twice (their time comes from their content, and stands before it). */
const SMALL_BYTES = 4 * 1024 * 1024;

/** Larger pieces than Node's own: the compressor works in a thread, and each piece costs a turn. */
const CHUNK_BYTES = 1024 * 1024;

/** Never part of a slug. */
const leftOut = new Set(['.git']);

/**
 * Packs a directory into a tarball, zstd-compressed: the same files give the same bytes, whoever owns them and whenever they were
 * written. Throws SLUG_TOO_LARGE.
 */
export async function packSlug(dir: string, file: string, maxBytes: number): Promise<{ digest: string; size: number; files: number }> {
  const hash = createHash('sha256');
  let size = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      size += chunk.length;
      done(size > maxBytes ? tooLarge(maxBytes) : null, chunk);
    },
  });
  const compress = createZstdCompress({ chunkSize: CHUNK_BYTES, params: { [constants.ZSTD_c_compressionLevel]: 3 } });
  const tar = createTar();
  const files = await packTree(tar, dir, { prefix: '', owner: 0 }, pipeline(tar, compress, measure, createWriteStream(file, { mode: 0o600 })));
  return { digest: hash.digest('hex'), size, files };
}

/** The same files as an uncompressed tarball whose root is `/`: the app is in /app, and its user's own. */
export async function packForImage(dir: string, file: string): Promise<void> {
  const tar = createTar();
  await packTree(tar, dir, { prefix: 'app', owner: RUN_USER }, pipeline(tar, createWriteStream(file, { mode: 0o644 })));
}

interface Placement { prefix: string; owner: number }

async function packTree(tar: Pack, dir: string, placement: Placement, written: Promise<void>): Promise<number> {
  let files = 0;
  const add = async (): Promise<void> => {
    const { prefix, owner } = placement;
    if (prefix !== '') await write(tar, { ...rootEntry(owner), name: prefix, type: 'directory', mode: 0o755 });
    for await (const path of walk(dir, '')) { await addEntry(tar, dir, path, placement); files++; }
    tar.finalize();
  };
  const added = add();
  added.catch((error: unknown) => { tar.destroy(error instanceof Error ? error : new Error(String(error))); });
  // Whichever fails ends the other; the pipeline knows the first cause.
  await written;
  await added;
  return files;
}

const rootEntry = (owner: number): Partial<Header> => ({ uid: owner, gid: owner, uname: '', gname: '', mtime: new Date(0) });

const tooLarge = (maxBytes: number): BuildFailure => new BuildFailure(
  'SLUG_TOO_LARGE', `The slug is larger than ${Math.floor(maxBytes / 1024 / 1024)} MB.`,
  'Remove what the app does not need to run (large files in the repository, development dependencies), or ask the operator for more (SLIPWAY_SLUG_MB).',
);

/** All paths below, parents first, in the order of their bytes. */
async function* walk(root: string, below: string): AsyncGenerator<string> {
  const entries = (await readdir(join(root, below), { withFileTypes: true })).filter(({ name }) => !(below === '' && leftOut.has(name)));
  for (const entry of entries.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    yield path;
    if (entry.isDirectory()) yield* walk(root, path);
  }
}

async function addEntry(tar: Pack, root: string, path: string, { prefix, owner }: Placement): Promise<void> {
  const file = join(root, path);
  const found = await lstat(file);
  const entry: Partial<Header> & { name: string } = { ...rootEntry(owner), name: prefix === '' ? path : `${prefix}/${path}` };
  if (found.isDirectory()) return write(tar, { ...entry, type: 'directory', mode: 0o755 });
  if (found.isSymbolicLink()) return write(tar, { ...entry, type: 'symlink', mode: 0o777, linkname: await readlink(file) });
  if (!found.isFile()) return undefined;
  const mode = found.mode & 0o111 ? 0o755 : 0o644;
  if (found.size <= SMALL_BYTES) {
    const content = await readFile(file);
    return write(tar, { ...entry, type: 'file', mode, mtime: timeOf(createHash('sha256').update(content).digest()), size: content.length }, content);
  }
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES })) hash.update(chunk as Buffer);
  return write(tar, { ...entry, type: 'file', mode, mtime: timeOf(hash.digest()), size: found.size }, createReadStream(file, { end: found.size - 1, highWaterMark: CHUNK_BYTES }));
}

/** A time made of the content: web servers make ETags of size and time, and one time for all would let a browser keep an old file. */
const timeOf = (digest: Buffer): Date => new Date((1_000_000_000 + digest.readUInt32BE(0) % 500_000_000) * 1000);

function write(tar: Pack, header: Partial<Header> & { name: string }, content?: Buffer | Readable): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null): void => { if (error) reject(error); else resolve(); };
    if (content instanceof Readable) { content.on('error', reject).pipe(tar.entry(header, done)); return; }
    if (content) tar.entry(header, content, done); else tar.entry(header, done);
    // A destroyed pack calls nobody back.
    if (tar.destroyed) reject(new Error('the tarball ended early'));
  });
}

const stored = z.object({ digest: z.string(), size: z.number() });

/** Puts the slug into slug storage by its signed URL. */
export async function uploadSlug(url: string, file: string, digest: string): Promise<void> {
  await retry('storing the slug', async () => {
    const answer = await putBlob(url, file);
    if (answer.digest !== digest) throw new UnavailableError('The slug that was stored is not the one that was sent.');
  });
}

/** Puts a file into blob storage by a signed URL. Throws UnavailableError where another try may help. */
export async function putBlob(url: string, file: string): Promise<{ digest: string; size: number }> {
  const { size } = await stat(file);
  // `duplex` is asked for by fetch where a body is a stream, and not in its types.
  const request: RequestInit & { duplex: 'half' } = { method: 'PUT', body: Readable.toWeb(createReadStream(file)) as NonNullable<RequestInit['body']>, duplex: 'half', headers: { 'content-length': String(size) } };
  const response = await fetch(url, request)
    .catch((error: unknown) => { throw new UnavailableError('The slug could not be stored.', { cause: error }); });
  const text = await response.text().catch((error: unknown) => { throw new UnavailableError('The slug storage did not answer.', { cause: error }); });
  if (response.status >= 500) throw new UnavailableError(`The slug could not be stored: HTTP ${response.status}.`);
  if (response.status === 413) throw new BuildFailure('SLUG_TOO_LARGE', 'The slug is larger than the slug storage takes.', 'Make the app smaller.');
  if (!response.ok) throw new Error(`The slug could not be stored: HTTP ${response.status}.`);
  return stored.parse(JSON.parse(text));
}
