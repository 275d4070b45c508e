#!/usr/bin/env node
// Drop-in replacement for Prisma's native `schema-engine` binary, backed by
// @prisma/schema-engine-wasm + @prisma/adapter-pg. Works with no internet.
// Use: PRISMA_SCHEMA_ENGINE_BINARY=$PWD/schema-engine.mjs npx prisma migrate deploy
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { parse as parseUrl } from 'pg-connection-string';
import { randomUUID } from 'node:crypto';

const require = createRequire(import.meta.url);
const argv = process.argv.slice(2);
const datamodels = []; let datasource = {}; let cli = null;
for (let i = 0; i < argv.length; i++) {
  if (argv[i] === '--datamodels') datamodels.push(argv[++i]);
  else if (argv[i] === '--datasource') datasource = JSON.parse(argv[++i]);
  else if (argv[i] === '--version' || argv[i] === '-V') {
    const v = require('@prisma/engines-version/package.json').prisma.enginesVersion;
    console.log(`schema-engine-cli ${v}`); process.exit(0);
  } else if (argv[i] === 'cli') cli = argv[++i];
}
const adminUrl = (u) => { const x = new URL(u); const db = decodeURIComponent(x.pathname.slice(1)); x.pathname = '/postgres'; x.search = ''; return [x.toString(), db]; };
const logErr = (message, error_code) => process.stderr.write('schema-engine (wasm)\n' + JSON.stringify({ timestamp: new Date().toISOString(), level: 'ERROR', fields: { message, ...(error_code && { error_code }) }, target: 'schema_engine::logger' }) + '\n');

if (cli) {
  const url = datasource.url; const [admin, db] = adminUrl(url);
  try {
    if (cli === 'can-connect-to-database') { const c = new pg.Client(url); await c.connect(); await c.end(); }
    else { const c = new pg.Client(admin); await c.connect();
      await c.query(`${cli === 'create-database' ? 'CREATE' : 'DROP'} DATABASE "${db.replaceAll('"', '""')}"`); await c.end(); }
    process.exit(0);
  } catch (e) {
    const code = e.code === '3D000' ? 'P1003' : e.code === 'ECONNREFUSED' || e.code === 'ENOTFOUND' ? 'P1001' : e.code === '28P01' ? 'P1000' : e.code === '42P04' ? 'P1009' : 'P1011';
    logErr(e.message, code); process.exit(1);
  }
}

