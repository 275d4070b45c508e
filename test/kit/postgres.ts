import type { ChildProcess } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '../../prisma/migrate.ts';
import { endChild } from '../../standalone/children.ts';
import { startPostgres } from '../../standalone/postgres.ts';
import { countUids } from '../../standalone/uid-block.ts';
import { makePostgresSeed, plantPostgres } from './postgres-seed.ts';
import { makeTemp } from './temp.ts';
import type { Scope } from './temp.ts';

/** A database that every other one is copied from: what migrating takes is taken once. */
const TEMPLATE = 'migrated';

/** The URL of a fresh, migrated database: on the server of the test run where there is one, else on a server of its own. */
export async function createDatabase(scope: Scope): Promise<string> {
  const server = process.env.SLIPWAY_TEST_POSTGRES_URL ?? await ownServer(scope);
  const name = `test_${randomBytes(6).toString('hex')}`;
  await admin(server, `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
  scope.after(() => admin(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`).catch(() => undefined));
  return databaseOf(server, name);
}

function databaseOf(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

async function admin(url: string, ...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try { for (const sql of statements) await client.query(sql); } finally { await client.end(); }
}

/** A server for tests, with the template of their databases, in a directory that other users can enter; who calls it ends it. Where a seed is named it is made, and the server from it. */
export async function testPostgres(dir: string, spawned: (child: ChildProcess) => void, seed?: string): Promise<string> {
  // A user of its own: two servers of one user could not tell each other's leftovers apart.
  const uid = process.getuid?.() === 0 ? Math.min(800_000_000, countUids() - 5_000) + randomInt(3_000) : undefined;
  const place = { dataDir: join(dir, 'data'), socketDir: join(dir, 's'), passwordFile: join(dir, 'password') };
  if (seed !== undefined) {
    await makePostgresSeed(seed, uid, spawned);
    await plantPostgres(seed, place);
  }
  const { url } = await startPostgres({ ...place, uid, spawned }, () => undefined);
  // Nothing of it outlives the tests, so nothing need be on the disk.
  await admin(url, 'ALTER SYSTEM SET fsync = off', 'SELECT pg_reload_conf()', `CREATE DATABASE ${TEMPLATE}`);
  await migrate(databaseOf(url, TEMPLATE));
  return url;
}

async function ownServer(scope: Scope): Promise<string> {
  const dir = await makeTemp(scope, 'slip-pg-');
  // The server's own user must be able to enter its directory.
  await chmod(dir, 0o711);
  return testPostgres(dir, (child) => { scope.after(() => endChild(child, { stopSignal: 'SIGQUIT', stopSeconds: 20 })); });
}
