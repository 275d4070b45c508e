import type { Command } from 'commander';
import { readApp } from './app.ts';
import { aboutApp, appName, pairs } from './app-option.ts';
import { payloadOf, query } from './client.ts';
import { CommandError, UsageError } from './command-error.ts';
import { readCredentials } from './credentials.ts';
import { Restart, Scale } from './documents.ts';
import type { ProcessScaleInput, ProcessSize } from './gql/graphql.ts';
import { ago, printJson, printTable, say, status } from './print.ts';

const sizes: ProcessSize[] = ['SMALL', 'MEDIUM', 'LARGE', 'XLARGE'];

async function show(options: { app?: string; json?: boolean }): Promise<void> {
  const { processes } = await readApp(appName(options));
  if (options.json) { printJson(processes); return; }
  if (processes.length === 0) { say('Nothing was deployed yet. Deploy with: git push slipway main'); return; }
  for (const { type, command, quantity, size } of processes) say(`${type}=${quantity} (${size.toLowerCase()}): ${command ?? 'not in the current release'}`);
  const rows = processes.flatMap(({ replicas }) => replicas).map(({ name, status: now, release, restarts, startedAt, exitReason, exitCode }) => [
    name, status(now), `v${release.version}`, String(restarts), ago(startedAt), exitReason ? `${exitReason}${exitCode === null ? '' : ` (${exitCode})`}` : '-',
  ]);
  if (rows.length > 0) { say(''); printTable(['REPLICA', 'STATUS', 'RELEASE', 'RESTARTS', 'STARTED', 'LAST EXIT'], rows); }
}

/** `web=2` or `web=2:large`. */
function scaleOf({ key: type, value }: { key: string; value: string }): ProcessScaleInput {
  const [quantity = '', word] = value.split(':');
  const size = sizes.find((each) => each === word?.toUpperCase());
  if (!/^\d{1,4}$/.test(quantity) || (word !== undefined && !size)) throw new UsageError(`"${type}=${value}" is no scale.`, `Write it as web=2 or web=2:large; sizes are ${sizes.join(', ').toLowerCase()}.`);
  return { type, quantity: Number(quantity), ...(size ? { size } : {}) };
}

async function scale(args: string[], options: { app?: string }): Promise<void> {
  const processes = pairs(args, 'web=2').map(scaleOf);
  const { app } = payloadOf((await query(readCredentials(), Scale, { input: { app: appName(options), processes } })).scale);
  say(`Wanted now: ${app.processes.map(({ type, quantity, size }) => `${type}=${quantity}:${size.toLowerCase()}`).join(' ')}`);
}

/** A process type, or one replica by its name. */
async function restart(which: string | undefined, options: { app?: string }): Promise<void> {
  const name = appName(options);
  const input = { app: name, ...(which === undefined ? {} : which.includes('.') ? { replica: await replicaId(name, which) } : { process: which }) };
  payloadOf((await query(readCredentials(), Restart, { input })).restart);
  say(`Restarting ${which ?? 'everything'}, one by one; slipway ps shows it.`);
}

async function replicaId(app: string, name: string): Promise<string> {
  const replica = (await readApp(app)).processes.flatMap(({ replicas }) => replicas).find((each) => each.name === name && each.status !== 'STOPPING');
  if (!replica) throw new CommandError(`There is no replica ${name}.`, 'slipway ps lists them.');
  return replica.id;
}

export function addProcessCommands(program: Command): void {
  aboutApp(program.command('ps').description('the app\'s processes and their replicas')).option('--json', 'as JSON').action(show);
  aboutApp(program.command('ps:scale').alias('scale').argument('<TYPE=N...>', 'web=2, or web=2:large for another size').description('say how many replicas of process types run, and how large')).action(scale);
  aboutApp(program.command('restart').argument('[which]', 'a process type (web) or a replica (web.1); else all').description('replace replicas by new ones, without an interruption')).action(restart);
}
