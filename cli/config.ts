import type { Command } from 'commander';
import { aboutApp, appName, noApp, pairs } from './app-option.ts';
import { payloadOf, query } from './client.ts';
import { readCredentials } from './credentials.ts';
import { Config, SetConfig } from './documents.ts';
import type { ConfigVarInput } from './gql/graphql.ts';
import { printJson, say } from './print.ts';
import { waitForRelease } from './verdict.ts';

interface Change { app?: string; restart: boolean; sealed?: boolean }

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

export function addConfigCommands(program: Command): void {
  const restart = ['--no-restart', 'running replicas keep what they have until they next start'] as const;
  aboutApp(program.command('config').description('show the app\'s config')).option('--json', 'as JSON').action(show);
  aboutApp(program.command('config:set').argument('<KEY=VALUE...>').description('set config: all keys together are one release'))
    .option('--sealed', 'nobody can read the values again').option(...restart)
    .action((args: string[], options: Change) => change(options, pairs(args, 'KEY=VALUE').map((pair) => ({ ...pair, ...(options.sealed ? { sealed: true } : {}) })), []));
  aboutApp(program.command('config:unset').argument('<KEY...>').description('unset config: all keys together are one release')).option(...restart)
    .action((keys: string[], options: Change) => change(options, [], keys));
}
