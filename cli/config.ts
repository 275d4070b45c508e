import type { Command } from 'commander';
import { aboutApp, appName, count, noApp, pairs } from './app-option.ts';
import { payloadOf, query } from './client.ts';
import { readCredentials } from './credentials.ts';
import { UsageError } from './command-error.ts';
import { Config, ConfigHistory, CopyConfig, SetConfig } from './documents.ts';
import type { ConfigVarInput } from './gql/graphql.ts';
import { ago, printJson, printTable, say } from './print.ts';
import { waitForRelease } from './verdict.ts';

interface Change { app?: string; restart: boolean; sealed?: boolean; unsealed?: boolean }

async function change(options: Change, set: ConfigVarInput[], unset: string[]): Promise<void> {
  const credentials = readCredentials();
  const { release } = payloadOf((await query(credentials, SetConfig, { input: { app: appName(options), set, unset, restart: options.restart } })).setConfig);
  say(`v${release.version}: ${release.description}`);
  await waitForRelease(credentials, release);
}

async function show(options: { app?: string; json?: boolean }): Promise<void> {
  const name = appName(options);
  const { app } = await query(readCredentials(), Config, { name });
  if (!app) throw noApp(name);
  const { entries } = app.config;
  if (options.json) { printJson(entries); return; }
  if (entries.length === 0) { say('There is no config yet. Set some with: slipway config:set KEY=VALUE'); return; }
  for (const { key, value, valueBase64, sealed } of entries) say(`${key}=${value ?? (sealed ? '(sealed)' : valueBase64 == null ? '(hidden)' : '(bytes that are no text)')}`);
}

async function history(key: string, options: { app?: string; num: number; json?: boolean }): Promise<void> {
  const name = appName(options);
  const { app } = await query(readCredentials(), ConfigHistory, { name, key, first: options.num });
  if (!app) throw noApp(name);
  const { nodes } = app.configHistory;
  if (options.json) { printJson(nodes); return; }
  if (nodes.length === 0) { say(`No release of ${name} ever had ${key}.`); return; }
  printTable(['RELEASE', 'WHAT', 'DIGEST', 'BY', 'WHEN'], nodes.map(({ release, set, sealed, digest, setBy, setAt }) => [
    `v${release.version}`, set ? (sealed ? 'set, sealed' : 'set') : 'unset', digest?.slice(0, 12) ?? '-', setBy?.email ?? 'the platform', ago(setAt),
  ]));
}

async function copy(from: string, options: { app?: string; key?: string[]; overwrite?: boolean; restart: boolean }): Promise<void> {
  const credentials = readCredentials();
  const input = { from, to: appName(options), overwrite: options.overwrite ?? false, restart: options.restart, ...(options.key ? { keys: options.key } : {}) };
  const { release } = payloadOf((await query(credentials, CopyConfig, { input })).copyConfig);
  say(`v${release.version}: ${release.description}`);
  await waitForRelease(credentials, release);
}

/** How a set key is to be sealed; nothing where it stays as it is. */
function seal({ sealed, unsealed }: Change): { sealed?: boolean } {
  if (sealed && unsealed) throw new UsageError('--sealed and --unsealed exclude each other.', 'Without either, a key stays as it is.');
  return sealed ? { sealed: true } : unsealed ? { sealed: false } : {};
}

export function addConfigCommands(program: Command): void {
  const restart = ['--no-restart', 'running replicas keep what they have until they next start'] as const;
  aboutApp(program.command('config').description('show the app\'s config')).option('--json', 'as JSON').action(show);
  aboutApp(program.command('config:set').argument('<KEY=VALUE...>').description('set config: all keys together are one release'))
    .option('--sealed', 'nobody can read the values again').option('--unsealed', 'they can be read, also where the keys were sealed').option(...restart)
    .action((args: string[], options: Change) => change(options, pairs(args, 'KEY=VALUE').map((pair) => ({ ...pair, ...seal(options) })), []));
  aboutApp(program.command('config:unset').argument('<KEY...>').description('unset config: all keys together are one release')).option(...restart)
    .action((keys: string[], options: Change) => change(options, [], keys));
  aboutApp(program.command('config:history').argument('<KEY>').description('when a key was set and unset, and by whom, without its values')).option('-n, --num <n>', 'how many', count(100), 15).option('--json', 'as JSON').action(history);
  aboutApp(program.command('config:copy').argument('<from>', 'the app to copy from').description('copy config from another app: all keys together are one release; sealed ones stay sealed'))
    .option('-k, --key <KEY...>', 'only these keys').option('--overwrite', 'keys that the app has get the other values').option(...restart).action(copy);
}
