import type { Command } from 'commander';
import { readApp } from './app-commands.ts';
import { appName } from './app-name.ts';
import { CommandError, payloadOf, query, readCredentials } from './client.ts';
import { waitForRelease } from './deploy.ts';
import { Builds, Config, Releases, Restart, RollBack, Scale, SetConfig } from './documents.ts';
import type { LogFilter, LogSource } from './gql/graphql.ts';
import { showLogs, tailLogs } from './logs.ts';
import { ago, printJson, printTable, say, status } from './print.ts';

interface Common { app?: string; json?: boolean }

const missing = (name: string): CommandError => new CommandError(`There is no app "${name}", or you may not see it.`, 'slipway apps lists yours.');

/** KEY=VALUE pairs of the command line; a value may hold any = of its own. */
function pairs(args: string[]): { key: string; value: string }[] {
  return args.map((arg) => {
    const at = arg.indexOf('=');
    if (at < 1) throw new CommandError(`"${arg}" is no KEY=VALUE.`);
    return { key: arg.slice(0, at), value: arg.slice(at + 1) };
  });
}

function addConfigCommands(program: Command): void {
  const change = async (options: Common & { restart: boolean }, set: { key: string; value: string; sealed?: boolean }[], unset: string[]): Promise<void> => {
    const credentials = readCredentials();
    const { release } = payloadOf((await query(credentials, SetConfig, { input: { app: appName(options.app), set, unset, restart: options.restart } })).setConfig);
    say(`${[...set.map(({ key }) => `set ${key}`), ...unset.map((key) => `unset ${key}`)].join(', ')}: v${release.version}`);
    await waitForRelease(credentials, release);
  };
  program.command('config').description('show an app\'s config').option('-a, --app <name>').option('--json', 'as JSON').action(async (options: Common) => {
    const name = appName(options.app);
    const { app } = await query(readCredentials(), Config, { name });
    if (!app) throw missing(name);
    if (options.json) { printJson(app.config.entries); return; }
    if (app.config.entries.length === 0) say('No config yet: slipway config:set KEY=VALUE');
    for (const { key, value, sealed } of app.config.entries) say(`${key}=${value ?? (sealed ? '(sealed)' : '(bytes)')}`);
  });
  program.command('config:set').argument('<KEY=VALUE...>').description('set config keys: all of them are one release').option('-a, --app <name>').option('--sealed', 'write-only: nobody can read the values again').option('--no-restart', 'running replicas keep the old values until they next start')
    .action((args: string[], options: Common & { restart: boolean; sealed?: boolean }) => change(options, pairs(args).map((pair) => ({ ...pair, ...(options.sealed ? { sealed: true } : {}) })), []));
  program.command('config:unset').argument('<KEY...>').description('unset config keys: all of them are one release').option('-a, --app <name>').option('--no-restart', 'running replicas keep the old values until they next start')
    .action((keys: string[], options: Common & { restart: boolean }) => change(options, [], keys));
}

function addReleaseCommands(program: Command): void {
  program.command('releases').description('the app\'s ledger of releases').option('-a, --app <name>').option('-n, --number <n>', 'how many', '15').option('--json', 'as JSON').action(async (options: Common & { number: string }) => {
    const name = appName(options.app);
    const { app } = await query(readCredentials(), Releases, { name, first: Number(options.number) });
    if (!app) throw missing(name);
    if (options.json) { printJson(app.releases.nodes); return; }
    printTable(['RELEASE', 'STATUS', 'WHAT', 'BY', 'WHEN'], app.releases.nodes.map((release) => [`v${release.version}`, status(release.status), release.description, release.createdBy?.email ?? 'the platform', ago(release.createdAt)]));
  });
  program.command('builds').description('the app\'s builds').option('-a, --app <name>').option('-n, --number <n>', 'how many', '15').option('--json', 'as JSON').action(async (options: Common & { number: string }) => {
    const name = appName(options.app);
    const { app } = await query(readCredentials(), Builds, { name, first: Number(options.number) });
    if (!app) throw missing(name);
    if (options.json) { printJson(app.builds.nodes); return; }
    printTable(['BUILD', 'STATUS', 'COMMIT', 'MESSAGE', 'WHEN'], app.builds.nodes.map((build) => [String(build.number), status(build.status), build.commit.slice(0, 8), build.failure?.message ?? build.message, ago(build.queuedAt)]));
  });
  program.command('rollback').argument('[version]', 'v7 or 7; the release before where it is left out').description('make a new release of an old one').option('-a, --app <name>').option('--code', 'only its code').option('--config', 'only its config')
    .action(async (version: string | undefined, options: Common & { code?: boolean; config?: boolean }) => {
      if (version !== undefined && !/^v?\d+$/.test(version)) throw new CommandError(`"${version}" is no release; write v7 or 7.`);
      if (options.code && options.config) throw new CommandError('--code and --config exclude each other: without either, both go back.');
      const credentials = readCredentials();
      const { release } = payloadOf((await query(credentials, RollBack, {
        input: { app: appName(options.app), ...(version === undefined ? {} : { to: Number(version.replace('v', '')) }), scope: options.code ? 'CODE' : options.config ? 'CONFIG' : 'BOTH' },
      })).rollBack);
      say(`${release.description}: v${release.version}`);
      await waitForRelease(credentials, release);
    });
}

