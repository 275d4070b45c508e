import { createHash, randomBytes } from 'node:crypto';
import { accessSync, chmodSync, constants, existsSync, mkdirSync, readFileSync, realpathSync, renameSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { StartError } from './start-error.ts';
import { chooseUidBlock } from './uid-block.ts';

/** The data directory and what is in it. */
export interface Home {
  dir: string;
  keys: string;
  /** Sockets and process records; short enough for unix sockets. */
  run: string;
  masterKeyFile: string;
  /** First of the block of users that apps and builds run as; undefined: not root, no wall. */
  uidBase: number | undefined;
  /** Where other users can enter: state of the node, data and binaries of PostgreSQL and NATS. */
  open: string;
  /** PostgreSQL's socket, where its own user can make it. */
  postgresSocketDir: string;
}

const MIN_FREE_BYTES = 512 * 1024 * 1024;
/** What has its database already starts with less: its apps are down meanwhile. */
const MIN_FREE_LATER_BYTES = 64 * 1024 * 1024;

/** Makes the data directory where it is new and checks that it can be used. Throws StartError. */
export function prepareHome(path: string): Home {
  try {
    makePath(resolve(path));
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new StartError(`The data directory ${path} cannot be written (${errorCode(error)}): set SLIPWAY_HOME to one that can.`, { cause: error });
  }
  const dir = realpathSync(path);
  checkDisk(dir, existsSync(join(dir, 'credentials.json')) ? MIN_FREE_LATER_BYTES : MIN_FREE_BYTES);
  const root = process.getuid?.() === 0;
  chmodSync(dir, root ? 0o711 : 0o700);
  const keys = join(dir, 'keys');
  for (const name of ['keys', 'blobs', 'repositories', 'logs']) mkdirSync(join(dir, name), { recursive: true, mode: 0o700 });
  // PostgreSQL's user passes through it to its own socket; nobody else's rights on a socket let them connect.
  mkdirSync(join(dir, 'run'), { recursive: true, mode: 0o711 });
  const masterKeyFile = join(keys, 'master.key');
  if (!existsSync(masterKeyFile)) writeWhole(masterKeyFile, `${randomBytes(32).toString('base64')}\n`);
  const open = root && !canBeEntered(dir) ? `/var/lib/slipway/${createHash('sha256').update(dir).digest('hex').slice(0, 12)}` : dir;
  mkdirSync(open, { recursive: true, mode: 0o711 });
  const run = runDir(dir);
  return { dir, keys, run, masterKeyFile, uidBase: root ? uidBase(join(keys, 'uid-base')) : undefined, open, postgresSocketDir: join(open === dir ? run : open, open === dir ? 'postgres' : 'run') };
}

/** Throws StartError where there is not enough room to begin with. */
export function checkDisk(dir: string, needed = MIN_FREE_BYTES): void {
  const { bavail, bsize } = statfsSync(dir);
  if (bavail * bsize < needed) throw new StartError(`The disk of ${dir} is almost full (${toMegabytes(bavail * bsize)} MB free): Slipway needs at least ${toMegabytes(needed)} MB.`);
}

const toMegabytes = (bytes: number): number => Math.floor(bytes / 1024 / 1024);

/** Like `mkdir -p`; Node's own never comes back from a place where nothing can be made, as /proc. */
function makePath(path: string): void {
  if (existsSync(path)) return;
  if (path !== dirname(path)) makePath(dirname(path));
  try {
    mkdirSync(path, { mode: 0o711 });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}

/** A kill -9 in the middle leaves no half key. */
function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

const errorCode = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : String(error));

/** Whether other users can pass through every folder on the way (/root is 0700: they cannot). */
function canBeEntered(dir: string): boolean {
  for (let path = dir; ; path = dirname(path)) {
    if ((statSync(path).mode & 0o001) === 0) return false;
    if (path === dirname(path)) return true;
  }
}

/** A unix socket's path has at most 107 bytes (104 on macOS). */
function runDir(dir: string): string {
  const inside = join(dir, 'run');
  if (Buffer.byteLength(join(inside, 'postgres/.s.PGSQL.5432.lock')) < 100) return inside;
  const short = join(tmpdir(), `slipway-${createHash('sha256').update(dir).digest('hex').slice(0, 12)}`);
  mkdirSync(short, { recursive: true, mode: 0o711 });
  const { uid, mode } = statSync(short);
  if (uid !== process.getuid?.() || (mode & 0o066) !== 0) throw new StartError(`${short} belongs to somebody else: set SLIPWAY_HOME to a shorter path.`);
  return short;
}

/** One block of users a data directory, chosen once. */
function uidBase(file: string): number {
  if (!existsSync(file)) writeWhole(file, String(chooseUidBlock()));
  return Number(readFileSync(file, 'utf8'));
}
