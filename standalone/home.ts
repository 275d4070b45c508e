import { createHash, randomBytes, randomInt } from 'node:crypto';
import { accessSync, chmodSync, constants, existsSync, mkdirSync, readFileSync, realpathSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A problem of the machine that one sentence explains; the start ends with it. */
export class StartError extends Error {}

/** The data directory and what is in it. */
export interface Home {
  dir: string;
  keys: string;
  /** Sockets and process records; short enough for unix sockets. */
  run: string;
  masterKeyFile: string;
  /** First of the block of users that apps and builds run as; undefined: not root, no wall. */
  uidBase: number | undefined;
  /** Where apps' own users can enter: state of the node, PostgreSQL's data and binaries. */
  open: string;
  /** PostgreSQL's socket, where its own user can make it. */
  postgresSocketDir: string;
}

const UID_BLOCK = 32_768;
const MIN_FREE_BYTES = 512 * 1024 * 1024;

/** Makes the data directory where it is new and checks that it can be used. Throws StartError. */
export function prepareHome(path: string): Home {
  try {
    mkdirSync(path, { recursive: true, mode: 0o711 });
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new StartError(`The data directory ${path} cannot be written (${errorCode(error)}): set SLIPWAY_HOME to one that can.`, { cause: error });
  }
  const dir = realpathSync(path);
  const { bavail, bsize } = statfsSync(dir);
  if (bavail * bsize < MIN_FREE_BYTES) throw new StartError(`The disk of ${dir} is almost full (${Math.floor(bavail * bsize / 1024 / 1024)} MB free): Slipway needs at least ${MIN_FREE_BYTES / 1024 / 1024} MB.`);
  const root = process.getuid?.() === 0;
  chmodSync(dir, root ? 0o711 : 0o700);
  const keys = join(dir, 'keys');
  for (const name of ['keys', 'blobs', 'repositories', 'logs', 'nats']) mkdirSync(join(dir, name), { recursive: true, mode: 0o700 });
  // PostgreSQL's user passes through it to its own socket; nobody else's rights on a socket let them connect.
  mkdirSync(join(dir, 'run'), { recursive: true, mode: 0o711 });
  const masterKeyFile = join(keys, 'master.key');
  if (!existsSync(masterKeyFile)) writeFileSync(masterKeyFile, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
  const open = root && !canBeEntered(dir) ? `/var/lib/slipway/${createHash('sha256').update(dir).digest('hex').slice(0, 12)}` : dir;
  mkdirSync(open, { recursive: true, mode: 0o711 });
  const run = runDir(dir);
  return { dir, keys, run, masterKeyFile, uidBase: root ? uidBase(join(keys, 'uid-base')) : undefined, open, postgresSocketDir: join(open === dir ? run : open, open === dir ? 'postgres' : 'run') };
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

/** One block of users a data directory, chosen by chance once: two platforms on a machine don't share users. */
function uidBase(file: string): number {
  if (!existsSync(file)) {
    const map = existsSync('/proc/self/uid_map') ? readFileSync('/proc/self/uid_map', 'utf8').trim().split('\n').map((line) => line.trim().split(/\s+/).map(Number)) : [];
    const highest = map.length > 0 ? Math.max(...map.map(([inside = 0, , length = 0]) => inside + length)) : 2 ** 31;
    const blocks = Math.floor(Math.min(highest, 2 ** 31) / UID_BLOCK);
    const first = Math.min(4, blocks - 1);
    if (first < 1) return 30_000;
    writeFileSync(file, String(randomInt(first, Math.max(blocks, first + 1)) * UID_BLOCK), { mode: 0o600 });
  }
  return Number(readFileSync(file, 'utf8'));
}