function addProcessCommands(program: Command): void {
  program.command('ps').description('the app\'s processes and replicas').option('-a, --app <name>').option('--json', 'as JSON').action(async (options: Common) => {
    const app = await readApp(readCredentials(), appName(options.app));
    if (options.json) { printJson(app.processes); return; }
    if (app.processes.length === 0) say('Nothing was deployed yet: git push slipway main');
    for (const { type, command, quantity, size, replicas } of app.processes) {
      say(`${type} × ${quantity}, ${size.toLowerCase()}: ${command ?? '(not in the current release)'}`);
      if (replicas.length > 0) printTable(['  REPLICA', 'STATUS', 'RELEASE', 'RESTARTS', 'STARTED', 'LAST EXIT'], replicas.map((replica) => [`  ${type}.${replica.index}`, status(replica.status), `v${replica.release.version}`, String(replica.restarts), ago(replica.startedAt), replica.exitReason ? `${replica.exitReason}${replica.exitCode === null ? '' : ` (${replica.exitCode})`}` : '-']));
    }
  });
  program.command('ps:scale').alias('scale').argument('<TYPE=N...>', 'web=2 or web=2:large').description('set how many replicas of a process type run, and their size').option('-a, --app <name>').action(async (args: string[], options: Common) => {
    const processes = pairs(args).map(({ key, value }) => {
      const match = /^(\d+)(?::(small|medium|large|xlarge))?$/.exec(value);
      if (!match) throw new CommandError(`"${key}=${value}" is no scale; write web=2 or web=2:large.`);
      return { type: key, quantity: Number(match[1]), ...(match[2] ? { size: match[2].toUpperCase() as 'SMALL' } : {}) };
    });
    payloadOf((await query(readCredentials(), Scale, { input: { app: appName(options.app), processes } })).scale);
    say(`Scaled to ${args.join(' ')}. See it happen: slipway ps`);
  });
  program.command('restart').argument('[type]', 'a process type; all where it is left out').description('replace replicas by new ones, without an interruption').option('-a, --app <name>').option('--replica <id>', 'only this one').action(async (type: string | undefined, options: Common & { replica?: string }) => {
    payloadOf((await query(readCredentials(), Restart, { input: { app: appName(options.app), process: type, replica: options.replica } })).restart);
    say('Restarting. See it happen: slipway ps');
  });
}

export function addRunCommands(program: Command): void {
  addConfigCommands(program);
  addReleaseCommands(program);
  addProcessCommands(program);
  program.command('logs').description('the app\'s log: its own lines, builds, requests, and what the platform did').option('-a, --app <name>').option('-t, --tail', 'go on with new lines').option('-f, --follow', 'the same as --tail')
    .option('-n, --num <n>', 'how many lines', '100').option('-p, --process <type>', 'only this process type').option('-s, --source <source>', 'only app, build, router or platform').option('--search <text>', 'only lines with this text').option('--json', 'as JSON')
    .action(async (options: Common & { tail?: boolean; follow?: boolean; num: string; process?: string; source?: string; search?: string }) => {
      const sources = ['APP', 'BUILD', 'ROUTER', 'PLATFORM'] as const;
      const source = sources.find((each) => each === options.source?.toUpperCase());
      if (options.source !== undefined && !source) throw new CommandError(`There is no log source "${options.source}"; there are app, build, router and platform.`);
      const filter: LogFilter = { ...(options.process ? { processes: [options.process] } : {}), ...(source ? { sources: [source as LogSource] } : {}), ...(options.search ? { search: options.search } : {}) };
      const wanted = { app: appName(options.app), lines: Number(options.num), filter, json: options.json ?? false };
      await (options.tail || options.follow ? tailLogs : showLogs)(readCredentials(), wanted);
    });
}
