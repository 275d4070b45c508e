import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { howItEnded } from './children.ts';
import { giveTo } from './give-to.ts';
import { areComplete, copyBinaries, findPostgres } from './postgres-binaries.ts';
import { commandLine, endProcess, identify } from './process-identity.ts';
import { StartError } from './start-error.ts';

const LEFTOVERS_MS = 30_000;

export interface PostgresOptions {
  /** Where the data directory and the binaries' copy live. */
  dataDir: string;
  /** A directory for the unix socket; short, because a socket's path is at most 107 bytes. */
  socketDir: string;
  /** Where the superuser's password is kept (0600). */
  passwordFile: string;
  /** The user it runs as when we are root: PostgreSQL refuses to be root. */
  uid?: number | undefined;
  /** Gets the process the moment it exists, before it is ready. */
  spawned?(child: ChildProcess): void;
}

export interface Postgres { url: string; child: ChildProcess }

/** Starts PostgreSQL on a unix socket alone, with a password, initialised where it is new; resolves when it takes connections. */
export async function startPostgres(options: PostgresOptions, onLine: (line: string) => void): Promise<Postgres> {
  const ids = process.getuid?.() === 0 && options.uid !== undefined ? { uid: options.uid, gid: options.uid } : {};
  mkdirSync(options.dataDir, { recursive: true, mode: 0o711 });
  chmodSync(options.dataDir, 0o711);
  const binaries = findPostgres();
  const native = ids.uid === undefined && areComplete(binaries) ? binaries.native : copyBinaries(binaries, options.dataDir);
  const cluster = join(options.dataDir, 'cluster');
  mkdirSync(options.socketDir, { recursive: true });
  if (ids.uid !== undefined) chownSync(options.socketDir, ids.uid, ids.uid);
  chmodSync(options.socketDir, 0o700);
  const password = readPassword(options.passwordFile);
  if (!existsSync(cluster)) await initialise(native, cluster, password, ids.uid);
  if (ids.uid !== undefined) giveTo(ids.uid, cluster);
  checkMajor(cluster, binaries.version);
  await endForgotten(cluster);
  removeStaleSocket(options.socketDir);
  const launch = (): ChildProcess => spawn(join(native, 'bin/postgres'), [
    '-D', cluster, '-c', 'listen_addresses=', '-c', `unix_socket_directories=${options.socketDir}`, '-c', 'max_connections=60', '-c', 'shared_buffers=64MB', '-c', 'log_min_messages=warning',
    // In a group of its own: a terminal's Ctrl-C must not end it before those that use it.
  ], { ...ids, detached: true, stdio: ['ignore', 'ignore', 'pipe'], cwd: '/', env: { PATH: process.env.PATH, LC_ALL: 'C' } });
  const child = await startOnFreeMemory(launch, options, onLine, join(cluster, 'postmaster.pid'));
  return { url: `postgresql://slipway:${password}@localhost/postgres?host=${encodeURIComponent(options.socketDir)}`, child };
}

/** A killed server's own processes take a moment to notice and end; until then PostgreSQL refuses to start on the memory that they share. */
async function startOnFreeMemory(launch: () => ChildProcess, { spawned }: PostgresOptions, onLine: (line: string) => void, pidFile: string): Promise<ChildProcess> {
  for (const until = Date.now() + LEFTOVERS_MS; ;) {
    const child = launch();
    spawned?.(child);
    try {
      await untilReady(child, onLine, pidFile);
      return child;
    } catch (error) {
      if (!(error instanceof Error && error.message.includes('pre-existing shared memory block')) || Date.now() > until) throw error;
    }
    await pause(100);
  }
}

/** initdb wants a user with a name; `daemon` has one everywhere. The result is then given to the server's own user, whole, by one rename. */
const INITIALISER = 1;