globalThis.PRISMA_WASM_PANIC_REGISTRY = { message: '', set_message(m) { this.message = m; process.stderr.write(JSON.stringify({ level: 'ERROR', fields: { message: m }, target: 'schema_engine' }) + '\n'); } };
// adapter-pg cannot read pg's internal "char" type (oid 18), which schema introspection needs: present it as text.
const char2text = (res) => { for (const x of Array.isArray(res) ? res : [res]) for (const f of x.fields ?? []) if (f.dataTypeID === 18) f.dataTypeID = 25; return res; };
class Client extends pg.Client { query(...a) { const r = super.query(...a); return typeof r?.then === 'function' ? r.then(char2text) : r; } }
class Pool extends pg.Pool { query(...a) { return super.query(...a).then(char2text); } }
function connConfig(url) {   // never hand `connectionString` down: pg lets it win over `database`, and the shadow db would be the real one
  const u = new URL(url); const schema = u.searchParams.get('schema') ?? undefined;
  for (const k of ['schema', 'connection_limit', 'pool_timeout', 'connect_timeout', 'socket_timeout', 'pgbouncer', 'statement_cache_size']) u.searchParams.delete(k);
  return [{ ...parseUrl(u.toString()), max: 1, Client }, schema];
}
// one whole script per simple query, as the native engine does (adapter-pg splits at ';', which breaks function bodies)
const wholeScript = (a) => { a.executeScript = async (sql) => { try { await a.underlyingDriver().query(sql); } catch (e) { a.onError(e); } }; return a; };
const pools = new Set();
class Factory {
  provider = 'postgres'; adapterName = '@prisma/adapter-pg';
  constructor(url) { [this.config, this.schema] = connConfig(url); }
  async open(cfg, onDispose) {
    const pool = new Pool(cfg); pools.add(pool);
    const a = wholeScript(await new PrismaPg(pool, { schema: this.schema }).connect());
    a.dispose = async () => { if (pools.delete(pool)) await pool.end(); await onDispose?.(); };
    return a;
  }
  connect() { return this.open(this.config); }
  async connectToShadowDb() {
    if (datasource.shadowDatabaseUrl) return this.open(connConfig(datasource.shadowDatabaseUrl)[0]);
    const database = `prisma_migrate_shadow_db_${randomUUID()}`;
    const admin = async (sql) => { const c = new pg.Client(this.config); await c.connect(); try { await c.query(sql); } finally { await c.end(); } };
    await admin(`CREATE DATABASE "${database}"`);
    return this.open({ ...this.config, database }, () => admin(`DROP DATABASE IF EXISTS "${database}" WITH (FORCE)`));
  }
}
async function loadWasm() {
  const dir = dirname(require.resolve('@prisma/schema-engine-wasm'));
  const bg = await import(join(dir, 'schema_engine_bg.js'));
  const { instance } = await WebAssembly.instantiate(readFileSync(join(dir, 'schema_engine_bg.wasm')), { './schema_engine_bg.js': bg });
  bg.__wbg_set_wasm(instance.exports); instance.exports.__wbindgen_start();
  return bg.SchemaEngine;
}
let bound, SchemaEngine;
// one engine per call: after applyMigrations an engine refuses to open its shadow database again
async function withEngine(fn) {
  SchemaEngine ??= await loadWasm();
  bound = bindMigrationAwareSqlAdapterFactory(new Factory(datasource.url ?? 'postgresql://localhost/unused'));
  const models = datamodels.length ? datamodels.map((f) => [f, readFileSync(f, 'utf8')]) : [['schema.prisma', 'datasource db {\n  provider = "postgresql"\n}\n']];
  try { return await fn(await SchemaEngine.new({ datamodels: models }, () => {}, bound)); }
  finally { for (const p of pools) { pools.delete(p); await p.end(); } }   // also gives the session's advisory lock back
}
const map = { getDatabaseVersion: 'version' };
const pending = new Set();
const rl = createInterface({ input: process.stdin });
rl.on('line', (line) => { const p = handle(JSON.parse(line)).finally(() => pending.delete(p)); pending.add(p); });
rl.on('close', async () => { await Promise.allSettled(pending); process.exit(0); });
async function handle(m) {
  if (m.method === undefined) return;
  let out;
  try {
    if (m.method === 'createDatabase') {
      const [admin, db] = adminUrl(m.params.datasource.url ?? datasource.url);
      const c = new pg.Client(admin); await c.connect(); await c.query(`CREATE DATABASE "${db.replaceAll('"', '""')}"`); await c.end();
      out = { databaseName: db };
    } else {
      out = (await withEngine(async (e) => {
        // these two only read the shadow schema from a cache that devDiagnostic fills (wasm engine limitation)
        if (m.method === 'evaluateDataLoss' || m.method === 'createMigration') await e.devDiagnostic({ migrationsList: m.params.migrationsList, filters: m.params.filters });
        return e[map[m.method] ?? m.method](m.params);
      })) ?? {};
      if (m.method === 'diff' && out.stdout != null) process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id: `print-${m.id}`, method: 'print', params: { content: out.stdout.replace(/\n$/, '') } }) + '\n');
    }
    process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id: m.id, result: out }) + '\n');
  } catch (err) {
    if (process.env.SHIM_DEBUG) console.error(err, err?.cause, bound?.errorRegistry);
    const data = { is_panic: false, message: err.message, error_code: err.code, meta: null };
    process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id: m.id, error: { code: 4466, message: 'An error happened. Check the data field for details.', data } }) + '\n');
  }
}
