import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { git, gitEnv, gitOrNull } from './git.ts';
import type { GitSetting } from './git.ts';
import { openNetwork, startPublicProxy } from './public-proxy.ts';
import type { Network } from './public-proxy.ts';
import { invalidSource } from './refused.ts';
import { ATTRIBUTES } from './repository.ts';

/** A submodule's tree, and where in the source it goes. */
export interface SubmoduleTree { dir: string; commit: string; path: string }

export interface SubmoduleOptions {
  /** The app's repository; fetched submodules are kept in it, each commit by itself. */
  dir: string; commit: string; maxBytes: number;
  network?: Network; settings?: GitSetting[];
}

interface Submodule { path: string; commit: string; url: string }

const MAX_DEPTH = 5;
const MAX_SUBMODULES = 100;
const FETCH_MS = 600_000;
const KEPT_MS = 24 * 3_600_000;

/** Fetches what a commit's submodules name, nested ones too: public https repositories only. Throws Refused (SOURCE_INVALID). */
export async function fetchSubmodules({ dir, commit, maxBytes, network = openNetwork, settings = [] }: SubmoduleOptions): Promise<SubmoduleTree[]> {
  const first = await findSubmodules(dir, commit, '');
  if (first.length === 0) return [];
  const proxy = await startPublicProxy(network, maxBytes);
  const store = join(dir, 'submodules');
  const trees: SubmoduleTree[] = [];
  const add = async (submodules: Submodule[], depth: number): Promise<void> => {
    for (const submodule of submodules) {
      if (depth > MAX_DEPTH || trees.length >= MAX_SUBMODULES) throw invalidSource(`There are too many submodules, or they are nested too deep: ${submodule.path}.`, 'too many submodules');
      const fetched = await fetchOne(store, submodule, proxy, settings);
      trees.push({ dir: fetched, commit: submodule.commit, path: submodule.path });
      await add(await findSubmodules(fetched, submodule.commit, `${submodule.path}/`), depth + 1);
    }
  };
  try {
    await add(first, 1);
  } finally { proxy.close(); }
  await forgetOld(store);
  return trees;
}

async function findSubmodules(dir: string, commit: string, prefix: string): Promise<Submodule[]> {
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
    if (!url) throw invalidSource(`${prefix}${path} is a repository inside the repository, and .gitmodules has no URL for it. Add it as a submodule, or run "git rm --cached ${path}" and commit its files.`, 'a submodule without a URL');
    return { path: prefix + path, commit: at, url };
  });
}

/** One commit of a public https repository, as a repository of its own: whole or not there at all. */
async function fetchOne(store: string, { path, url, commit }: Submodule, proxy: { url: string; refusal(): string | null }, settings: GitSetting[]): Promise<string> {
  const refused = (why: string): Error => invalidSource(`Submodule ${path} (${url.slice(0, 200)}) cannot be fetched: ${why}.`, `submodule ${path}`);
  if (!URL.canParse(url)) throw refused('its URL is not absolute; use https://…');
  const parsed = new URL(url);
  if (parsed.protocol !== 'https:' || parsed.username !== '' || parsed.password !== '') throw refused('only public https URLs without a password may be named');
  const dir = join(store, `${commit}.git`);
  if (existsSync(dir)) {
    await utimes(dir, new Date(), new Date());
    return dir;
  }
  const half = join(store, `new-${randomUUID()}`);
  await mkdir(half, { recursive: true, mode: 0o700 });
  try {
    await git(half, ['init', '-q', '--bare', '--template=', '.']);
    await mkdir(join(half, 'info'));
    await writeFile(join(half, 'info/attributes'), ATTRIBUTES);
    const limits: GitSetting[] = [
      ['protocol.allow', 'never'], ['protocol.https.allow', 'always'], ['http.proxy', proxy.url], ['http.followRedirects', 'initial'], ['http.lowSpeedLimit', '1000'], ['http.lowSpeedTime', '60'],
      ['fetch.fsckObjects', 'true'], ...settings,
    ];
    await git(half, ['fetch', '-q', '--no-tags', '--no-recurse-submodules', '--depth', '1', url, commit], gitEnv(half, limits), AbortSignal.timeout(FETCH_MS)).catch((error: unknown) => {
      throw refused(proxy.refusal() ?? (error instanceof Error ? error.message.trim().split('\n').at(-1) ?? '' : 'git failed'));
    });
    await rename(half, dir).catch(() => { if (!existsSync(dir)) throw new Error(`${half} could not be renamed`); });
  } finally { await rm(half, { recursive: true, force: true }); }
  return dir;
}

/** What no push has used for a day is not kept. */
async function forgetOld(store: string): Promise<void> {
  for (const name of await readdir(store)) {
    const path = join(store, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > KEPT_MS) await rm(path, { recursive: true, force: true });
  }
}