async function initialise(native: string, cluster: string, password: string, uid: number | undefined): Promise<void> {
  const half = `${cluster}.new`;
  const passwordFile = `${cluster}.password`;
  const owner = uid === undefined ? {} : { uid: INITIALISER, gid: INITIALISER };
  rmSync(half, { recursive: true, force: true });
  mkdirSync(half, { mode: 0o700 });
  rmSync(passwordFile, { force: true });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (owner.uid !== undefined) for (const path of [half, passwordFile]) chownSync(path, owner.uid, owner.gid);
  try {
    await initdb(join(native, 'bin/initdb'), ['-D', half, '-U', 'slipway', '--auth=scram-sha-256', `--pwfile=${passwordFile}`, '-E', 'UTF8', '--locale=C'], owner);
  } finally {
    rmSync(passwordFile, { force: true });
  }
  if (uid !== undefined) giveTo(uid, half);
  renameSync(half, cluster);
}

function initdb(file: string, args: string[], owner: { uid?: number; gid?: number }): Promise<void> {
  const child = spawn(file, args, { ...owner, detached: true, stdio: ['ignore', 'ignore', 'pipe'], cwd: '/', env: { PATH: process.env.PATH, LC_ALL: 'C' } });
  let tail = '';
  child.stderr.on('data', (chunk: Buffer) => { tail = (tail + chunk.toString()).slice(-4_000); });
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => { reject(new StartError(`PostgreSQL could not make its data directory: ${why}`)); };
    child.once('error', (error) => { fail(error.message); });
    child.once('close', (code, signal) => { if (code === 0) resolve(); else if (/no space left on device/i.test(tail)) reject(new Error(tail)); else fail(`initdb ${howItEnded(code, signal)}: ${tail.trim()}`); });
  });
}

function checkMajor(cluster: string, version: string): void {
  const made = readFileSync(join(cluster, 'PG_VERSION'), 'utf8').trim();
  if (made !== version.split('.')[0]) throw new StartError(`The data in ${cluster} was made by PostgreSQL ${made} and this Slipway brings ${version.split('.')[0]}: take the Slipway that made it, or bring the data over with pg_upgrade.`);
}

function readPassword(file: string): string {
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600 });
  return readFileSync(file, 'utf8').trim();
}

/** A server on these data that no record knows (the disk was full) is ended; a pid that is another program's by now would keep ours from starting. */
async function endForgotten(cluster: string): Promise<void> {
  const file = join(cluster, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  const command = commandLine(pid);
  // PostgreSQL itself knows what is left of a dead one, by what else the file says.
  if (command === '') return;
  if (command.includes(cluster)) await endProcess(identify(pid), 'SIGINT', 30);
  else rmSync(file, { force: true });
}

/** After kill -9 the socket's file is still there; it keeps nobody out who knows that no server runs. */
function removeStaleSocket(socketDir: string): void {
  for (const name of ['.s.PGSQL.5432', '.s.PGSQL.5432.lock']) rmSync(join(socketDir, name), { force: true });
}

/** PostgreSQL writes its state into the last line of its pid file: its socket is there before it takes anybody. */
function untilReady(child: ChildProcess, onLine: (line: string) => void, pidFile: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let tail = '';
    const look = setInterval(() => { if (isReady(child, pidFile)) { clearInterval(look); resolve(); } }, 20);
    const fail = (error: Error): void => { clearInterval(look); reject(error); };
    child.stderr?.on('data', (chunk: Buffer) => {
      tail = (tail + chunk.toString()).slice(-4_000);
      for (const line of chunk.toString().split('\n')) if (/ (WARNING|ERROR|FATAL|PANIC): /.test(line)) onLine(line);
    });
    child.on('error', (error) => { fail(new StartError(`PostgreSQL could not be started: ${error.message}`, { cause: error })); });
    // Not before all is read of what it said.
    child.once('close', (code, signal) => { fail(new Error(`PostgreSQL ${howItEnded(code, signal)}: ${tail.trim()}`)); });
  });
}

/** A pid file of a killed server is another's: its first line is not our child's. */
function isReady(child: ChildProcess, pidFile: string): boolean {
  try {
    const lines = readFileSync(pidFile, 'utf8').split('\n');
    return Number(lines[0]) === child.pid && lines[7]?.trim() === 'ready';
  } catch { return false; }
}
