import { randomBytes } from 'node:crypto';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '../../prisma/migrate.ts';
import { startPostgres } from '../../standalone/postgres.ts';
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

async function ownServer(scope: Scope): Promise<string> {
  const dir = await makeTemp(scope, 'slip-pg-');
  // The server's own user must be able to enter its directory.
  await chmod(dir, 0o711);
  const uid = process.getuid?.() === 0 ? 64_000 + Math.floor(Math.random() * 1_000) : undefined;
  const { url, child } = await startPostgres({ dataDir: join(dir, 'data'), socketDir: join(dir, 's'), passwordFile: join(dir, 'password'), uid }, () => undefined);
  scope.after(async () => {
    const ended = new Promise((resolve) => { child.once('exit', resolve); });
    child.kill('SIGQUIT');
    await ended;
  });
  return url;
}
