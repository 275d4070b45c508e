import { execFileSync } from 'node:child_process';
import { CommandError } from './client.ts';

export const REMOTE = 'slipway';

/** The app of --app, else of the git remote `slipway` of this folder. */
export function appName(option: string | undefined): string {
  if (option) return option;
  const url = gitOrNull(['remote', 'get-url', REMOTE]);
  const name = /\/([a-z0-9-]+)\.git$/.exec(url ?? '')?.[1];
  if (!name) throw new CommandError('Which app? This folder has no git remote "slipway".', 'Name it with --app NAME, or run slipway git:remote NAME in the app\'s repository.');
  return name;
}

/** git in this folder; its own words are an error's. */
export function git(args: string[]): string {
  try {
    return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  } catch (error) {
    throw new CommandError(`git ${args[0]} failed: ${error instanceof Error ? error.message.split('\n').slice(1).join(' ').trim() || error.message : String(error)}`);
  }
}

export function gitOrNull(args: string[]): string | null {
  try { return git(args); } catch { return null; }
}
