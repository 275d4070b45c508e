import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { prepareHome } from './home.ts';
import { endLeftovers } from './leftovers.ts';
import { lockHome } from './lock.ts';
import type { HomeLock } from './lock.ts';
import { createPrinter } from './printer.ts';
import { checkGit, checkPort, checkUser } from './requirements.ts';
import { readSettings } from './settings.ts';
import { explain, StartError } from './start-error.ts';
import { startPlatform } from './start-platform.ts';
import type { StartedPlatform } from './start-platform.ts';
import { welcome } from './welcome.ts';

const printer = createPrinter(process.argv.includes('--json'));
const settings = readSettings();
const stopping = new AbortController();
let platform: StartedPlatform | undefined;
let lock: HomeLock | undefined;

async function main(): Promise<void> {
  checkUser();
  await checkGit();
  const home = prepareHome(settings.home);
  lock = await lockHome(join(home.dir, 'run'), home.dir, (pid) => { printer.progress(`Waiting for the last run (process ${pid}) to stop`); });
  stopping.signal.throwIfAborted();
  const record = join(home.dir, 'run/processes.json');
  const left = await endLeftovers(record);
  if (left.length > 0) printer.say(`Ended what the last run left behind: ${left.join(', ')}.`);
  rmSync(record, { force: true });
  await checkPort(settings.listen, settings.port);
  await startPlatform({ settings, home, printer, signal: stopping.signal, adopt: (started) => { platform = started; } });
  stopping.signal.throwIfAborted();
  if (platform) welcome(settings, platform.firstUser, home, printer);
}

/** Ends all that runs, in order, then this process; only the first reason counts. */
async function end(code: number, reason: string): Promise<void> {
  if (stopping.signal.aborted) return;
  stopping.abort(new StartError(reason));
  try { lock?.announceStop(); } catch { /* the disk is full, or the directory gone: then a start at this moment gives up instead of waiting */ }
  try {
    await platform?.stop();
    if (code === 0) printer.say('Slipway has stopped.');
  } finally {
    process.exit(code);
  }
}

function fail(error: unknown): void {
  if (stopping.signal.aborted) return;
  printer.problem(explain(error, settings.home));
  void end(1, 'failed');
}

const endBy = (reason: string): void => {
  if (!stopping.signal.aborted) printer.progress('Stopping');
  void end(0, reason);
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => { endBy(signal); });
process.on('disconnect', () => { endBy('bin/start.mjs was killed'); });
// A terminal that was closed takes no more lines; the platform stops for its SIGHUP, and a pipe's reader may go.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);
main().catch(fail);
