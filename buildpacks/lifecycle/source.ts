import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { posix } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { x } from 'tar';
import { BuildFailure, toFailure } from './failure.ts';
import { retry, UnavailableError } from './retry.ts';

/** Fetches the source tarball, checks its digest, and unpacks it into `dir` (made new). */
export async function fetchSource(url: string, digest: string, dir: string): Promise<{ bytes: number }> {
  return retry('the source', async () => {
    await rm(dir, { recursive: true, force: true });
    await mkdir(dir, { mode: 0o755 });
    const response = await fetch(url).catch((error: unknown) => { throw new UnavailableError('The source could not be fetched.', { cause: error }); });
    if (response.status >= 500) throw new UnavailableError(`The source could not be fetched: HTTP ${response.status}.`);
    if (!response.ok || !response.body) throw new BuildFailure('INTERNAL', `The source could not be fetched: HTTP ${response.status}.`, 'Push again.');
    const hash = createHash('sha256');
    let bytes = 0;
    const measure = new Transform({ transform(chunk: Buffer, _encoding, done) { hash.update(chunk); bytes += chunk.length; done(null, chunk); } });
    const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
    body.on('error', (error) => { measure.destroy(new UnavailableError('The source broke off.', { cause: error })); });
    await unpack(body.pipe(measure), dir);
    if (hash.digest('hex') !== digest) throw new BuildFailure('INTERNAL', 'The source that arrived is not the one that was pushed.', 'Push again; if it stays, tell the operator.');
    return { bytes };
  });
}

/** Unpacks a tarball (plain, gzip or zstd); throws SOURCE_INVALID for any entry that would lie, or point, outside of `dir`. */
export async function unpack(tarball: Readable, dir: string): Promise<void> {
  let refused: BuildFailure | null = null;
  const unpacker = x({
    cwd: dir, preserveOwner: false, noMtime: true, maxDecompressionRatio: Infinity,
    filter: (path, entry) => {
      const problem = 'type' in entry ? problemOf(path, String(entry.type), String(entry.linkpath ?? '')) : null;
      if (problem) refused ??= new BuildFailure('SOURCE_INVALID', problem, 'Remove it from the repository and push again.');
      return problem === null && refused === null;
    },
    onwarn: (code, message) => {
      if (code !== 'TAR_ENTRY_INFO') refused ??= whatIsWrong(code, String(message));
    },
  });
  await pipeline(tarball, unpacker).catch((error: Error & { tarCode?: string }) => {
    if (refused === null && error.tarCode === undefined) throw error;
    refused ??= whatIsWrong(error.tarCode ?? '', error.message);
  });
  if (refused) throw refused;
}

function whatIsWrong(code: string, message: string): BuildFailure {
  const failure = toFailure(new Error(message));
  return failure.reason === 'DISK_FULL' ? failure : new BuildFailure('SOURCE_INVALID', `The source cannot be unpacked: ${message} (${code}).`, 'Push again; if it stays, look at this file in the repository.');
}

function problemOf(path: string, type: string, target: string): string | null {
  if (isOutside(path)) return `The source has a file outside of it: ${path}`;
  if (type === 'SymbolicLink' && (posix.isAbsolute(target) || isOutside(posix.join(posix.dirname(path), target)))) {
    return `The symbolic link ${path} points outside of the source: ${target}`;
  }
  if (type === 'Link' && isOutside(target)) return `The link ${path} points outside of the source: ${target}`;
  if (!['File', 'OldFile', 'ContiguousFile', 'Directory', 'SymbolicLink', 'Link'].includes(type)) return `The source has a file of a kind that cannot be built: ${path} (${type})`;
  return null;
}

const isOutside = (path: string): boolean => posix.isAbsolute(path) || posix.normalize(path).split('/')[0] === '..';
