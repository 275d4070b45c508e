import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';

/*
 * Decision: a program of an app sees its slug through an overlay: the unpacked files, which all its programs share, below a layer of its own, which
 * takes what it changes. A start costs a mount and not a copy of thousands of files, and shared files are in memory once. The mount is in a
 * namespace of the program's own: it ends with it, whoever killed it, and nobody else sees it. Where it cannot be had (macOS, without root, some
 * containers and file systems), slugs.ts copies.
 */
const SCRIPT = readFileSync(new URL('./layers.sh', import.meta.url), 'utf8');

/** A slug's files, and where the program's own changes go: both below `dir`, by paths of our making. */
export interface Layers { dir: string; slug: string; own: string }

/** Makes the empty own layer; nobody gets at it but through the mount. */
export async function makeLayers(layers: Layers, uid: number): Promise<void> {
  for (const path of [layers.own, join(layers.own, 'files'), join(layers.own, 'work')]) await mkdir(path, { mode: 0o700 });
  await chown(join(layers.own, 'files'), uid, uid);
}

/** The arguments that run a program above its slug, mounted at `app`, as the user; its process is the one that is spawned. */
export const aboveSlug = ({ dir, slug, own }: Layers, app: string, uid: number, args: readonly string[]): string[] =>
  ['unshare', '--mount', '--propagation', 'slave', '/bin/sh', '-c', SCRIPT, 'layers', dir, relative(dir, slug), relative(dir, own), app, String(uid), ...args];

/** Whether this system lets us, on the file system of `dir`: found out by doing it. */
export async function canLayer(dir: string, uid: number): Promise<boolean> {
  const trial = await mkdtemp(join(dir, 'layers-'));
  const layers = { dir, slug: join(trial, 'slug'), own: join(trial, 'own') };
  const app = join(trial, 'app');
  try {
    for (const path of [layers.slug, app]) await mkdir(path);
    await makeLayers(layers, uid);
    await writeFile(join(layers.slug, 'file'), 'below');
    await chown(join(layers.slug, 'file'), uid, uid);
    const [program = '', ...args] = aboveSlug(layers, app, uid, ['/bin/sh', '-c', '[ "$(cat file)" = below ] && echo above > file && id -u']);
    const { stdout } = await promisify(execFile)(program, args, { timeout: 10_000 });
    return stdout.trim() === String(uid);
  } catch {
    return false;
  } finally {
    await rm(trial, { recursive: true, force: true });
  }
}
