import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DEPLOY_REFS } from './branch.ts';
import { git } from './git.ts';
import type { GitSetting } from './git.ts';

/** Pushed trees are built as they are: no file is left out, converted or expanded on the way. This beats every .gitattributes. */
export const ATTRIBUTES = '* -export-ignore -export-subst -ident -filter -text -eol -working-tree-encoding\n';

export interface Repositories {
  /** The app's bare repository; made where it is missing, whole or not at all. */
  open(appId: string): Promise<string>;
  path(appId: string): string;
  /** The apps that have one. */
  list(): Promise<string[]>;
}

export interface Hooks {
  node: string; script: string;
  /** Where Node keeps the hook compiled: it starts in half the time, and a pusher waits for two. */
  cacheDir: string;
}

export function createRepositories(root: string, hooks: Hooks): Repositories {
  const opening = new Map<string, Promise<string>>();
  const open = async (appId: string): Promise<string> => {
    const known = opening.get(appId);
    const opened = known ?? openRepository(root, appId, hooks);
    opening.set(appId, opened);
    try {
      const dir = await opened;
      if (!known || existsSync(join(dir, 'HEAD'))) return dir;
    } catch (error) {
      if (opening.get(appId) === opened) opening.delete(appId);
      throw error;
    }
    // Deleted by hand while we ran: made anew.
    if (opening.get(appId) === opened) opening.delete(appId);
    return open(appId);
  };
  return {
    open,
    path: (appId) => join(root, `${appId}.git`),
    list: async () => (await readdir(root)).flatMap((name) => /^([0-9a-f-]{36})\.git$/.exec(name)?.[1] ?? []),
  };
}

async function openRepository(root: string, appId: string, hooks: Hooks): Promise<string> {
  const dir = join(root, `${appId}.git`);
  if (existsSync(join(dir, 'HEAD'))) await sweepLeftovers(dir);
  else {
    const half = join(root, `.new-${appId}`);
    await rm(half, { recursive: true, force: true });
    await mkdir(half, { recursive: true, mode: 0o700 });
    await git(half, ['init', '-q', '--bare', '-b', 'main', '--template=', '.']);
    await rm(dir, { recursive: true, force: true });
    await rename(half, dir);
  }
  await mkdir(join(dir, 'hooks'), { recursive: true });
  await mkdir(join(dir, 'info'), { recursive: true });
  await writeFile(join(dir, 'info/attributes'), ATTRIBUTES);
  for (const name of ['pre-receive', 'proc-receive']) {
    await writeFile(join(dir, 'hooks', name), hookScript(hooks, name));
    // Not every backup keeps modes, and to git a hook that may not run is none.
    await chmod(join(dir, 'hooks', name), 0o755);
  }
  return dir;
}

/** Paths are ours, quoted for the case of a space. */
function hookScript({ node, script, cacheDir }: Hooks, name: string): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
  return `#!/bin/sh\nexport NODE_COMPILE_CACHE=${quoted(cacheDir)}\nexec ${quoted(node)} ${quoted(script)} ${name}\n`;
}

/** What a server that was killed left behind: a repository is first opened before any push of ours, so nobody uses these. */
async function sweepLeftovers(dir: string): Promise<void> {
  const objects = join(dir, 'objects');
  for (const name of await readdir(objects).catch(() => [])) if (name.startsWith('tmp_objdir-')) await rm(join(objects, name), { recursive: true, force: true });
  // A lock that nobody holds would refuse every move of its ref for ever.
  for (const name of await readdir(join(dir, 'refs'), { recursive: true }).catch(() => [])) if (name.endsWith('.lock')) await rm(join(dir, 'refs', name), { force: true });
  for (const name of ['HEAD.lock', 'packed-refs.lock', 'gc.pid']) await rm(join(dir, name), { force: true });
}

/** Settings of every push and fetch, by environment: they are the same for old repositories as for new ones. */
export function serverSettings(maxPushBytes: number): GitSetting[] {
  return [
    ['http.receivepack', 'true'], ['receive.advertisePushOptions', 'true'], ['receive.keepAlive', '5'], ['receive.maxInputSize', String(maxPushBytes)], ['receive.autogc', 'false'],
    // Packs are kept as they come: unpacked, each of their files would be held in memory and compressed again.
    ['receive.unpackLimit', '1'], ['receive.fsckObjects', 'true'], ['receive.fsck.zeroPaddedFilemode', 'ignore'], ['receive.fsck.missingSpaceBeforeDate', 'ignore'], ['transfer.hideRefs', 'refs/slipway'],
    ...DEPLOY_REFS.map((ref): GitSetting => ['receive.procReceiveRefs', ref]),
  ];
}

/** Packs what many pushes left loose; the refs stay files (see keptBuilds). Nothing to do is the usual case. */
export async function tidy(dir: string): Promise<void> {
  await git(dir, ['-c', 'gc.autoDetach=false', '-c', 'gc.packRefs=false', 'gc', '--auto', '--quiet']);
}
