import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import pg from 'pg';
import { makeTemp } from '../test/kit/temp.ts';
import { endChild } from './children.ts';
import { hydrateLinks } from './postgres-binaries.ts';
import { startPostgres } from './postgres.ts';
import type { Postgres, PostgresOptions } from './postgres.ts';
import { countUids } from './uid-block.ts';

const isRoot = process.getuid?.() === 0;
/** Not that of the test run's own server. */
const UID = isRoot ? Math.min(810_000_000, countUids() - 1_000) : undefined;

async function makeOptions(t: TestContext): Promise<PostgresOptions> {
  const dir = await makeTemp(t, 'slip-pg-');
  await chmod(dir, 0o711);
  return { dataDir: join(dir, 'data'), socketDir: join(dir, 's'), passwordFile: join(dir, 'password'), uid: UID };
}

async function start(t: TestContext, options: PostgresOptions): Promise<Postgres> {
  let child: ChildProcess | undefined;
  t.after(async () => { if (child) await endChild(child, { stopSignal: 'SIGQUIT', stopSeconds: 20 }); });
  return startPostgres({ ...options, spawned: (its) => { child = its; options.spawned?.(its); } }, () => undefined);
}

async function query<R extends pg.QueryResultRow>(url: string, sql: string): Promise<R[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try { return (await client.query<R>(sql)).rows; } finally { await client.end().catch(() => undefined); }
}

describe('the embedded PostgreSQL', () => {
  it('listens on a socket in a closed directory alone, asks for the password, and is no root', async (t) => {
    const options = await makeOptions(t);
    const { url, child } = await start(t, options);
    assert.deepEqual(await query(url, 'SHOW listen_addresses'), [{ listen_addresses: '' }]);
    assert.equal(statSync(options.socketDir).mode & 0o777, 0o700);
    assert.equal(statSync(options.passwordFile).mode & 0o777, 0o600);
    await assert.rejects(query(url.replace(/slipway:[^@]+@/, 'slipway:wrong@'), 'SELECT 1'), /password authentication failed/);
    const processUid = execFileSync('ps', ['-o', 'uid=', '-p', String(child.pid)], { encoding: 'utf8' }).trim();
    assert.equal(Number(processUid), UID ?? process.getuid?.());
    assert.ok(!execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).includes(readFileSync(options.passwordFile, 'utf8')), 'the password is in no command line');
  });

  it('keeps what it acknowledged over kill -9', async (t) => {
    const options = await makeOptions(t);
    const { url, child } = await start(t, options);
    await query(url, 'CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)');
    await endChild(child, { stopSignal: 'SIGKILL', stopSeconds: 20 });
    const again = await start(t, options);
    assert.deepEqual(await query(again.url, 'SELECT n FROM kept'), [{ n: 7 }]);
  });

  it('waits for what is left of a killed one', async (t) => {
    const options = await makeOptions(t);
    const first = await start(t, options);
    const client = new pg.Client({ connectionString: first.url });
    client.on('error', () => undefined);
    await client.connect();
    const { rows: [backend] } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    // It does not notice that its server is gone until it goes on.
    process.kill(backend?.pid ?? 0, 'SIGSTOP');
    await endChild(first.child, { stopSignal: 'SIGKILL', stopSeconds: 20 });
    let tries = 0;
    const { url } = await start(t, { ...options, spawned: () => { if (++tries === 2) process.kill(backend?.pid ?? 0, 'SIGCONT'); } });
    assert.ok(tries >= 2);
    assert.deepEqual(await query(url, 'SELECT 1 AS one'), [{ one: 1 }]);
  });

  it('that no record knows is ended before another starts on its data', async (t) => {
    const options = await makeOptions(t);
    const first = await start(t, options);
    const second = await start(t, options);
    assert.notEqual(first.child.exitCode, null);
    assert.deepEqual(await query(second.url, 'SELECT 1 AS one'), [{ one: 1 }]);
  });

  it('starts though its old process id is another program\'s by now', async (t) => {
    const options = await makeOptions(t);
    const first = await start(t, options);
    await endChild(first.child, { stopSignal: 'SIGINT', stopSeconds: 20 });
    const stranger = spawn('sleep', ['600'], { ...(UID === undefined ? {} : { uid: UID, gid: UID }), stdio: 'ignore' });
    t.after(() => { stranger.kill('SIGKILL'); });
    writeFileSync(join(options.dataDir, 'cluster/postmaster.pid'), `${stranger.pid}\n${join(options.dataDir, 'cluster')}\n1\n5432\n${options.socketDir}\n\n\nready\n`);
    const { url } = await start(t, options);
    assert.deepEqual(await query(url, 'SELECT 1 AS one'), [{ one: 1 }]);
    assert.equal(stranger.exitCode, null);
  });

  it('begins again where a first start was killed half-way', async (t) => {
    const options = await makeOptions(t);
    mkdirSync(join(options.dataDir, 'cluster.new'), { recursive: true });
    writeFileSync(join(options.dataDir, 'cluster.new/PG_VERSION'), '18');
    const { url } = await start(t, options);
    assert.deepEqual(await query(url, 'SELECT 1 AS one'), [{ one: 1 }]);
    assert.equal(existsSync(join(options.dataDir, 'cluster.new')), false);
  });

  it('refuses data of another major version in a sentence', async (t) => {
    const options = await makeOptions(t);
    mkdirSync(join(options.dataDir, 'cluster'), { recursive: true });
    writeFileSync(join(options.dataDir, 'cluster/PG_VERSION'), '16\n');
    await assert.rejects(start(t, options), /was made by PostgreSQL 16 and this Slipway brings 18/);
  });

  it('finds its libraries where npm ran no install scripts', async (t) => {
    const dir = await makeTemp(t, 'slip-pg-');
    mkdirSync(join(dir, 'native/lib'), { recursive: true });
    writeFileSync(join(dir, 'native/lib/libx.so.1.2'), '');
    writeFileSync(join(dir, 'native/pg-symlinks.json'), JSON.stringify([{ source: 'native/lib/libx.so.1.2', target: 'native/lib/libx.so.1' }]));
    hydrateLinks(join(dir, 'native'));
    hydrateLinks(join(dir, 'native'));
    assert.equal(readlinkSync(join(dir, 'native/lib/libx.so.1')), 'libx.so.1.2');
  });
});
