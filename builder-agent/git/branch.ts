import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { git, gitOrNull, tipOf } from './git.ts';

/*
 * A branch that deploys moves when git is told `ok`, and `ok` is what the pusher waited for: a live release, or with `-o detach` the build.
 * A release that fails later brings it back to where the last live deploy left it. So a push that failed can always be made again: git
 * sends nothing for a branch that is "up to date".
 */

/** Branches whose pushes deploy. */
export const DEPLOY_REFS = ['refs/heads/main', 'refs/heads/master'];

const KEPT = 'refs/slipway/builds';
const liveRef = (branch: string): string => `refs/slipway/live/${branch}`;

/** Keeps a commit's objects until its deploy has ended, and notes that it has not: what is kept at a start was not finished. */
export async function keepCommit(dir: string, buildId: string, commit: string): Promise<void> {
  await git(dir, ['update-ref', `${KEPT}/${buildId}`, commit]);
}

/** The deploy has ended, or never came to be. */
export async function forgetCommit(dir: string, buildId: string): Promise<void> {
  await gitOrNull(dir, ['update-ref', '-d', `${KEPT}/${buildId}`]);
}

/** Builds whose commits are kept. They are files: nothing packs these refs. */
export async function keptBuilds(dir: string): Promise<string[]> {
  return (await readdir(join(dir, KEPT)).catch(() => [])).filter((name) => /^[0-9a-f-]{36}$/.test(name));
}

export interface Move { branch: string; commit: string }

/** Moves the branch to a commit, from wherever it is. Call it under the app's lock. */
export async function moveBranch(dir: string, { branch, commit }: Move): Promise<void> {
  const ref = `refs/heads/${branch}`;
  const tip = await tipOf(dir, ref);
  if (tip !== commit) await git(dir, ['update-ref', ref, commit, tip ?? '0'.repeat(commit.length)]);
  // Who clones gets the branch that is deployed.
  await git(dir, ['symbolic-ref', 'HEAD', ref]);
}

/** The branch's commit is live: a deploy that fails comes back to it. */
export async function noteLive(dir: string, { branch, commit }: Move): Promise<void> {
  await git(dir, ['update-ref', liveRef(branch), commit]);
}

/** The commit's release failed: if the branch is there already, it goes back to its last live commit, or away where it never was live. */
export async function bringBack(dir: string, { branch, commit }: Move): Promise<void> {
  const ref = `refs/heads/${branch}`;
  if (await tipOf(dir, ref) !== commit) return;
  const live = await tipOf(dir, liveRef(branch));
  if (live === null) await git(dir, ['update-ref', '-d', ref, commit]);
  else if (live !== commit) await git(dir, ['update-ref', ref, live, commit]);
}
