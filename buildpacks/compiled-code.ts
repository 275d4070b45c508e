import { execFile } from 'node:child_process';
import { readdir, symlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import { openToAll } from './open-to-all.ts';

/*
 * Decision: what a build job loads is compiled once, by us, for all users: loading takes a third of a second otherwise, of every build. Node keeps
 * compiled code by version and user (`v24.1.0-x64-964aae3f-0`); another user reads ours by a link of its own name, and can write nothing there.
 * Where Node names its directories otherwise nothing is found, and all is compiled as without.
 */

/** Starts a program that ends when it is loaded, for want of arguments, so that Node leaves its compiled code in `dir`, for all to read. */
export async function compileInto(dir: string, node: string, program: string): Promise<void> {
  await promisify(execFile)(node, [program], { env: { NODE_COMPILE_CACHE: dir }, timeout: 60_000 }).catch(() => undefined);
  await openToAll(dir).catch(() => undefined);
}

/** Lets a user find what root has compiled. */
export async function shareCompiled(dir: string, uid: number): Promise<void> {
  const own = (await readdir(dir).catch(() => [])).filter((name) => name.endsWith('-0'));
  for (const name of own) await symlink(name, `${dir}/${name.replace(/-0$/, `-${uid}`)}`).catch(() => undefined);
}
