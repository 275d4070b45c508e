// Plain JavaScript for Node 20: gets the dependencies and the Node that runs the project.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const OLDEST_NODE = 24;

/** Ends with one sentence and code 1. */
function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

/**
 * Installs what package-lock.json says where it is not there yet (with `dev`: the tools for tests and checks too); answers the Node to run on.
 * What is started from here keeps its compiled code in node_modules: that halves the time and the memory that loading takes.
 */
export function ensureReady({ dev, json = false }) {
  if (Number(process.versions.node.split('.')[0]) < 20) fail(`Slipway needs Node 20 or newer to start, and this is ${process.versions.node}.`);
  const wanted = packagesOf('package-lock.json');
  // npm writes it when all is installed, and removes it first when it starts over.
  const installed = packagesOf('node_modules/.package-lock.json');
  const hasTools = Object.values(installed).some((entry) => entry.dev);
  if (!isInstalled(wanted, installed, dev || hasTools)) install(dev || hasTools, json);
  process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules/.cache/slipway');
  return { root, node: findNode() };
}

function packagesOf(file) {
  try { return JSON.parse(readFileSync(join(root, file), 'utf8')).packages; } catch { return {}; }
}

/** Whether each package of the lock is there in its version; those that are for other machines need not be. */
function isInstalled(wanted, installed, dev) {
  return Object.entries(wanted).every(([path, entry]) => path === '' || entry.optional || entry.os || entry.cpu || (!dev && (entry.dev || entry.devOptional)) || installed[path]?.version === entry.version);
}

function install(dev, json) {
  try { accessSync(root, constants.W_OK); } catch { fail(`The folder ${root} cannot be written: Slipway installs its dependencies there.`); }
  const message = `Installing dependencies (npm ci${dev ? '' : ' --omit=dev'}); once, about half a minute`;
  process.stdout.write(json ? `${JSON.stringify({ level: 'info', time: new Date().toISOString(), process: 'supervisor', msg: message })}\n` : `  ${message} …\n`);
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error', ...(dev ? [] : ['--omit=dev'])];
  const { status, signal, error } = spawnSync('npm', args, { cwd: root, stdio: ['ignore', process.stdout.isTTY && !json ? 'inherit' : 'ignore', 'inherit'], env: { ...process.env, PRISMA_SKIP_POSTINSTALL_GENERATE: '1' } });
  if (error) fail(`Slipway needs npm to install its dependencies: ${error.message}`);
  if (signal) process.exit(1);
  if (status !== 0) fail('npm could not install the dependencies; its own words are above. Try again, or run "npm ci" by hand.');
}

/** The Node that started us where it is new enough, else the one among our own dependencies. */
function findNode() {
  if (Number(process.versions.node.split('.')[0]) >= OLDEST_NODE) return process.execPath;
  const own = join(root, 'node_modules/node/bin/node');
  const { status } = spawnSync(own, ['--version'], { stdio: 'ignore' });
  if (status !== 0) fail(`Slipway runs on Node ${OLDEST_NODE} or newer, and npm installed none for ${process.platform}-${process.arch}: install Node ${OLDEST_NODE} and start again.`);
  return own;
}
