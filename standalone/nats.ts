import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { accessSync, chmodSync, chownSync, constants, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { createSeed, publicKeyOfSeed } from '../bus/credential.ts';
import { busPermissions, busProcesses } from '../bus/permissions.ts';

const run = promisify(execFile);

export interface Nats { url: string; child: ChildProcess }

/** The nats-server of this machine: on the PATH, or unpacked in `binDir` (Debian's package, without root and without a service). Throws a sentence that says what to run. */
export async function findNatsServer(binDir: string, onProgress: (text: string) => void): Promise<string> {
  const found = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'].map((dir) => join(dir, 'nats-server')).find(isExecutable);
  if (found) return found;
  const unpacked = join(binDir, 'usr/sbin/nats-server');
  if (isExecutable(unpacked)) return unpacked;
  if (process.platform === 'darwin' && await succeeds('brew', ['--version'])) {
    onProgress('Installing nats-server with brew');
    await run('brew', ['install', 'nats-server']);
    return (await run('brew', ['--prefix', 'nats-server'])).stdout.trim() + '/bin/nats-server';
  }
  if (await succeeds('apt-get', ['--version']) && await succeeds('dpkg-deb', ['--version'])) {
    onProgress('Unpacking nats-server from the distribution\'s package');
    if (await unpackDebianPackage(binDir)) return unpacked;
  }
  throw new Error(process.platform === 'darwin' ? 'Slipway needs nats-server: run "brew install nats-server" and start again.' : 'Slipway needs nats-server: run "apt-get install nats-server" (or put it on the PATH) and start again.');
}

async function unpackDebianPackage(binDir: string): Promise<boolean> {
  mkdirSync(binDir, { recursive: true });
  const download = (): Promise<boolean> => succeeds('apt-get', ['-o', 'APT::Sandbox::User=root', 'download', 'nats-server'], binDir);
  if (!await download()) {
    // A bare image has no package lists; only root may fetch them.
    await succeeds('apt-get', ['update', '-qq'], binDir);
    if (!await download()) return false;
  }
  const { stdout } = await run('sh', ['-c', 'ls nats-server_*.deb'], { cwd: binDir });
  const file = stdout.trim().split('\n').at(-1) ?? '';
  await run('dpkg-deb', ['-x', file, '.'], { cwd: binDir });
  rmSync(join(binDir, file), { force: true });
  return isExecutable(join(binDir, 'usr/sbin/nats-server'));
}

function isExecutable(file: string): boolean {
  try { accessSync(file, constants.X_OK); return true; } catch { return false; }
}

const succeeds = (file: string, args: string[], cwd?: string): Promise<boolean> => run(file, args, { cwd, timeout: 300_000 }).then(() => true, () => false);

/** The file with the nkey seed of one process; made where it is missing. */
export function natsSeedFile(keyDir: string, process: string): string {
  const file = join(keyDir, `${process}.nk`);
  mkdirSync(keyDir, { recursive: true, mode: 0o700 });
  if (!existsSync(file)) writeFileSync(file, createSeed(), { mode: 0o600 });
  return file;
}

export interface NatsOptions { server: string; dir: string; keyDir: string; uid?: number | undefined }

/** Starts NATS on a loopback port that it keeps over restarts; each process may do only what `bus/permissions.ts` says. Resolves when it takes connections. */
export async function startNats({ server, dir, keyDir, uid }: NatsOptions, onLine: (line: string) => void): Promise<Nats> {
  const store = join(dir, 'jetstream');
  mkdirSync(store, { recursive: true });
  const port = await keptPort(join(dir, 'port'));
  const config = join(dir, 'nats.conf');
  writeFileSync(config, natsConfig(port, store, keyDir), { mode: 0o600 });
  const ids = process.getuid?.() === 0 && uid !== undefined ? { uid, gid: uid } : {};
  if (ids.uid !== undefined) for (const path of [dir, store, config]) chownSync(path, ids.uid, ids.uid);
  chmodSync(dir, 0o700);
  const child = spawn(server, ['-c', config], { ...ids, stdio: ['ignore', 'ignore', 'pipe'], cwd: ids.uid === undefined ? dir : '/', env: { PATH: process.env.PATH } });
  await new Promise<void>((resolve, reject) => {
    let tail = '';
    child.stderr.on('data', (chunk: Buffer) => {
      tail = (tail + chunk.toString()).slice(-4_000);
      for (const line of chunk.toString().split('\n')) if (/\[(ERR|WRN|FTL)\]/.test(line)) onLine(line);
      if (tail.includes('Server is ready')) resolve();
    });
    child.once('error', reject);
    child.once('exit', (code) => { reject(new Error(`nats-server ended with code ${code}: ${tail.trim()}`)); });
  });
  return { url: `nats://127.0.0.1:${port}`, child };
}

/** A free port, remembered: processes that reconnect find a restarted server where it was. */
async function keptPort(file: string): Promise<number> {
  const kept = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  const port = kept !== 0 && await isFree(kept) ? kept : await anyPort();
  writeFileSync(file, String(port));
  return port;
}

const isFree = (port: number): Promise<boolean> => listenOnce(port).then(() => true, () => false);
const anyPort = (): Promise<number> => listenOnce(0);

function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(port, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => { resolve(typeof address === 'object' && address ? address.port : port); });
    });
  });
}

function natsConfig(port: number, store: string, keyDir: string): string {
  const users = busProcesses.map((name) => {
    const { publish, subscribe, answers } = busPermissions(name);
    const permissions = { publish: { allow: publish }, subscribe: { allow: subscribe }, ...(answers ? { allow_responses: { max: 1, expires: '60s' } } : {}) };
    return { nkey: publicKeyOfSeed(readFileSync(natsSeedFile(keyDir, name), 'utf8')), permissions };
  });
  // JSON is a subset of the configuration's syntax.
  return JSON.stringify({
    listen: `127.0.0.1:${port}`, max_payload: 1024 * 1024, max_connections: 200,
    jetstream: { store_dir: store, max_memory_store: 64 * 1024 * 1024, max_file_store: 20 * 1024 ** 3 },
    authorization: { users },
  }, null, 1);
}
