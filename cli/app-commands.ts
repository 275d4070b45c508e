import type { Command } from 'commander';
import { appName, git, gitOrNull, REMOTE } from './app-name.ts';
import { CommandError, payloadOf, query, readCredentials } from './client.ts';
import type { Credentials } from './client.ts';
import { AppInfo, Apps, CreateApp, DeleteApp, Viewer } from './documents.ts';
import type { CliAppQuery } from './gql/graphql.ts';
import { ago, printJson, printTable, say, status } from './print.ts';

export type AppDetails = NonNullable<CliAppQuery['app']>;

export async function readApp(credentials: Credentials, name: string): Promise<AppDetails> {
  const { app } = await query(credentials, AppInfo, { name });
  if (!app) throw new CommandError(`There is no app "${name}", or you may not see it.`, 'slipway apps lists yours.');
  return app;
}

/** Makes the remote `slipway` of this repository, and lets git ask us for the key: it is written into no file of the repository. */
function addRemote(gitUrl: string): void {
  if (gitOrNull(['rev-parse', '--git-dir']) === null) throw new CommandError('This folder is no git repository.', 'Run git init first, or go to the app\'s repository.');
  if (gitOrNull(['remote', 'get-url', REMOTE]) === null) git(['remote', 'add', REMOTE, gitUrl]); else git(['remote', 'set-url', REMOTE, gitUrl]);
  const command = process.env.SLIPWAY_COMMAND ?? 'slipway';
  const key = `credential.${new URL(gitUrl).origin}.helper`;
  git(['config', '--replace-all', key, '']);
  git(['config', '--add', key, `!'${command.replaceAll("'", "'\\''")}' git:credential`]);
  say(`git remote ${REMOTE} → ${gitUrl}`);
}

export function addAppCommands(program: Command): void {
  program.command('create').argument('[name]', 'the app\'s name; the folder\'s where it is left out').description('make an app, and a git remote for it in this repository')
    .action(async (given: string | undefined) => {
      const credentials = readCredentials();
      const name = given ?? (gitOrNull(['rev-parse', '--show-toplevel']) ?? process.cwd()).split('/').at(-1)?.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^[^a-z]+|-+$/g, '') ?? '';
      const { app } = payloadOf((await query(credentials, CreateApp, { input: { name } })).createApp);
      say(`App ${app.name} is there: ${app.url}`);
      if (gitOrNull(['rev-parse', '--git-dir']) === null) say('This folder is no git repository; in the app\'s, run: slipway git:remote ' + app.name);
      else { addRemote(app.gitUrl); say('Deploy it: git push slipway main'); }
    });

  program.command('git:remote').argument('[name]', 'the app').description('point the git remote "slipway" of this repository to an app')
    .action(async (name: string | undefined) => { addRemote((await readApp(readCredentials(), appName(name))).gitUrl); });

  program.command('git:credential', { hidden: true }).argument('<action>').description('answers git\'s question for the API key')
    .action((action: string) => { if (action === 'get') say(`username=slipway\npassword=${readCredentials().apiKey}`); });

  program.command('apps').description('list your apps').option('--json', 'as JSON').action(async ({ json }: { json?: boolean }) => {
    const { apps: { nodes } } = await query(readCredentials(), Apps, {});
    if (json) { printJson(nodes); return; }
    if (nodes.length === 0) { say('You have no app yet. Make one: slipway create NAME'); return; }
    printTable(['APP', 'RELEASE', 'DEPLOYED', 'URL'], nodes.map(({ name, url, currentRelease }) => [name, currentRelease ? `v${currentRelease.version}` : '-', currentRelease ? ago(currentRelease.createdAt) : '-', url]));
  });

  program.command('info').description('what an app is and what runs of it').option('-a, --app <name>').option('--json', 'as JSON').action(async (options: { app?: string; json?: boolean }) => {
    const app = await readApp(readCredentials(), appName(options.app));
    if (options.json) { printJson(app); return; }
    say(`${app.name}  ${app.url}`);
    const { currentRelease: release } = app;
    say(release ? `Release v${release.version} (${ago(release.createdAt)}): ${release.description}${release.slug ? `; slug ${(release.slug.size / 1024 / 1024).toFixed(1)} MB by ${release.slug.buildpacks.join(', ')}` : ''}` : 'Nothing was deployed yet: git push slipway main');
    for (const { type, quantity, replicas } of app.processes) say(`${type}: ${quantity} wanted, ${replicas.filter(({ status: now }) => now === 'UP').length} up`);
  });

  program.command('open').alias('url').description('print the app\'s address').option('-a, --app <name>').action(async (options: { app?: string }) => { say((await readApp(readCredentials(), appName(options.app))).url); });

  program.command('destroy').description('delete an app with all it has').option('-a, --app <name>').requiredOption('--confirm <name>', 'the app\'s name again').action(async (options: { app?: string; confirm: string }) => {
    const name = options.app ?? options.confirm;
    payloadOf((await query(readCredentials(), DeleteApp, { input: { app: name, confirm: options.confirm } })).deleteApp);
    say(`App ${name} is deleted.`);
  });

  program.command('whoami').description('whose API key this is').action(async () => {
    const { viewer } = await query(readCredentials(), Viewer, {});
    say(viewer?.email ?? 'Nobody');
  });

  program.command('keys').description('list your API keys').option('--json', 'as JSON').action(async ({ json }: { json?: boolean }) => {
    const nodes = (await query(readCredentials(), Viewer, {})).viewer?.apiKeys.nodes ?? [];
    if (json) { printJson(nodes); return; }
    printTable(['NAME', 'KEY', 'SCOPES', 'APP', 'LAST USED', ''], nodes.map(({ name, prefix, scopes, app, lastUsedAt, revokedAt }) => [name, `${prefix}…`, scopes.join(' ').toLowerCase(), app?.name ?? 'all', lastUsedAt ? ago(lastUsedAt) : 'never', revokedAt ? status('FAILED').replace('failed', 'revoked') : '']));
  });
}
