import type { Command } from 'commander';
import pc from 'picocolors';
import { aboutApp, appName, count, noApp } from './app-option.ts';
import { payloadOf, query } from './client.ts';
import { CommandError, UsageError } from './command-error.ts';
import { readCredentials } from './credentials.ts';
import { DiffReleases, PreviewRollBack, Releases, RollBack } from './documents.ts';
import type { CliDiffReleasesQuery, CliReleasesQuery } from './gql/graphql.ts';
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

/** The number of a release as people write it. */
function versionOf(text: string): number {
  if (!/^v?\d{1,9}$/.test(text)) throw new UsageError(`"${text}" is no release.`, 'Write it as v7 or 7; slipway releases lists them.');
  return Number(text.replace('v', ''));
}

type Diff = NonNullable<NonNullable<CliDiffReleasesQuery['release']>['diff']>;

/** One line a change; + is new, - is gone, ~ is another. */
function printDiff(diff: Diff): void {
  const code = (commit: string | null | undefined, slug: { digest: string } | null | undefined): string => commit?.slice(0, 8) ?? slug?.digest.slice(0, 12) ?? 'none';
  const lines = [
    ...(diff.codeChanged ? [`~ code: ${code(diff.commitBefore, diff.slugBefore)} -> ${code(diff.commitAfter, diff.slugAfter)}`] : []),
    ...([['+', diff.processTypesAdded], ['~', diff.processTypesChanged], ['-', diff.processTypesRemoved]] as const).flatMap(([sign, types]) => types.map((type) => `${sign} process ${type}`)),
    ...([['+', diff.configAdded], ['~', diff.configChanged], ['-', diff.configRemoved]] as const).flatMap(([sign, keys]) => keys.map((key) => `${sign} config ${key}`)),
  ];
  say(lines.length === 0 ? 'Nothing is different.' : lines.join('\n'));
}

async function diff(before: string, after: string, options: { app?: string; json?: boolean }): Promise<void> {
  const [from, version] = [versionOf(before), versionOf(after)];
  const { release } = await query(readCredentials(), DiffReleases, { app: appName(options), version, from });
  if (!release?.diff) throw new CommandError(`There is no release v${release ? from : version} of this app, or you may not see it.`, 'slipway releases lists them.');
  if (options.json) printJson(release.diff); else printDiff(release.diff);
}

async function preview(target: { app: string; to?: number; scope: 'BOTH' | 'CODE' | 'CONFIG' }): Promise<void> {
  const { rollBackPreview: found } = await query(readCredentials(), PreviewRollBack, target);
  if (!found) throw noApp(target.app);
  if (found.refused) throw new CommandError(found.refused.message, found.refused.hint);
  if (!found.release) return;
  say(`${found.release.description} would change:`);
  printDiff(found.release.diff);
}

async function rollBack(version: string | undefined, options: { app?: string; code?: boolean; config?: boolean; preview?: boolean }): Promise<void> {
  if (options.code && options.config) throw new UsageError('--code and --config exclude each other.', 'Without either, both go back.');
  const target = { app: appName(options), ...(version === undefined ? {} : { to: versionOf(version) }), scope: options.code ? 'CODE' as const : options.config ? 'CONFIG' as const : 'BOTH' as const };
  if (options.preview) { await preview(target); return; }
  const credentials = readCredentials();
  const { release } = payloadOf((await query(credentials, RollBack, { input: target })).rollBack);
  say(`v${release.version}: ${release.description}`);
  await waitForRelease(credentials, release);
}

export function addReleaseCommands(program: Command): void {
  aboutApp(program.command('releases').description('the app\'s releases, newest first')).option('-n, --num <n>', 'how many', count(100), 15).option('--json', 'as JSON').action(list);
  aboutApp(program.command('rollback').argument('[version]', 'v7 or 7; else the live one before').description('go back: a new release of an old one\'s code and config'))
    .option('--code', 'only the code goes back').option('--config', 'only the config goes back').option('--preview', 'say what would change, and do nothing').action(rollBack);
  aboutApp(program.command('releases:diff').argument('<before>', 'v7 or 7').argument('<after>', 'v8 or 8').description('what changed from one release to another, either way')).option('--json', 'as JSON').action(diff);
}
