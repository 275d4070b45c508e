import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { git } from './git.ts';

/** Branches whose pushes deploy. */
export const DEPLOY_REFS = ['refs/heads/main', 'refs/heads/master'];

/** Pushed trees are built as they are: no file is left out, converted or expanded on the way. This beats every .gitattributes. */
const ATTRIBUTES = '* -export-ignore -export-subst -ident -filter -text -eol -working-tree-encoding\n';

/** What a leftover of a killed push may be old at the least; a push that goes on writes. */
const STALE_MS = 24 * 3_600_000;

export interface Repositories {
  /** The app's bare repository; made where it is missing, whole or not at all. */
  open(appId: string): Promise<string>;
}

export function createRepositories(root: string, hooks: { node: string; script: string }): Repositories {
  const opening = new Map<string, Promise<string>>();
  return {
    open: (appId) => {
      const known = opening.get(appId);
      if (known) return known;
      const opened = openRepository(root, appId, hooks);
      opening.set(appId, opened);
      opened.catch(() => { opening.delete(appId); });
      return opened;
    },
  };
}

async function openRepository(root: string, appId: string, hooks: { node: string; script: string }): Promise<string> {
  const dir = join(root, `${appId}.git`);
  if (!existsSync(dir)) {
    const half = join(root, `.new-${appId}-${process.pid}`);
    await rm(half, { recursive: true, force: true });
    await mkdir(half, { recursive: true, mode: 0o700 });
    await git(half, ['init', '-q', '--bare', '-b', 'main', '--template=', '.']);
    await rename(half, dir);
  }
  await mkdir(join(dir, 'hooks'), { recursive: true });
  await mkdir(join(dir, 'info'), { recursive: true });
  await writeFile(join(dir, 'info/attributes'), ATTRIBUTES);
  for (const name of ['pre-receive', 'proc-receive']) await writeFile(join(dir, 'hooks', name), hookScript(hooks, name), { mode: 0o755 });
  await sweepUploads(join(dir, 'objects'));
  return dir;
}

/** Paths are ours, quoted for the case of a space. */
function hookScript({ node, script }: { node: string; script: string }, name: string): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
  return `#!/bin/sh\nexec ${quoted(node)} ${quoted(script)} ${name}\n`;
}

/** A push whose git was killed leaves its quarantine behind. */
async function sweepUploads(objects: string): Promise<void> {
  for (const name of await readdir(objects).catch(() => [])) {
    if (!name.startsWith('tmp_objdir-')) continue;
    const path = join(objects, name);
    if (Date.now() - (await stat(path)).mtimeMs > STALE_MS) await rm(path, { recursive: true, force: true });
  }
}

/** Settings of every push, by environment: they are the same for old repositories as for new ones. */
export function pushConfig(maxBytes: number): Record<string, string> {
  const settings = [
    ['http.receivepack', 'true'], ['receive.advertisePushOptions', 'true'], ['receive.keepAlive', '5'], ['receive.maxInputSize', String(maxBytes)], ['receive.autogc', 'false'], ['gc.auto', '0'],
    ['receive.fsckObjects', 'true'], ['receive.fsck.zeroPaddedFilemode', 'ignore'], ['receive.fsck.missingSpaceBeforeDate', 'ignore'], ['transfer.hideRefs', 'refs/slipway'], ['safe.directory', '*'],
    ...DEPLOY_REFS.map((ref) => ['receive.procReceiveRefs', ref]),
  ];
  return Object.fromEntries([['GIT_CONFIG_COUNT', String(settings.length)], ...settings.flatMap(([key, value], index) => [[`GIT_CONFIG_KEY_${index}`, key ?? ''], [`GIT_CONFIG_VALUE_${index}`, value ?? '']])]);
}
