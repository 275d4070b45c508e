import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installNode, needed, PackError, provideNode, provideNpm } from '../node-runtime.ts';
import { installDependencies } from './dependencies.ts';
import { hasScript, readPackageJson } from './package-json.ts';
import type { PackageJson } from './package-json.ts';
import { createRun } from './run-program.ts';
import type { Run } from './run-program.ts';

/** Config variables that would change the tools of the build rather than the app. */
const notForBuild = new Set(['PATH', 'HOME', 'TMPDIR', 'LD_PRELOAD', 'LD_LIBRARY_PATH', 'BASH_ENV', 'ENV', 'IFS', 'PWD', 'SHELL', 'STACK', 'PORT']);

const topic = (text: string): void => { process.stdout.write(`-----> ${text}\n`); };
const say = (text: string): void => { process.stdout.write(`       ${text}\n`); };

async function compile(build: string, cache: string, envDir: string): Promise<void> {
  const app = await readPackageJson(build);
  topic('Installing Node.js');
  say(app.engines?.node ? `engines.node in package.json: ${app.engines.node}` : 'package.json names no engines.node: using the default, 24.x');
  const node = await provideNode(app.engines?.node ?? null, cache);
  const npm = await provideNpm(app.engines?.npm ?? null, node.version, cache);
  say(`Node ${node.version}, npm ${npm.version}`);
  const { bin } = await installNode(build, node, npm.dir);

  const path = `${bin}:${join(build, 'node_modules/.bin')}:${process.env.PATH ?? ''}`;
  const env: NodeJS.ProcessEnv = {
    ...process.env, NODE_ENV: 'production', ...await readConfig(envDir), PATH: path,
    npm_config_cache: join(cache, 'npm'), npm_config_update_notifier: 'false',
    ...(node.dir ? { npm_config_nodedir: node.dir } : {}),
  };
  const run = createRun(build, env);
  topic('Installing dependencies');
  const { cacheHit } = await installDependencies(app, build, cache, `${node.version} ${npm.version}`, run);
  await writeFile(needed('SLIPWAY_CACHE_REPORT'), cacheHit === false ? 'miss' : node.cacheHit ? 'hit' : 'miss');
  await runScripts(app, run);
  if (app.devDependencies.length > 0 && env.SLIPWAY_KEEP_DEV_DEPENDENCIES === undefined) {
    topic('Removing development dependencies');
    await run('npm', ['prune', '--omit=dev', '--no-audit', '--no-fund']);
  }
  await writeProfile(build, bin);
}

async function runScripts(app: PackageJson, run: Run): Promise<void> {
  // heroku-postbuild is written by people who do not want `build` to run here.
  const main = hasScript(app, 'heroku-postbuild') ? 'heroku-postbuild' : 'build';
  for (const name of ['heroku-prebuild', main]) {
    if (!hasScript(app, name)) continue;
    topic(`Building (npm run ${name})`);
    await run('npm', ['run', name]);
  }
}

/** Config variables, one file each; bytes that cannot be in an environment are left out. */
async function readConfig(envDir: string): Promise<Record<string, string>> {
  const config: Record<string, string> = {};
  for (const name of await readdir(envDir).catch(() => [])) {
    const value = await readFile(join(envDir, name));
    if (!notForBuild.has(name) && !value.includes(0)) config[name] = value.toString();
  }
  return config;
}

async function writeProfile(build: string, bin: string): Promise<void> {
  await mkdir(join(build, '.profile.d'), { recursive: true });
  await writeFile(join(build, '.profile.d/slipway-nodejs.sh'), [
    'export PATH="$HOME/.slipway/node/bin:$HOME/node_modules/.bin:$PATH"',
    'export NODE_ENV="${NODE_ENV:-production}"',
    '',
  ].join('\n'));
  await writeFile(needed('SLIPWAY_EXPORT'), `export PATH="${bin}:${join(build, 'node_modules/.bin')}:$PATH"\n`);
}

const [build = '', cache = '', envDir = ''] = process.argv.slice(2);
try {
  await compile(build, cache, envDir);
} catch (error) {
  if (!(error instanceof PackError)) throw error;
  process.stdout.write(` !     ${error.message}\n`);
  process.exitCode = 1;
}
