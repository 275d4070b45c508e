import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { appName, noApp } from './app-option.ts';
import { query } from './client.ts';
import { CommandError } from './command-error.ts';
import { homeDir, readCredentials } from './credentials.ts';
import { AppInfo } from './documents.ts';
import { git, gitOrNull, isRepository, REMOTE } from './git.ts';
import { say } from './print.ts';

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Makes the remote `slipway` of this repository, and lets git ask us for the key: it is written into no file of the repository. */
export function addRemote(gitUrl: string): void {
  if (!isRepository()) throw new CommandError('This folder is no git repository.', 'Run git init first, or go to the app\'s repository.');
  git(gitOrNull(['remote', 'get-url', REMOTE]) === null ? ['remote', 'add', REMOTE, gitUrl] : ['remote', 'set-url', REMOTE, gitUrl]);
  const home = process.env.SLIPWAY_HOME ? `SLIPWAY_HOME=${quoted(homeDir())} ` : '';
  const setting = `credential.${new URL(gitUrl).origin}.helper`;
  // The empty one first: a helper of the person's own would be asked before us, and would keep the key.
  git(['config', '--replace-all', setting, '']);
  git(['config', '--add', setting, `!${home}${quoted(process.env.SLIPWAY_COMMAND ?? 'slipway')} git:credential`]);
  say(`The git remote "${REMOTE}" is ${gitUrl}`);
}

/** Answers git's question for a key (gitcredentials(7)): only for the platform that the key is of. */
function answerCredential(action: string): void {
  if (action !== 'get') return;
  const asked = new Map(readFileSync(0, 'utf8').split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
  const { url, apiKey } = readCredentials();
  const { protocol, host } = new URL(url);
  if (`${asked.get('protocol') ?? ''}:` === protocol && asked.get('host') === host) say(`username=slipway\npassword=${apiKey}`);
}

export function addGitCommands(program: Command): void {
  program.command('git:remote').argument('[name]', 'the app').description('point the git remote "slipway" of this repository to an app').action(async (given: string | undefined) => {
    const name = appName({ app: given });
    const { app } = await query(readCredentials(), AppInfo, { name });
    if (!app) throw noApp(name);
    addRemote(app.gitUrl);
  });
  program.command('git:credential', { hidden: true }).argument('<action>').description('answers git\'s question for the API key').action(answerCredential);
}
