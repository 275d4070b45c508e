import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The environment of every git we start: nothing of root's own settings, no prompt, no helper program. */
export function gitEnv(home: string, more: Record<string, string> = {}): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HOME: home, LANG: 'C.UTF-8', GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0', GIT_ASKPASS: '/bin/false', ...more };
}

/** Runs git in a repository and answers its output without the last newline; throws on any exit code but 0. */
export async function git(dir: string, args: string[], env: Record<string, string> = {}): Promise<string> {
  const { stdout } = await run('git', ['-C', dir, ...args], { env: gitEnv(dir, env), maxBuffer: 64 * 1024 * 1024 });
  return stdout.replace(/\n$/, '');
}

/** Null where git says no (exit code 1, an unknown revision). */
export function gitOrNull(dir: string, args: string[], env: Record<string, string> = {}): Promise<string | null> {
  return git(dir, args, env).catch(() => null);
}

/** Whether the one commit is the other, or comes before it. */
export async function isAncestor(dir: string, older: string, newer: string, env: Record<string, string> = {}): Promise<boolean> {
  return older === newer || await gitOrNull(dir, ['merge-base', '--is-ancestor', older, newer], env) !== null;
}
