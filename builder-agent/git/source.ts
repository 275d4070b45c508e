import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, pack } from 'tar-stream';
import type { Pack } from 'tar-stream';
import { z } from 'zod';
import { ask } from '../../bus/ask.ts';
import type { Bus } from '../../bus/connect.ts';
import { pushSource } from '../../bus/push.ts';
import { gitEnv } from './git.ts';
import { put } from './put.ts';
import { invalidSource, Refused } from './refused.ts';
import { fetchSubmodules } from './submodule.ts';
import type { SubmoduleOptions, SubmoduleTree } from './submodule.ts';

const stored = z.object({ digest: z.hex(), size: z.number() });
export type StoredSource = z.infer<typeof stored>;

/** Streams a commit's tree, submodules and all, as a tarball into source storage. Throws Refused, BusError. */
export async function storeSource({ bus, appId, ...options }: SubmoduleOptions & { bus: Bus; appId: string }): Promise<StoredSource> {
  const { putUrl } = await ask(bus, pushSource, { appId });
  const tar = await packSource(options);
  // It breaks off with the upload, and the upload with it; the upload's error is the one that counts.
  let broken: unknown;
  tar.once('error', (error) => { broken = error; });
  try {
    const answer = await put(putUrl, tar);
    if (answer.status < 200 || answer.status > 299) throw refusedBy(answer.status);
    return stored.parse(JSON.parse(answer.text));
  } catch (error) {
    if (error instanceof Refused) throw error;
    if (broken !== undefined) throw broken instanceof Error ? broken : new Error('the tree could not be read');
    throw new Refused('The source could not be stored: the platform\'s storage did not answer. Nothing was changed; push again.', 'the source could not be stored, push again', { cause: error });
  } finally { tar.destroy(); }
}

/** A commit's tree with its submodules in place, as a tarball: the same bytes that were committed, whatever .gitattributes say. Throws Refused. */
export async function packSource(options: SubmoduleOptions): Promise<Readable> {
  const submodules = await fetchSubmodules(options);
  return submodules.length === 0 ? archive(options.dir, options.commit) : withSubmodules(options.dir, options.commit, submodules);
}

function refusedBy(status: number): Refused {
  if (status === 413) return invalidSource('The tree is larger than the platform takes. Keep large files out of git.', 'too large');
  const why = status === 507 ? 'The disk of the platform\'s storage is full: tell its operator' : `The source could not be stored (${status}): push again`;
  return new Refused(`${why}. Nothing was changed.`, 'the source could not be stored');
}

/** `git archive` of bytes as they were committed (see info/attributes); git ends with its reader. */
function archive(dir: string, commit: string): Readable {
  const child = spawn('git', ['-C', dir, 'archive', '--format=tar', commit], { env: gitEnv(dir), stdio: ['ignore', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => { complaint = (complaint + chunk.toString()).slice(-2_000); });
  const exit = new Promise<number | null>((resolve) => { child.once('error', () => { resolve(null); }).once('close', resolve); });
  const content = async function* (): AsyncGenerator<Buffer> {
    try {
      yield* child.stdout as AsyncIterable<Buffer>;
      if (await exit !== 0) throw new Error(`git archive failed: ${complaint}`);
    } finally { child.kill('SIGKILL'); }
  };
  return Readable.from(content(), { objectMode: false });
}

function withSubmodules(dir: string, commit: string, submodules: SubmoduleTree[]): Readable {
  const tar = pack();
  void (async () => {
    try {
      await addTree(tar, dir, commit, '');
      for (const submodule of submodules) await addTree(tar, submodule.dir, submodule.commit, `${submodule.path}/`);
      tar.finalize();
    } catch (error) { tar.destroy(error instanceof Error ? error : new Error('the tree could not be read')); }
  })();
  return Readable.from(tar as AsyncIterable<Buffer>, { objectMode: false });
}

async function addTree(tar: Pack, dir: string, commit: string, prefix: string): Promise<void> {
  const reader = extract();
  const done = pipeline(archive(dir, commit), reader);
  done.catch(() => undefined);
  for await (const entry of reader) {
    const header = { ...entry.header, name: `${prefix}${entry.header.name}` };
    if (header.type === 'file') await pipeline(entry, tar.entry(header));
    else { tar.entry(header, () => undefined); entry.resume(); }
  }
  await done;
}
