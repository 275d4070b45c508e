import { execFile } from 'node:child_process';
import { access, chmod, copyFile, mkdir, readdir, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { maxSatisfying, rcompare, satisfies, validRange } from 'semver';
import { x } from 'tar';

const execute = promisify(execFile);

/** What an app without engines.node gets. */
export const DEFAULT_NODE = '24.x';

/** A mistake of the app, or a world that lacks something: a sentence for people. */
export class PackError extends Error {}

/** The npm that came with the platform; its registry settings are in the environment. */
export async function runOwnNpm(args: string[], cwd: string): Promise<string> {
  const { stdout } = await execute(process.execPath, [needed('SLIPWAY_NPM'), ...args, '--loglevel=error'], { cwd, maxBuffer: 64 * 1024 * 1024 }).catch((error: Error & { stderr?: string }) => {
    throw new PackError(`npm ${args.slice(0, 2).join(' ')} failed: ${(error.stderr ?? error.message).trim().split('\n').slice(0, 3).join(' ')}`, { cause: error });
  });
  return stdout;
}

export function needed(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: this runs inside a build.`);
  return value;
}

export interface Runtime {
  version: string;
  binary: string;
  /** With the headers that native addons are compiled against; null: there are none. */
  dir: string | null;
  cacheHit: boolean;
}

/**
 * A Node that satisfies the range: the platform's own where it does, else the newest from the npm registry (package node-<platform>-<arch>)
 * that runs on this machine: some need libraries that a bare machine lacks.
 */
export async function provideNode(range: string | null, cacheDir: string): Promise<Runtime> {
  const wanted = range ?? DEFAULT_NODE;
  if (validRange(wanted) === null) throw new PackError(`engines.node in package.json is no version range: "${wanted}". Write it like "24.x".`);
  const own = process.version.slice(1);
  if (satisfies(own, wanted)) return { version: own, binary: process.execPath, dir: null, cacheHit: true };
  const versions = await listVersions(cacheDir);
  const newestOfEachMajor = [...Map.groupBy(versions.filter((version) => satisfies(version, wanted)).sort(rcompare), (version) => version.split('.')[0]).values()].map(([newest]) => newest);
  const problems: string[] = [];
  for (const version of newestOfEachMajor.filter((candidate) => candidate !== undefined)) {
    const { dir, cacheHit } = await downloadNode(version, cacheDir);
    const problem = await whyNotRunning(join(dir, 'bin/node'));
    if (problem === null) return { version, binary: join(dir, 'bin/node'), dir, cacheHit };
    problems.push(`Node ${version} does not run on this machine: ${problem}`);
  }
  throw new PackError(problems[0] ?? `The npm registry has no Node ${wanted} for ${process.platform}-${process.arch}. The newest there is ${versions.toSorted(rcompare)[0] ?? 'unknown'}.`);
}

const packageName = `node-${process.platform}-${process.arch}`;

async function listVersions(cacheDir: string): Promise<string[]> {
  const listed: unknown = JSON.parse(await runOwnNpm(['view', packageName, 'versions', '--json'], cacheDir));
  return [listed].flat().filter((version) => typeof version === 'string');
}

async function downloadNode(version: string, cacheDir: string): Promise<{ dir: string; cacheHit: boolean }> {
  const parent = join(cacheDir, 'node');
  const dir = join(parent, version);
  if (await access(join(dir, 'bin/node')).then(() => true, () => false)) return { dir, cacheHit: true };
  process.stdout.write(`       Fetching Node ${version}\n`);
  await unpackFromRegistry(`${packageName}@${version}`, dir, (path) => /^package\/(bin|include)\//.test(path));
  for (const other of await readdir(parent)) if (other !== version) await rm(join(parent, other), { recursive: true, force: true });
  return { dir, cacheHit: false };
}

/** Fetches one package (npm checks its integrity) and unpacks it in place of `dir`, all or nothing. */
async function unpackFromRegistry(spec: string, dir: string, filter: (path: string) => boolean): Promise<void> {
  const work = `${dir}.part`;
  await rm(work, { recursive: true, force: true });
  await mkdir(join(work, 'content'), { recursive: true });
  const file = (await runOwnNpm(['pack', spec, '--silent', '--pack-destination', work], work)).trim().split('\n').at(-1) ?? '';
  await x({ file: join(work, file), cwd: join(work, 'content'), strip: 1, filter, noMtime: true, preserveOwner: false });
  await rm(dir, { recursive: true, force: true });
  await rename(join(work, 'content'), dir);
  await rm(work, { recursive: true });
}

async function whyNotRunning(binary: string): Promise<string | null> {
  try {
    await execute(binary, ['--version']);
    return null;
  } catch (error) {
    const text = error instanceof Error ? error.message : '';
    const library = /(lib[\w.+-]+\.so[\w.]*)/.exec(text)?.[1];
    if (library === 'libatomic.so.1') return 'it needs libatomic.so.1 (Debian: apt install libatomic1). Ask the operator, or choose another version in engines.node.';
    return library ? `it needs ${library}.` : text.split('\n').at(-1) ?? 'unknown';
  }
}

/** An npm that satisfies the range and runs on this Node: the platform's own where it does. Answers its directory. */
export async function provideNpm(range: string | null, node: string, cacheDir: string): Promise<{ version: string; dir: string }> {
  const ownDir = join(needed('SLIPWAY_NPM'), '../..');
  const own = await versionOf(ownDir);
  // npm 11 needs ^20.17.0 or >=22.9.0.
  const runs = satisfies(node, '^20.17.0 || >=22.9.0');
  const wanted = range ?? (runs ? own : satisfies(node, '>=18.17.0') ? '10.x' : '8.x');
  if (validRange(wanted) === null) throw new PackError(`engines.npm in package.json is no version range: "${wanted}". Write it like "11.x".`);
  if (runs && satisfies(own, wanted)) return { version: own, dir: ownDir };
  const cached = (await readdir(join(cacheDir, 'npm-cli')).catch(() => [])).filter((version) => satisfies(version, wanted));
  const version = maxSatisfying(cached, wanted) ?? await newestNpm(wanted, cacheDir);
  const dir = join(cacheDir, 'npm-cli', version);
  if (!cached.includes(version)) await unpackFromRegistry(`npm@${version}`, dir, (path) => !/^package\/(docs|man)\//.test(path));
  return { version, dir };
}

async function newestNpm(range: string, cacheDir: string): Promise<string> {
  const listed: unknown = JSON.parse(await runOwnNpm(['view', 'npm', 'versions', '--json'], cacheDir));
  const version = maxSatisfying([listed].flat().filter((one) => typeof one === 'string'), range);
  if (version === null) throw new PackError(`The npm registry has no npm ${range}.`);
  return version;
}

const versionOf = async (dir: string): Promise<string> => ((await import(join(dir, 'package.json'), { with: { type: 'json' } })) as { default: { version: string } }).default.version;

/** Puts Node (and npm) into the app, below .slipway/node, and its directory on the PATH of every process. */
export async function installNode(build: string, runtime: Runtime, npmDir: string | null): Promise<{ bin: string }> {
  const root = join(build, '.slipway/node');
  const bin = join(root, 'bin');
  await rm(root, { recursive: true, force: true });
  await mkdir(bin, { recursive: true });
  await copyFile(runtime.binary, join(bin, 'node'));
  await chmod(join(bin, 'node'), 0o755);
  if (npmDir === null) return { bin };
  await mkdir(join(root, 'lib/node_modules'), { recursive: true });
  // The system's cp: two thousand small files take Node twice as long.
  await execute('cp', ['-R', npmDir, join(root, 'lib/node_modules/npm')]);
  for (const name of ['npm', 'npx']) {
    await chmod(join(root, `lib/node_modules/npm/bin/${name}-cli.js`), 0o755);
    await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, join(bin, name));
  }
  return { bin };
}
