// Plain JavaScript for Node 20: gets the dependencies and the Node that runs the project.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const OLDEST_NODE = 24;

/** Ends with one sentence and code 1. */
function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

/** Installs what package-lock.json says where it is not there yet (with `dev`: the tools for tests and checks too); answers the Node to run on. */
export function ensureReady({ dev }) {
  if (Number(process.versions.node.split('.')[0]) < 20) fail(`Slipway needs Node 20 or newer to start, and this is ${process.versions.node}.`);
  const wanted = createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).digest('hex');
  const marker = join(root, 'node_modules/.slipway');
  const [lock, kind] = existsSync(marker) ? readFileSync(marker, 'utf8').split(' ') : [];
  if (lock !== wanted || (dev && kind !== 'dev')) {
    install(dev || kind === 'dev');
    writeFileSync(marker, `${wanted} ${dev || kind === 'dev' ? 'dev' : 'run'}`);
  }
  return { root, node: findNode() };
}

function install(dev) {
  try { accessSync(root, constants.W_OK); } catch { fail(`The folder ${root} cannot be written: Slipway installs its dependencies there.`); }
  process.stdout.write(`  Installing dependencies (npm ci${dev ? '' : ' --omit=dev'}); once, about half a minute …\n`);
  rmSync(join(root, 'node_modules/.slipway'), { force: true });
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error', ...(dev ? [] : ['--omit=dev'])];
  const { status, error } = spawnSync('npm', args, { cwd: root, stdio: ['ignore', process.stdout.isTTY ? 'inherit' : 'ignore', 'inherit'], env: { ...process.env, PRISMA_SKIP_POSTINSTALL_GENERATE: '1' } });
  if (error) fail(`Slipway needs npm to install its dependencies: ${error.message}`);
  if (status !== 0) fail('npm could not install the dependencies; its own words are above. Try again, or run "npm ci" by hand.');
}

/** The Node that started us where it is new enough, else the one among our own dependencies. */
function findNode() {
  if (Number(process.versions.node.split('.')[0]) >= OLDEST_NODE) return process.execPath;
  const own = join(root, 'node_modules/node/bin/node');
  const { status } = spawnSync(own, ['--version'], { stdio: 'ignore' });
  if (status !== 0) fail(`Slipway runs on Node ${OLDEST_NODE} or newer, and npm has none for ${process.platform}-${process.arch}: install Node ${OLDEST_NODE} and start again.`);
  return own;
}
