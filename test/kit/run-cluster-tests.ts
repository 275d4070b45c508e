// Installs the platform into the cluster of kubectl, runs node with the arguments it is given, and removes the platform again; with SLIPWAY_TEST_KEEP=1 it stays.
import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { installPlatform, removePlatform } from './cluster/install.ts';
import { makeTurns } from './cluster/turn.ts';
import { runAndCleanUp, runNode } from './run-node.ts';

let tests: ChildProcess | undefined;
const turns = makeTurns();

runAndCleanUp(async (isStopping) => {
  const began = Date.now();
  await installPlatform();
  process.stderr.write(`The platform is installed after ${Math.round((Date.now() - began) / 1000)} s.\n`);
  if (isStopping()) return 1;
  const { child, ended } = runNode({ SLIPWAY_TEST_PLACE: 'kubernetes', SLIPWAY_TEST_TURNS: turns });
  tests = child;
  return ended;
}, async () => {
  tests?.kill('SIGTERM');
  rmSync(turns, { recursive: true, force: true });
  if (!process.env.SLIPWAY_TEST_KEEP) await removePlatform();
});
