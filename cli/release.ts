import type { Command } from 'commander';
import pc from 'picocolors';
import { aboutApp, appName, count, noApp } from './app-option.ts';
import { payloadOf, query } from './client.ts';
import { UsageError } from './command-error.ts';
import { readCredentials } from './credentials.ts';
import { Releases, RollBack } from './documents.ts';
import type { CliReleasesQuery } from './gql/graphql.ts';
import { ago, printJson, printTable, say, status } from './print.ts';
import { waitForRelease } from './verdict.ts';

type App = NonNullable<CliReleasesQuery['app']>;
type Release = App['releases']['nodes'][number];

/** The one that serves is marked: older ones were live too. */
function statusOf(release: Release, { currentRelease }: App): string {
  if (release.version === currentRelease?.version) return pc.green('serving');
  return release.status === 'LIVE' ? pc.dim('was live') : status(release.status);
}

async function list(options: { app?: string; num: number; json?: boolean }): Promise<void> {
  const name = appName(options);
  const { app } = await query(readCredentials(), Releases, { name, first: options.num });
  if (!app) throw noApp(name);
  const { nodes } = app.releases;
  if (options.json) { printJson(nodes); return; }
  if (nodes.length === 0) { say('There is no release yet. Deploy with: git push slipway main'); return; }
  printTable(['RELEASE', 'STATUS', 'WHAT', 'BY', 'WHEN'], nodes.map((release) => [`v${release.version}`, statusOf(release, app), release.description, release.createdBy?.email ?? 'the platform', ago(release.createdAt)]));
  for (const { version, failure } of nodes.slice(0, 3)) if (failure) say(pc.dim(`v${version} failed: ${failure.message}`));
}

async function rollBack(version: string | undefined, options: { app?: string; code?: boolean; config?: boolean }): Promise<void> {
  if (version !== undefined && !/^v?\d{1,9}$/.test(version)) throw new UsageError(`"${version}" is no release.`, 'Write it as v7 or 7; slipway releases lists them.');
  if (options.code && options.config) throw new UsageError('--code and --config exclude each other.', 'Without either, both go back.');
  const credentials = readCredentials();
  const { release } = payloadOf((await query(credentials, RollBack, {
    input: { app: appName(options), ...(version === undefined ? {} : { to: Number(version.replace('v', '')) }), scope: options.code ? 'CODE' : options.config ? 'CONFIG' : 'BOTH' },
  })).rollBack);
  say(`v${release.version}: ${release.description}`);
  await waitForRelease(credentials, release);
}

export function addReleaseCommands(program: Command): void {
  aboutApp(program.command('releases').description('the app\'s releases, newest first')).option('-n, --num <n>', 'how many', count(100), 15).option('--json', 'as JSON').action(list);
  aboutApp(program.command('rollback').argument('[version]', 'v7 or 7; else the live one before').description('go back: a new release of an old one\'s code and config'))
    .option('--code', 'only the code goes back').option('--config', 'only the config goes back').action(rollBack);
}
