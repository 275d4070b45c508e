import type { ChildProcess } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '../../prisma/migrate.ts';
import { endChild } from '../../standalone/children.ts';
import { startPostgres } from '../../standalone/postgres.ts';
import { countUids } from '../../standalone/uid-block.ts';
import { makeTemp } from './temp.ts';
import type { Scope } from './temp.ts';

/** The URL of a fresh, migrated database: on the server of the test run where there is one, else on a server of its own. */
export async function createDatabase(scope: Scope): Promise<string> {
  const server = process.env.SLIPWAY_TEST_POSTGRES_URL ?? await ownServer(scope);
  const name = `test_${randomBytes(6).toString('hex')}`;
  await admin(server, `CREATE DATABASE ${name}`);
  scope.after(() => admin(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`).catch(() => undefined));
  const url = new URL(server);
  url.pathname = `/${name}`;
  await migrate(url.href);
  return url.href;
}

async function admin(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try { await client.query(sql); } finally { await client.end(); }
}

/** A server for tests in a directory that other users can enter; who calls it ends it. */
export async function testPostgres(dir: string, spawned: (child: ChildProcess) => void): Promise<string> {
  // A user of its own: two servers of one user could not tell each other's leftovers apart.
  const uid = process.getuid?.() === 0 ? Math.min(800_000_000, countUids() - 5_000) + randomInt(3_000) : undefined;
  const { url } = await startPostgres({ dataDir: join(dir, 'data'), socketDir: join(dir, 's'), passwordFile: join(dir, 'password'), uid, spawned }, () => undefined);
  return url;
}

async function ownServer(scope: Scope): Promise<string> {
  const dir = await makeTemp(scope, 'slip-pg-');
  // The server's own user must be able to enter its directory.
  await chmod(dir, 0o711);
  return testPostgres(dir, (child) => { scope.after(() => endChild(child, { stopSignal: 'SIGQUIT', stopSeconds: 20 })); });
}
