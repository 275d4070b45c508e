// Runs node with the arguments it is given, beside one PostgreSQL and with one nats-server on the PATH for the whole run.
import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { endChild } from '../../standalone/children.ts';
import { findNatsServer } from '../../standalone/find-nats.ts';
import { testPostgres } from './postgres.ts';
import { copyNode } from './repository.ts';
import { runAndCleanUp, runNode } from './run-node.ts';

const shared = mkdtempSync(join(tmpdir(), 'slip-tests-'));
const children: ChildProcess[] = [];

runAndCleanUp(async (isStopping) => {
  // Users of their own run these programs.
  chmodSync(shared, 0o711);
  // One file alone would wait for more than it needs.
  const forMany = process.argv.filter((arg) => arg.endsWith('.test.ts')).length > 1 ? { SLIPWAY_TEST_POSTGRES_SEED: join(shared, 'seed'), SLIPWAY_TEST_NODE: join(shared, 'node') } : null;
  const [postgres, server] = await Promise.all([
    testPostgres(shared, (child) => { children.unshift(child); }, forMany?.SLIPWAY_TEST_POSTGRES_SEED),
    findNatsServer(join(shared, 'nats'), (text) => { process.stdout.write(`  ${text}\n`); }),
    forMany && copyNode(forMany.SLIPWAY_TEST_NODE),
  ]);
  if (isStopping()) return 1;
  // Made once by the first who needs it, not by each platform of each test.
  const toolboxes = join(shared, 'toolbox');
  const { child, ended } = runNode({ PATH: `${dirname(server)}${delimiter}${process.env.PATH}`, SLIPWAY_TEST_POSTGRES_URL: postgres, SLIPWAY_TOOLBOX_DIR: toolboxes, ...forMany });
  children.push(child);
  return ended;
}, async () => {
  // Tests first, then the database: what they made goes with it.
  for (const child of children.toReversed()) await endChild(child, { stopSignal: child.spawnfile.endsWith('postgres') ? 'SIGQUIT' : 'SIGTERM', stopSeconds: 60 });
  rmSync(shared, { recursive: true, force: true });
});
