import type { Command } from 'commander';
import { aboutApp, appName, count, noApp } from './app-option.ts';
import { payloadOf, query } from './client.ts';
import { CommandError, UsageError } from './command-error.ts';
import { readCredentials } from './credentials.ts';
import { Builds, CancelBuild } from './documents.ts';
import type { CliBuildsQuery } from './gql/graphql.ts';
import { ago, duration, printJson, printTable, say, status } from './print.ts';

type Build = NonNullable<CliBuildsQuery['app']>['builds']['nodes'][number];

async function readBuilds(options: { app?: string }, first: number): Promise<Build[]> {
  const name = appName(options);
  const { app } = await query(readCredentials(), Builds, { name, first });
  if (!app) throw noApp(name);
  return app.builds.nodes;
}

async function list(options: { app?: string; num: number; json?: boolean }): Promise<void> {
  const builds = await readBuilds(options, options.num);
  if (options.json) { printJson(builds); return; }
  if (builds.length === 0) { say('There is no build yet. Deploy with: git push slipway main'); return; }
  printTable(['BUILD', 'STATUS', 'COMMIT', 'WHAT', 'TOOK', 'WHEN'], builds.map((build) => [
    String(build.number), status(build.status), build.commit.slice(0, 8), build.failure?.message ?? build.message, duration(build.startedAt, build.endedAt), ago(build.queuedAt),
  ]));
}

async function cancel(number: string, options: { app?: string }): Promise<void> {
  if (!/^\d+$/.test(number)) throw new UsageError(`"${number}" is no build's number.`, 'slipway builds lists them.');
  const build = (await readBuilds(options, 100)).find((each) => each.number === Number(number));
  if (!build) throw new CommandError(`There is no build ${number}.`, 'slipway builds lists them.');
  payloadOf((await query(readCredentials(), CancelBuild, { input: { build: build.id } })).cancelBuild);
  say(`Build ${number} is being cancelled.`);
}

export function addBuildCommands(program: Command): void {
  aboutApp(program.command('builds').description('the app\'s builds, newest first')).option('-n, --num <n>', 'how many', count(100), 15).option('--json', 'as JSON').action(list);
  aboutApp(program.command('builds:cancel').argument('<number>').description('stop a build that waits or runs')).action(cancel);
}
