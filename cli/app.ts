import { spawn } from 'node:child_process';
import type { Command } from 'commander';
import { aboutApp, appName, noApp, suggestName } from './app-option.ts';
import { payloadOf, query } from './client.ts';
import { UsageError } from './command-error.ts';
import { readCredentials } from './credentials.ts';
import { AppInfo, Apps, CreateApp, DeleteApp, RenameApp } from './documents.ts';
import { gitOrNull, isRepository, REMOTE } from './git.ts';
import { addRemote } from './git-remote.ts';
import type { CliAppQuery } from './gql/graphql.ts';
import { ago, megabytes, printFields, printJson, printTable, say } from './print.ts';

export type AppDetails = NonNullable<CliAppQuery['app']>;

export async function readApp(name: string): Promise<AppDetails> {
  const { app } = await query(readCredentials(), AppInfo, { name });
  if (!app) throw noApp(name);
  return app;
}

async function create(given: string | undefined): Promise<void> {
  const { app } = payloadOf((await query(readCredentials(), CreateApp, { input: { name: given ?? suggestName() } })).createApp);
  say(`The app ${app.name} is made; it will answer at ${app.url}`);
  if (!isRepository()) { say(`This folder is no git repository; in the app's, run: slipway git:remote ${app.name}`); return; }
  addRemote(app.gitUrl);
  say('Deploy it with: git push slipway main');
}

async function rename(name: string, options: { app?: string }): Promise<void> {
  const former = await readApp(appName(options));
  const { app } = payloadOf((await query(readCredentials(), RenameApp, { input: { app: former.id, name } })).renameApp);
  say(`The app ${former.name} is called ${app.name} now; it answers at ${app.url}, and at its former address too.`);
  if (gitOrNull(['remote', 'get-url', REMOTE]) === former.gitUrl) addRemote(app.gitUrl);
}

function describe({ name, url, gitUrl, createdAt, currentRelease: release, processes }: AppDetails): void {
  printFields({
    'App': name,
    'Address': url,
    'Git': gitUrl,
    'Made': ago(createdAt),
    'Release': release ? `v${release.version}, ${ago(release.createdAt)}: ${release.description}` : 'none yet; deploy with: git push slipway main',
    ...(release?.slug ? { 'Slug': `${megabytes(release.slug.size)} by ${release.slug.buildpacks.join(', ')} on ${release.slug.stack}` } : {}),
    ...(processes.length > 0 ? { 'Processes': processes.map(({ type, quantity, replicas }) => `${type} ${replicas.filter(({ status }) => status === 'UP').length} of ${quantity} up`).join(', ') } : {}),
  });
}

/** Shows an address in the person's browser, where there is one. */
function openBrowser(url: string): void {
  const opener = spawn(process.platform === 'darwin' ? 'open' : 'xdg-open', [url], { stdio: 'ignore', detached: true });
  opener.on('error', () => undefined);
  opener.unref();
}

export function addAppCommands(program: Command): void {
  program.command('create').argument('[name]', 'the app\'s name; else the folder\'s').description('make an app, and the git remote "slipway" for it in this repository').action(create);

  program.command('apps').description('list your apps').option('--json', 'as JSON').action(async ({ json }: { json?: boolean }) => {
    const { apps: { nodes } } = await query(readCredentials(), Apps, {});
    if (json) { printJson(nodes); return; }
    if (nodes.length === 0) { say('You have no app yet. Make one with: slipway create NAME'); return; }
    printTable(['APP', 'RELEASE', 'DEPLOYED', 'ADDRESS'], nodes.map(({ name, url, currentRelease }) => [name, currentRelease ? `v${currentRelease.version}` : '-', currentRelease ? ago(currentRelease.createdAt) : '-', url]));
  });

  aboutApp(program.command('info').description('what an app is, and what of it runs')).option('--json', 'as JSON').action(async (options: { app?: string; json?: boolean }) => {
    const app = await readApp(appName(options));
    if (options.json) printJson(app); else describe(app);
  });

  aboutApp(program.command('url').description('print the app\'s address')).action(async (options: { app?: string }) => { say((await readApp(appName(options))).url); });

  aboutApp(program.command('open').description('open the app in the browser')).action(async (options: { app?: string }) => {
    const { url } = await readApp(appName(options));
    say(url);
    if (process.stdout.isTTY) openBrowser(url);
  });

  aboutApp(program.command('rename').argument('<name>', 'the new name').description('give an app another name and address; the former ones go on working')).action(rename);

  aboutApp(program.command('destroy').description('delete an app with all it has, at once and for ever')).option('--confirm <name>', 'the app\'s name, to be sure').action(async (options: { app?: string; confirm?: string }) => {
    if (options.confirm === undefined) throw new UsageError('This deletes the app with all its releases, config and logs, and cannot be undone.', `If you are sure: slipway destroy --confirm ${options.app ?? 'NAME'}`);
    const app = options.app ?? options.confirm;
    payloadOf((await query(readCredentials(), DeleteApp, { input: { app, confirm: options.confirm } })).deleteApp);
    say(`The app ${app} is deleted.`);
  });
}
