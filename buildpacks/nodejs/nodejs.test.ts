import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { access, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { startBuildRig } from '../../test/kit/build-rig.ts';
import type { BuildRig, RigBuild } from '../../test/kit/build-rig.ts';
import { runSlugProcess } from '../../test/kit/slug-process.ts';
import { makeTemp } from '../../test/kit/temp.ts';

const execute = promisify(execFile);
const exists = (path: string): Promise<boolean> => access(path).then(() => true, () => false);

const server = `
const http = require('node:http');
const ms = require('ms');
http.createServer((req, res) => res.end(JSON.stringify({ version: process.version, hour: ms('1h'), built: require('./built.json'), env: process.env.NODE_ENV }))).listen(process.env.PORT);
`;
const app = {
  name: 'app', version: '1.0.0', private: true,
  scripts: { build: 'node build.js', start: 'node server.js' },
  dependencies: { ms: '2.1.3' }, devDependencies: { picocolors: '1.1.1' },
};
/** The build needs what the running app does not have. */
const files = (more: object = {}): Record<string, string> => ({
  'package.json': JSON.stringify({ ...app, ...more }), 'server.js': server,
  'build.js': 'require("picocolors"); require("node:fs").writeFileSync("built.json", JSON.stringify({ mode: process.env.MODE, env: process.env.NODE_ENV }));',
});

describe('the Node.js buildpack', () => {
  const cleanups: (() => Promise<void>)[] = [];
  const scope = { after: (fn: () => Promise<void>): void => { cleanups.push(fn); } };
  let rig: BuildRig;
  let lockfile: string;
  before(async () => {
    rig = await startBuildRig(scope);
    const dir = await makeTemp(scope, 'slip-lock-');
    await writeFile(join(dir, 'package.json'), JSON.stringify(app));
    await execute('npm', ['install', '--package-lock-only', '--no-audit', '--no-fund'], { cwd: dir });
    lockfile = await readFile(join(dir, 'package-lock.json'), 'utf8');
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const succeeded = (build: RigBuild): RigBuild => { assert.equal(build.outcome?.status, 'SUCCEEDED', build.output); return build; };
  const compileStep = ({ steps }: RigBuild): boolean | null | undefined => steps.find(({ kind }) => kind === 'COMPILE')?.cacheHit;

  it('installs, builds, prunes, and starts what was built; a second build of the same dependencies comes from the cache', async (t) => {
    const first = succeeded(await rig.build({ ...files(), 'package-lock.json': lockfile }, { config: { MODE: 'fast' } }));
    assert.match(first.output, /-----> Node\.js app detected\n-----> Installing Node\.js\n {7}package\.json names no engines\.node/);
    assert.match(first.output, /npm ci/);
    assert.equal(compileStep(first), false);
    assert.deepEqual(first.outcome?.status === 'SUCCEEDED' && first.outcome.slug.processTypes, [{ type: 'web', command: 'npm start' }]);
    const slug = await rig.unpackSlug();
    assert.ok(!await exists(join(slug, 'node_modules/picocolors')), 'development dependencies are not in the slug');

    const second = succeeded(await rig.build({ ...files(), 'package-lock.json': lockfile }, { config: { MODE: 'fast' } }));
    assert.equal(compileStep(second), true);
    assert.doesNotMatch(second.output, /npm ci/);
    assert.equal(second.outcome?.status === 'SUCCEEDED' && second.outcome.slug.digest, first.outcome?.status === 'SUCCEEDED' && first.outcome.slug.digest);

    const url = await runSlugProcess(t, slug, 'npm start');
    assert.deepEqual(await (await fetch(url)).json(), { version: process.version, hour: 3_600_000, built: { mode: 'fast', env: 'production' }, env: 'production' });
  });

  it('installs without a lockfile too, and says what that means', async () => {
    const build = succeeded(await rig.build(files()));
    assert.match(build.output, /no package-lock\.json/);
  });

  it('takes the Node that engines asks for from the npm registry, and needs no npm run at all for an app without dependencies', async () => {
    const build = succeeded(await rig.build({ 'package.json': JSON.stringify({ name: 'old', engines: { node: '22.x' } }), 'server.js': '' }));
    assert.match(build.output, /No dependencies/);
    assert.deepEqual(build.outcome?.status === 'SUCCEEDED' && build.outcome.slug.processTypes, [{ type: 'web', command: 'node server.js' }]);
    const version = /Node (22\.\d+\.\d+), npm/.exec(build.output)?.[1];
    assert.ok(version, build.output);
    const slug = await rig.unpackSlug();
    assert.equal((await execute(join(slug, '.slipway/node/bin/node'), ['--version'])).stdout.trim(), `v${version}`);
    assert.equal((await execute(join(slug, '.slipway/node/bin/npm'), ['--version'], { env: { PATH: `${slug}/.slipway/node/bin:/usr/bin:/bin`, HOME: slug } })).stdout.trim().split('.')[0], '11');
  });

  const bad: [string, Record<string, string>, RegExp][] = [
    ['a build script that fails', files({ scripts: { build: 'echo cannot build; exit 4' } }), /cannot build[^]*npm run build failed: exit code 4/],
    ['an engines.node that is no range', files({ engines: { node: 'newest please' } }), /engines\.node in package\.json is no version range/],
    ['an engines.node that there is not', files({ engines: { node: '>=900' } }), /The npm registry has no Node >=900/],
    ['a package.json that is no JSON', { 'package.json': '{ "name": ' }, /package\.json cannot be read/],
    ['a dependency that there is not', files({ dependencies: { ms: '99.99.99' } }), /npm install failed/],
  ];
  for (const [name, source, message] of bad) {
    it(`says what is wrong with ${name}`, async () => {
      const build = await rig.build(source);
      assert.equal(build.outcome?.status === 'FAILED' && build.outcome.reason, 'BUILD_COMMAND_FAILED', build.output);
      assert.match(build.output, message);
    });
  }
});
