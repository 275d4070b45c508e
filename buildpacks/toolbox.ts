import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { access, constants, copyFile, cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { compileInto } from './compiled-code.ts';
import { openToAll } from './open-to-all.ts';

export interface Toolbox {
  /** The Node that runs the lifecycle. */
  node: string;
  /** buildpacks/lifecycle/main.ts */
  lifecycle: string;
  /** Compiled code of the lifecycle. */
  compiled: string;
  /** run-image/entrypoint.sh: how the processes of a slug start. */
  entrypoint: string;
}

const project = join(dirname(fileURLToPath(import.meta.url)), '..');
/** Message schemas that the lifecycle reads its input by, and how processes start. */
const otherFiles = ['bus/build.ts', 'bus/message.ts', 'run-image/entrypoint.sh'];
/** Libraries of buildpacks/; what they depend on comes along. */
const libraries = ['ipaddr.js', 'npm', 'semver', 'smol-toml', 'tar', 'tar-stream', 'yaml', 'zod'];

/** What no program reads, a third of the files: npm goes into every slug of a Node.js app. */
const isManual = /\/(npm\/(docs|man)|zod\/src)(\/|$)|\.(d\.[cm]?ts|map|md)$/;

/**
 * Copies all that a build job needs into a directory of `dir`, readable by everybody and writable by us alone. The same content again does
 * nothing; others are left for jobs that still run. Two at once are fine: the last step is a rename.
 */
export async function installToolbox(dir: string): Promise<Toolbox> {
  const files = (await readdir(join(project, 'buildpacks'), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts')).map((entry) => join(entry.parentPath, entry.name).slice(project.length + 1)).sort().concat(otherFiles);
  const packages = await closure(libraries);
  const hash = createHash('sha256').update(`${process.version} ${process.platform} ${process.arch}\n`);
  for (const file of files) hash.update(`${file}\0`).update(await readFile(join(project, file)));
  for (const [path, { version }] of packages) hash.update(`${path} ${version}\n`);
  const target = join(dir, hash.digest('hex').slice(0, 16));
  const toolbox = { node: join(target, 'bin/node'), lifecycle: join(target, 'buildpacks/lifecycle/main.ts'), compiled: join(target, 'compiled'), entrypoint: join(target, 'run-image/entrypoint.sh') };
  if (await access(join(target, 'complete')).then(() => true, () => false)) return toolbox;

  const part = `${target}.${randomUUID()}`;
  await copyAll(part, files, packages);
  await rename(part, target).catch(async (error: NodeJS.ErrnoException) => {
    await rm(part, { recursive: true, force: true });
    // Another was faster.
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
  // Where it will run from: compiled code is found by the path of its file.
  await compileInto(toolbox.compiled, toolbox.node, toolbox.lifecycle);
  return toolbox;
}

async function copyAll(to: string, files: string[], packages: Map<string, { version: string }>): Promise<void> {
  await mkdir(join(to, 'bin'), { recursive: true, mode: 0o755 });
  await copyNode(join(to, 'bin/node'));
  for (const file of files) {
    await mkdir(dirname(join(to, file)), { recursive: true, mode: 0o755 });
    await copyFile(join(project, file), join(to, file));
  }
  for (const path of packages.keys()) await cp(join(project, path), join(to, path), { recursive: true, dereference: true, filter: (file) => !isManual.test(file) });
  await writeFile(join(to, 'package.json'), '{"type":"module","private":true}\n');
  await openToAll(to);
  await writeFile(join(to, 'complete'), '');
}

async function copyNode(file: string): Promise<void> {
  await copyFile(process.execPath, file, constants.COPYFILE_FICLONE);
  await promisify(execFile)(file, ['--version']).catch((error: unknown) => {
    throw new Error(`This Node (${process.execPath}) does not run when it is copied: it is not complete in itself. Use the one of npm or nodejs.org.`, { cause: error });
  });
}

/** Package directories (relative to the project) of these libraries and all they depend on, found as Node would. */
async function closure(names: string[]): Promise<Map<string, { version: string }>> {
  const found = new Map<string, { version: string }>();
  const visit = async (name: string, from: string, optional: boolean): Promise<void> => {
    const path = await resolvePackage(name, from);
    if (path === null) {
      if (optional) return;
      throw new Error(`The library ${name} is not installed (npm ci).`);
    }
    if (found.has(path)) return;
    const { version, dependencies = {}, optionalDependencies = {}, bundleDependencies } = JSON.parse(await readFile(join(project, path, 'package.json'), 'utf8')) as
      { version: string; dependencies?: Record<string, string>; optionalDependencies?: Record<string, string>; bundleDependencies?: unknown };
    found.set(path, { version });
    // npm carries all of its own inside.
    if (bundleDependencies) return;
    for (const dependency of Object.keys(dependencies)) await visit(dependency, path, dependency in optionalDependencies);
  };
  for (const name of names) await visit(name, '', false);
  return found;
}

async function resolvePackage(name: string, from: string): Promise<string | null> {
  for (let base = from; ; base = base.includes('/node_modules/') ? base.slice(0, base.lastIndexOf('/node_modules/')) : '') {
    const path = join(base, 'node_modules', name);
    if (await access(join(project, path, 'package.json')).then(() => true, () => false)) return path;
    if (base === '') return null;
  }
}
