import { execFileSync } from 'node:child_process';
import { CommandError } from './command-error.ts';

/** The git remote that names a repository's app. */
export const REMOTE = 'slipway';

/** git in this folder; its own words are an error's. */
export function git(args: string[]): string {
  try {
    return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  } catch (error) {
    throw new CommandError(`git ${args[0] ?? ''} failed: ${error instanceof Error ? error.message.split('\n').slice(1).join(' ').trim() || error.message : String(error)}`);
  }
}

export function gitOrNull(args: string[]): string | null {
  try { return git(args); } catch { return null; }
}

export const isRepository = (): boolean => gitOrNull(['rev-parse', '--git-dir']) !== null;
