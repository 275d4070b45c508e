import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A program's own directories: `app` is its working directory and home, `tmp` for what is temporary; `own`, not made here, for what it changes where `app` is a mount. */
export interface Place { app: string; tmp: string; own: string }

/** Makes them empty. Until `openPlace` nobody but us gets in: no process of that user can put a link in the way of what we write there. */
export async function makePlace(dir: string, uid: number | undefined): Promise<Place> {
  await removeTree(dir);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const place = { app: join(dir, 'app'), tmp: join(dir, 'tmp'), own: join(dir, 'own') };
  for (const path of [place.app, place.tmp]) {
    await mkdir(path, { mode: 0o700 });
    if (uid !== undefined) await chown(path, uid, uid);
  }
  return place;
}

/** Lets the user in; only the user. */
export async function openPlace(dir: string, uid: number | undefined): Promise<void> {
  if (uid === undefined) return;
  await chown(dir, 0, uid);
  await chmod(dir, 0o710);
}

/** The system's rm: it goes by descriptors, so that a process which swaps a directory for a link while we delete gains nothing. Throws where one fills it meanwhile. */
export async function removeTree(dir: string): Promise<void> {
  if (existsSync(dir)) await promisify(execFile)('rm', ['-rf', '--', dir]);
}

export function removeTreeNow(dir: string): void {
  execFileSync('rm', ['-rf', '--', dir], { stdio: ['ignore', 'ignore', 'pipe'] });
}
