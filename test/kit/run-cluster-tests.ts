// Installs the platform into the cluster of kubectl, runs node with the arguments it is given, and removes the platform again; with SLIPWAY_TEST_KEEP=1 it stays.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { installPlatform, removePlatform } from './cluster/install.ts';

let tests: ChildProcess | undefined;
let stopping = false;

async function main(): Promise<number> {
  const began = Date.now();
  await installPlatform();
  process.stderr.write(`The platform is installed after ${Math.round((Date.now() - began) / 1000)} s.\n`);
  if (stopping) return 1;
  const child = spawn(process.execPath, process.argv.slice(2), { stdio: 'inherit', env: { ...process.env, SLIPWAY_TEST_CLUSTER: 'kubernetes' } });
  tests = child;
  return new Promise((resolve) => { child.once('exit', (code, signal) => { resolve(code ?? (signal ? 1 : 0)); }); });
}

async function stop(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  tests?.kill('SIGTERM');
  if (!process.env.SLIPWAY_TEST_KEEP) await removePlatform();
  process.exit(code);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => { void stop(1); });
process.on('disconnect', () => { void stop(1); });
main().then(stop, (error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return stop(1);
}).catch((error: unknown) => { process.stderr.write(`${String(error)}\n`); process.exit(1); });
