import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSeed, publicKeyOfSeed } from '../bus/credential.ts';
import { busServerConfig } from '../bus/server-config.ts';
import { findFreePort, isPortFree } from '../service/port.ts';
import { howItEnded } from './children.ts';
import { giveTo } from './give-to.ts';
import { StartError } from './start-error.ts';

export interface Nats { url: string; port: number; child: ChildProcess }

/** The file with the nkey seed of one process; made where it is missing. */
export function natsSeedFile(keyDir: string, process: string): string {
  const file = join(keyDir, `${process}.nk`);
  mkdirSync(keyDir, { recursive: true, mode: 0o700 });
  if (!existsSync(file)) {
    writeFileSync(`${file}.new`, createSeed(), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  return file;
}

/** The public half of a process's key. */
export const publicKeyIn = (keyDir: string) => (process: string): string => publicKeyOfSeed(readFileSync(natsSeedFile(keyDir, process), 'utf8'));

export interface NatsOptions {
  server: string;
  dir: string;
  keyDir: string;
  /** The user it runs as when we are root. */
  uid?: number | undefined;
  /** Exactly this one: a server that starts again must be where its clients look for it. */
  port?: number | undefined;
  /** Gets the process the moment it exists, before it is ready. */
  spawned?(child: ChildProcess): void;
}

/** Starts NATS on a loopback port that it keeps over restarts; each process may do only what `bus/permissions.ts` says. Resolves when it takes connections. */
export async function startNats({ server, dir, keyDir, uid, port: wantedPort, spawned }: NatsOptions, onLine: (line: string) => void): Promise<Nats> {
  const ids = process.getuid?.() === 0 && uid !== undefined ? { uid, gid: uid } : {};
  const store = join(dir, 'jetstream');
  mkdirSync(store, { recursive: true });
  chmodSync(dir, ids.uid === undefined ? 0o700 : 0o711);
  chmodSync(store, 0o700);
  const port = wantedPort ?? await keptPort(join(dir, 'port'));
  const config = join(dir, 'nats.conf');
  writeFileSync(config, busServerConfig({
    cluster: 'local', listen: `127.0.0.1:${port}`, store, maxStoreBytes: 20 * 1024 ** 3,
    publicKey: publicKeyIn(keyDir),
  }), { mode: 0o600 });
  if (ids.uid !== undefined) {
    giveTo(ids.uid, store);
    // It may read its rules, not change them.
    chownSync(config, 0, ids.gid);
    chmodSync(config, 0o640);
  }
  // In a group of its own: a terminal's Ctrl-C must not end it before those that use it.
  const child = spawn(server, ['-c', config], { ...ids, detached: true, stdio: ['ignore', 'ignore', 'pipe'], cwd: '/', env: { PATH: process.env.PATH } });
  spawned?.(child);
  await untilReady(child, onLine);
  return { url: `nats://127.0.0.1:${port}`, port, child };
}

function untilReady(child: ChildProcess, onLine: (line: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let tail = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      tail = (tail + chunk.toString()).slice(-4_000);
      for (const line of chunk.toString().split('\n')) if (/\[(ERR|WRN|FTL)\]/.test(line)) onLine(line);
      if (tail.includes('Server is ready')) resolve();
    });
    child.on('error', (error) => { reject(new StartError(`nats-server could not be started: ${error.message}`, { cause: error })); });
    child.once('exit', (code, signal) => { reject(new Error(`nats-server ${howItEnded(code, signal)}: ${tail.trim()}`)); });
  });
}

/** Below those that systems give to whoever asks for any, and those of replicas: nobody else comes to have it before the server does, or while it is away. */
const FIRST_PORT = 10_000;
const LAST_PORT = 20_000;

/** A free port, remembered: processes that reconnect find a restarted server where it was. */
async function keptPort(file: string): Promise<number> {
  const kept = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  const port = kept > 0 && await isPortFree(kept, '127.0.0.1') ? kept : await findFreePort(FIRST_PORT, LAST_PORT, '127.0.0.1');
  if (port === null) throw new StartError('No free port was found for nats-server.');
  writeFileSync(file, String(port), { mode: 0o600 });
  return port;
}
