import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { endLeftovers } from './children.ts';
import { prepareHome, StartError } from './home.ts';
import { lockHome } from './lock.ts';
import { createPrinter } from './printer.ts';
import { checkGit, checkPort } from './requirements.ts';
import { readSettings } from './settings.ts';
import { startPlatform } from './start-platform.ts';
import type { StartedPlatform } from './start-platform.ts';
import { welcome } from './welcome.ts';

const printer = createPrinter(process.argv.includes('--json'));
let platform: StartedPlatform | undefined;
let unlock: (() => void) | undefined;
const stopping = new AbortController();

async function stop(reason: string): Promise<void> {
  if (stopping.signal.aborted) return;
  stopping.abort(new StartError(reason));
  printer.progress('Stopping');
  await platform?.stop();
  unlock?.();
  printer.say('Slipway has stopped.');
}

async function main(): Promise<void> {
  const settings = readSettings();
  await checkGit();
  const home = prepareHome(settings.home);
  unlock = lockHome(home.dir);
  const left = await endLeftovers(join(home.dir, 'run/processes.json'));
  if (left.length > 0) printer.say(`Ended what the last run left behind: ${left.join(', ')}.`);
  rmSync(join(home.dir, 'run/processes.json'), { force: true });
  await checkPort(settings.listen, settings.port);
  platform = await startPlatform({ settings, home, printer, signal: stopping.signal, adopt: (started) => { platform = started; } });
  if (stopping.signal.aborted) return;
  welcome(settings, platform.firstUser, home, printer);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => { stop(signal).then(() => { process.exit(0); }, fail); });
}

function fail(error: unknown): void {
  if (error instanceof StartError || (error instanceof Error && error.message.startsWith('Slipway needs'))) printer.problem(error.message);
  else printer.problem(error instanceof Error ? error.stack ?? error.message : String(error));
  void (platform?.stop() ?? Promise.resolve()).finally(() => { unlock?.(); process.exit(1); });
}

main().catch((error: unknown) => { if (!stopping.signal.aborted) fail(error); });
