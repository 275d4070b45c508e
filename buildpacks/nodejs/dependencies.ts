import { createHash } from 'node:crypto';
import { access, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hasScript } from './package-json.ts';
import type { PackageJson } from './package-json.ts';
import type { Run } from './run-program.ts';

export interface Installation { cacheHit: boolean | null }

/** Scripts of the app itself that run when its dependencies are installed: what they do cannot be kept. */
const installScripts = ['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare', 'postprepare'];

const say = (text: string): void => { process.stdout.write(`       ${text}\n`); };

/** Installs all dependencies, development ones too; an unchanged lockfile's come out of the cache as they are. */
export async function installDependencies(app: PackageJson, build: string, cache: string, versions: string, run: Run): Promise<Installation> {
  const lockfile = await firstOf(build, ['npm-shrinkwrap.json', 'package-lock.json']);
  const some = app.dependencies.length + app.devDependencies.length + app.optionalDependencies.length + app.peerDependencies.length > 0;
  if (!some && app.workspaces === undefined && !installScripts.some((name) => hasScript(app, name))) {
    say('No dependencies');
    return { cacheHit: null };
  }
  if (lockfile === null) return installWithoutLock(build, run);
  const key = await cacheKey(app, build, lockfile, versions);
  const kept = join(cache, 'node_modules');
  if (key !== null && await exists(join(kept, key))) {
    say('Restoring node_modules from the cache (nothing changed)');
    await rm(join(build, 'node_modules'), { recursive: true, force: true });
    await run('cp', ['-a', join(kept, key), join(build, 'node_modules')]);
    return { cacheHit: true };
  }
  say(`Installing dependencies by ${lockfile} (npm ci)`);
  await run('npm', ['ci', '--include=dev', '--prefer-offline', '--no-audit', '--no-fund']);
  if (key !== null && await exists(join(build, 'node_modules'))) await keep(join(build, 'node_modules'), kept, key, run);
  return { cacheHit: false };
}

async function installWithoutLock(build: string, run: Run): Promise<Installation> {
  const foreign = await firstOf(build, ['yarn.lock', 'pnpm-lock.yaml', 'bun.lock', 'bun.lockb']);
  say(foreign ? `${foreign} is not used: dependencies are installed by npm` : 'There is no package-lock.json: each build may get other versions. Commit one.');
  say('Installing dependencies (npm install)');
  await run('npm', ['install', '--include=dev', '--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock']);
  return { cacheHit: false };
}

/** Null: what would be installed depends on more than these files, so that it cannot be kept. */
async function cacheKey(app: PackageJson, build: string, lockfile: string, versions: string): Promise<string | null> {
  const lock = await readFile(join(build, lockfile));
  if (app.workspaces !== undefined || installScripts.some((name) => hasScript(app, name)) || /"(link"\s*:\s*true|resolved"\s*:\s*"file:)/.test(lock.toString())) return null;
  const hash = createHash('sha256').update(`${versions} ${process.platform} ${process.arch}\0`).update(lock);
  for (const file of ['package.json', '.npmrc']) hash.update(`\0${file}\0`).update(await readFile(join(build, file)).catch(() => ''));
  return hash.digest('hex').slice(0, 32);
}

async function keep(modules: string, kept: string, key: string, run: Run): Promise<void> {
  await rm(kept, { recursive: true, force: true });
  await mkdir(kept, { recursive: true });
  await run('cp', ['-a', modules, join(kept, 'part')]);
  await rename(join(kept, 'part'), join(kept, key));
}

async function firstOf(dir: string, names: string[]): Promise<string | null> {
  const there = new Set(await readdir(dir));
  return names.find((name) => there.has(name)) ?? null;
}

const exists = (path: string): Promise<boolean> => access(path).then(() => true, () => false);
