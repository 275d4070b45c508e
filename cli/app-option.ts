import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { CommandError, UsageError } from './command-error.ts';
import { gitOrNull, REMOTE } from './git.ts';

/** Adds `--app` to a command that is about one app. */
export const aboutApp = (command: Command): Command => command.option('-a, --app <name>', `the app; else that of the git remote "${REMOTE}"`);

/** The app of --app, else of the git remote `slipway` of this folder. */
export function appName({ app }: { app?: string }): string {
  if (app) return app;
  const name = /\/([a-z0-9-]+)\.git$/.exec(gitOrNull(['remote', 'get-url', REMOTE]) ?? '')?.[1];
  if (!name) throw new UsageError(`Which app? This folder has no git remote "${REMOTE}".`, 'Name it with --app NAME, or run slipway git:remote NAME in the app\'s repository.');
  return name;
}

export const noApp = (name: string): CommandError => new CommandError(`There is no app "${name}", or you may not see it.`, 'slipway apps lists yours.');

/** A number of things to list, from 1 to the most that the platform gives. */
export const count = (most: number) => (value: string): number => {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1 || number > most) throw new InvalidArgumentError(`It must be a number from 1 to ${most}.`);
  return number;
};

/** KEY=VALUE pairs of the command line; a value may hold any = of its own. */
export function pairs(args: string[], example: string): { key: string; value: string }[] {
  return args.map((arg) => {
    const at = arg.indexOf('=');
    if (at < 1) throw new UsageError(`"${arg}" has no name and value.`, `Write it as ${example}`);
    return { key: arg.slice(0, at), value: arg.slice(at + 1) };
  });
}

/** The name for a new app: that of this repository, or else of this folder. */
export function suggestName(): string {
  const folder = (gitOrNull(['rev-parse', '--show-toplevel']) ?? process.cwd()).split('/').at(-1) ?? '';
  const name = folder.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^[^a-z]+|-+$/g, '');
  if (name === '') throw new UsageError('Which name shall the app have?', 'slipway create NAME');
  return name;
}

