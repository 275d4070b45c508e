import { spawn } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import ipaddr from 'ipaddr.js';
import { extract, pack } from 'tar-stream';
import type { Pack } from 'tar-stream';
import { z } from 'zod';
import { ask } from '../../bus/ask.ts';
import type { Bus } from '../../bus/connect.ts';
import { pushSource } from '../../bus/push.ts';
import { git, gitEnv, gitOrNull } from './git.ts';

/** The tree cannot be stored as it is; the message is for the person who pushes. */
export class SourceError extends Error {}

const stored = z.object({ digest: z.hex(), size: z.number() });
const MAX_DEPTH = 5;

interface Submodule { path: string; commit: string; url: string }

/** Streams a commit's tree, submodules and all, as a tarball into source storage. Throws SourceError, BusError. */
export async function storeSource(bus: Bus, dir: string, appId: string, commit: string): Promise<{ digest: string; size: number }> {
  const { putUrl } = await ask(bus, pushSource, { appId });
  const submodules = await findSubmodules(dir, commit);
  const failure = new AbortController();
  const tar = submodules.length === 0 ? archive(dir, commit) : withSubmodules(dir, commit, submodules, failure);
  const upload: RequestInit & { duplex: 'half' } = { method: 'PUT', body: Readable.toWeb(tar) as unknown as BodyInit, duplex: 'half', signal: failure.signal };
  const response = await fetch(putUrl, upload).catch((error: unknown) => {
    if (failure.signal.reason instanceof SourceError) throw failure.signal.reason;
    throw new SourceError('The source could not be stored: the platform\'s storage did not answer. Push again.', { cause: error });
  });
  if (!response.ok) throw new SourceError(response.status === 507 ? 'The disk of the platform\'s storage is full. Tell its operator.' : response.status === 413 ? 'The source is too large.' : `The source could not be stored (${response.status}). Push again.`);
  return stored.parse(await response.json());
}

/** `git archive` of bytes as they were committed (see info/attributes). */
function archive(dir: string, commit: string): Readable {
  const output = new PassThrough();
  const child = spawn('git', ['-C', dir, 'archive', '--format=tar', commit], { env: gitEnv(dir), stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.pipe(output, { end: false });
  child.once('close', (code) => { if (code === 0) output.end(); else output.destroy(new SourceError('git could not read the pushed tree.')); });
  return output;
}

async function findSubmodules(dir: string, commit: string): Promise<Submodule[]> {
  const links = (await git(dir, ['ls-tree', '-r', '-z', commit])).split('\0').flatMap((line) => {
    const match = /^160000 commit ([0-9a-f]+)\t(.+)$/s.exec(line);
    return match?.[1] && match[2] ? [{ commit: match[1], path: match[2] }] : [];
  });
  if (links.length === 0) return [];
  const config = await gitOrNull(dir, ['config', '--blob', `${commit}:.gitmodules`, '-z', '--list']) ?? '';
  const settings = new Map(config.split('\0').map((entry) => { const [key = '', ...value] = entry.split('\n'); return [key, value.join('\n')]; }));
  return links.map(({ path, commit: at }) => {
    const name = [...settings].find(([key, value]) => key.startsWith('submodule.') && key.endsWith('.path') && value === path)?.[0].slice('submodule.'.length, -'.path'.length);
    const url = name === undefined ? undefined : settings.get(`submodule.${name}.url`);
    if (!url) throw new SourceError(`Submodule ${path} has no URL in .gitmodules.`);
    return { path, commit: at, url };
  });
}

function withSubmodules(dir: string, commit: string, submodules: Submodule[], failure: AbortController): Readable {
  const tar = pack();
  const output = new PassThrough();
  pipeline(tar, output).catch(() => undefined);
  void (async () => {
    try {
      await addTree(tar, dir, commit, '');
      for (const submodule of submodules) await addSubmodule(tar, dir, submodule, submodule.path, 1);
      tar.finalize();
    } catch (error) {
      failure.abort(error instanceof SourceError ? error : new SourceError('The tree with its submodules could not be read.', { cause: error }));
    }
  })();
  return output;
}

async function addSubmodule(tar: Pack, dir: string, { commit, url, path }: Submodule, prefix: string, depth: number): Promise<void> {
  if (depth > MAX_DEPTH) throw new SourceError(`Submodules are nested deeper than ${MAX_DEPTH}: ${prefix}.`);
  const store = await fetchSubmodule(dir, url, commit, path);
  await addTree(tar, store, commit, `${prefix}/`);
  for (const inner of await findSubmodules(store, commit)) await addSubmodule(tar, store, inner, `${prefix}/${inner.path}`, depth + 1);
}

/** Fetches one commit of a public https repository; its host is resolved once, checked, and that very address is used. */
async function fetchSubmodule(dir: string, url: string, commit: string, path: string): Promise<string> {
  const refused = (why: string): SourceError => new SourceError(`Submodule ${path} (${url.slice(0, 200)}) cannot be fetched: ${why}`);
  let parsed: URL;
  try { parsed = new URL(url); } catch { throw refused('its URL is not absolute; use https://…'); }
  if (parsed.protocol !== 'https:' || parsed.username !== '' || parsed.password !== '') throw refused('only public https URLs without a password may be named.');
  const addresses = await lookup(parsed.hostname, { all: true }).catch(() => { throw refused('its host was not found.'); });
  const [first] = addresses;
  if (!first || addresses.some(({ address }) => ipaddr.process(address).range() !== 'unicast')) throw refused('its host has a private address.');
  const store = join(dir, 'submodules.git');
  await mkdir(store, { recursive: true, mode: 0o700 });
  await git(store, ['init', '-q', '--bare', '--template=', '.']);
  const fetchArgs = [
    '-c', 'protocol.allow=never', '-c', 'protocol.https.allow=always', '-c', 'http.followRedirects=false', '-c', `http.curloptResolve=${parsed.hostname}:${parsed.port || '443'}:${first.address}`,
    '-c', 'fetch.fsckObjects=true', 'fetch', '-q', '--no-tags', '--no-recurse-submodules', '--depth', '1', url, commit,
  ];
  if (await gitOrNull(store, ['cat-file', '-e', `${commit}^{tree}`]) === null) {
    await git(store, fetchArgs).catch((error: unknown) => { throw refused(`git says: ${error instanceof Error ? error.message.split('\n').at(-2) ?? '' : ''}`); });
  }
  return store;
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
