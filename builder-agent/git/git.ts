import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** One setting of git's, for one command. */
export type GitSetting = [name: string, value: string];

/** The environment of every git we start: nothing of root's own settings, no prompt, no helper program; `settings` are git's configuration for this run. */
export function gitEnv(home: string, settings: GitSetting[] = []): Record<string, string> {
  // A repository that was restored by another user is still ours.
  const all: GitSetting[] = [['safe.directory', '*'], ...settings];
  return {
    PATH: process.env.PATH ?? '', HOME: home, LANG: 'C.UTF-8', GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0', GIT_ASKPASS: '/bin/false', GIT_CONFIG_COUNT: String(all.length),
    ...Object.fromEntries(all.flatMap(([name, value], index) => [[`GIT_CONFIG_KEY_${index}`, name], [`GIT_CONFIG_VALUE_${index}`, value]])),
  };
}

/** Output of a listing of all files of a large tree. */
const MAX_OUTPUT = 256 * 1024 * 1024;

/** Runs git in a repository and answers its output without the last newline; throws on any exit code but 0. */
export async function git(dir: string, args: string[], env: Record<string, string> = {}, signal?: AbortSignal): Promise<string> {
  const { stdout } = await run('git', ['-C', dir, ...args], { env: { ...gitEnv(dir), ...env }, maxBuffer: MAX_OUTPUT, ...(signal ? { signal } : {}) });
  return stdout.replace(/\n$/, '');
}

/** Null where git says no (an unknown revision, a key that is not set); throws where it could not be asked. */
export function gitOrNull(dir: string, args: string[], env: Record<string, string> = {}): Promise<string | null> {
  return git(dir, args, env).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && typeof error.code === 'number') return null;
    throw error;
  });
}

/** The commit that a ref is at; null: there is no such ref. */
export function tipOf(dir: string, ref: string): Promise<string | null> {
  return gitOrNull(dir, ['rev-parse', '--verify', '-q', ref]);
}

/** Whether the one commit is the other, or comes before it. */
export async function isAncestor(dir: string, older: string, newer: string, env: Record<string, string> = {}): Promise<boolean> {
  return older === newer || await gitOrNull(dir, ['merge-base', '--is-ancestor', older, newer], env) !== null;
}
