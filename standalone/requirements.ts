import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import semver from 'semver';
import { StartError } from './start-error.ts';

/** `proc-receive`, which moves a branch when its slug exists, came with this version. */
const OLDEST_GIT = '2.29.0';

/** Throws StartError for root on macOS: there are no users of their own for apps there, and the database refuses to be root. */
export function checkUser(platform: NodeJS.Platform = process.platform, uid = process.getuid?.()): void {
  if (platform !== 'linux' && uid === 0) throw new StartError('On macOS, Slipway runs as your own user: start it without sudo.');
}

/** Throws StartError where git is missing or too old. */
export async function checkGit(): Promise<void> {
  const advice = process.platform === 'darwin' ? 'run "xcode-select --install"' : 'run "apt-get install git"';
  const { stdout } = await promisify(execFile)('git', ['--version']).catch((error: unknown) => {
    throw new StartError(`Slipway needs git: ${advice} and start again.`, { cause: error });
  });
  const version = semver.coerce(stdout);
  if (version && semver.lt(version, OLDEST_GIT)) throw new StartError(`Slipway needs git ${OLDEST_GIT} or newer and this is ${version.version}: ${advice} and start again.`);
}

/** Throws StartError where something else listens on the public port, or the address is not ours. */
export function checkPort(listen: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? `Port ${port} is taken: stop what listens there, or set SLIPWAY_PORT to another.`
        : error.code === 'EACCES' ? `Port ${port} may not be used by this user: set SLIPWAY_PORT to one above 1023.`
        : `Slipway cannot listen on ${listen}:${port} (${error.code ?? error.message}): set SLIPWAY_LISTEN to an address of this machine.`;
      reject(new StartError(why, { cause: error }));
    });
    probe.listen(port, listen, () => { probe.close(() => { resolve(); }); });
  });
}
