// Runs node with the arguments it is given, beside one PostgreSQL and with one nats-server on the PATH for the whole run.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { endChild } from '../../standalone/children.ts';
import { findNatsServer } from '../../standalone/find-nats.ts';
import { testPostgres } from './postgres.ts';

const shared = mkdtempSync(join(tmpdir(), 'slip-tests-'));
const children: ChildProcess[] = [];
let stopping = false;

async function main(): Promise<number> {
  // Users of their own run these programs.
  chmodSync(shared, 0o711);
  const [postgres, server] = await Promise.all([
    testPostgres(shared, (child) => { children.unshift(child); }),
    findNatsServer(join(shared, 'nats'), (text) => { process.stdout.write(`  ${text}\n`); }),
  ]);
  if (stopping) return 1;
  const PATH = `${dirname(server)}${delimiter}${process.env.PATH}`;
  const tests = spawn(process.execPath, process.argv.slice(2), { stdio: 'inherit', env: { ...process.env, PATH, SLIPWAY_TEST_POSTGRES_URL: postgres } });
  children.push(tests);
  return new Promise((resolve) => { tests.once('exit', (code, signal) => { resolve(code ?? (signal ? 1 : 0)); }); });
}

/** Tests first, then the database: what they made goes with it. */
async function stop(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  for (const child of children.toReversed()) await endChild(child, { stopSignal: child.spawnfile.endsWith('postgres') ? 'SIGQUIT' : 'SIGTERM', stopSeconds: 60 });
  rmSync(shared, { recursive: true, force: true });
  process.exit(code);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => { void stop(1); });
process.on('disconnect', () => { void stop(1); });
main().then(stop, (error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return stop(1);
});
