import { execFile } from 'node:child_process';
import { accessSync, constants, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import semver from 'semver';
import { OLDEST_NATS } from '../bus/check-server.ts';
import { StartError } from './start-error.ts';

const run = promisify(execFile);

/** The nats-server of this machine: on the PATH, or the distribution's package unpacked in `binDir` (without root, and without a service). Throws StartError that says what to run. */
export async function findNatsServer(binDir: string, onProgress: (text: string) => void, path = searchPath()): Promise<string> {
  for (const dir of [...path, join(binDir, 'usr/sbin')]) {
    const file = join(dir, 'nats-server');
    if (isExecutable(file) && await isNewEnough(file)) return file;
  }
  if (process.platform === 'darwin' && await succeeds('brew', ['--version'])) {
    onProgress('Installing nats-server with brew');
    if (await succeeds('brew', ['install', 'nats-server'])) return join((await run('brew', ['--prefix', 'nats-server'])).stdout.trim(), 'bin/nats-server');
  }
  if (await succeeds('apt-get', ['--version']) && await succeeds('dpkg-deb', ['--version'])) {
    onProgress('Unpacking nats-server from the distribution\'s package');
    const file = await unpackDebianPackage(binDir);
    if (file !== null && await isNewEnough(file)) return file;
  }
  throw new StartError(`Slipway needs nats-server ${OLDEST_NATS} or newer: ${await howToGetIt()} and start again.`);
}

async function howToGetIt(): Promise<string> {
  if (process.platform === 'darwin' && await succeeds('brew', ['--version'])) return 'run "brew install nats-server"';
  const download = 'put the one from https://github.com/nats-io/nats-server/releases on the PATH';
  return await succeeds('apt-get', ['--version']) ? `run "apt-get install nats-server", or ${download},` : download;
}

/** System programs are not on everybody's PATH. */
const searchPath = (): string[] => [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin'];

/** Null: the package cannot be had. A directory appears under its name when it is whole. */
async function unpackDebianPackage(binDir: string): Promise<string | null> {
  mkdirSync(dirname(binDir), { recursive: true });
  const half = mkdtempSync(`${binDir}.`);
  try {
    // A bare image has no package lists; only root may fetch them.
    if (!await download(half)) {
      await succeeds('apt-get', ['update', '-qq'], half);
      if (!await download(half)) return null;
    }
    const file = readdirSync(half).find((name) => name.endsWith('.deb'));
    if (file === undefined || !await succeeds('dpkg-deb', ['-x', file, '.'], half)) return null;
    rmSync(join(half, file));
    rmSync(binDir, { recursive: true, force: true });
    renameSync(half, binDir);
  } finally {
    rmSync(half, { recursive: true, force: true });
  }
  return join(binDir, 'usr/sbin/nats-server');
}

const download = (dir: string): Promise<boolean> => succeeds('apt-get', ['-o', 'APT::Sandbox::User=root', 'download', 'nats-server'], dir);

function isExecutable(file: string): boolean {
  try { accessSync(file, constants.X_OK); return true; } catch { return false; }
}

async function isNewEnough(file: string): Promise<boolean> {
  try {
    const version = semver.coerce((await run(file, ['--version'], { timeout: 20_000 })).stdout);
    return version !== null && semver.gte(version, OLDEST_NATS);
  } catch { return false; }
}

const succeeds = (file: string, args: string[], cwd?: string): Promise<boolean> => run(file, args, { cwd, timeout: 300_000 }).then(() => true, () => false);
