import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { createApp } from '../test/kit/app.ts';
import type { TestApp } from '../test/kit/app.ts';
import { nodeForApps } from '../test/kit/repository.ts';
import { sampleApp } from '../test/kit/sample-app.ts';
import { startSlipway } from '../test/kit/slipway.ts';
import type { Slipway } from '../test/kit/slipway.ts';
import { makeTemp } from '../test/kit/temp.ts';
import { until } from '../test/kit/wait.ts';

const command = new URL('../bin/slipway', import.meta.url).pathname;

interface Result { code: number; out: string; err: string }

describe('the slipway command', () => {
  const cleanups: (() => Promise<void>)[] = [];
  const scope = { after: (fn: () => Promise<void>) => { cleanups.push(fn); } };
  let slipway: Slipway;
  let node: string;
  let deployed: TestApp;
  before(async () => {
    slipway = await startSlipway(scope);
    node = await nodeForApps(scope);
    deployed = await createApp(scope, slipway, 'cli');
    await deployed.repository.commit(sampleApp('one', node, { Procfile: `web: ${node} server.js\nworker: ${node} server.js\nrelease: ${node} check.js\n`, 'check.js': 'if (process.env.MODE === "refused") { console.log("MODE is refused"); process.exit(4); }\n' }));
    assert.equal((await deployed.repository.push()).code, 0);
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const environment = (env: Record<string, string | undefined> = {}): NodeJS.ProcessEnv => ({ PATH: process.env.PATH, HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1', SLIPWAY_HOME: slipway.home, ...env });
  const runIn = (dir: string, env: NodeJS.ProcessEnv, file: string, ...args: string[]): Promise<Result> => new Promise((resolve) => {
    execFile(file, args, { cwd: dir, env }, (error, out, err) => { resolve({ code: error ? Number(error.code) : 0, out, err }); });
  });
  /** The command in the deployed app's repository, with its result checked to be a success. */
  const run = async (...args: string[]): Promise<string> => {
    const { code, out, err } = await runIn('/', environment(), command, ...args, '-a', deployed.name);
    assert.equal(code, 0, out + err);
    return out;
  };
  const start = (t: TestContext, ...args: string[]): { output(): string; child: ChildProcess } => {
    const child = spawn(command, args, { cwd: '/', env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { printed += chunk.toString(); });
    t.after(() => { child.kill('SIGKILL'); });
    return { child, output: () => printed };
  };

  it('makes an app and its remote, after which git push asks nothing and the key is in no file of the repository', async (t) => {
    const parent = await makeTemp(t, 'cli-');
    const dir = join(parent, 'My Blog');
    const git = (...args: string[]): Promise<Result> => runIn(dir, environment({ GIT_TERMINAL_PROMPT: '0' }), 'git', '-c', 'user.name=Ann', '-c', 'user.email=ann@example.org', ...args);
    await runIn(parent, environment(), 'git', 'init', '-q', '-b', 'main', dir);
    const created = await runIn(dir, environment(), command, 'create');
    assert.equal(created.code, 0, created.err);
    assert.match(created.out, /The app my-blog is made; it will answer at http:\/\/my-blog\.localhost:/);
    assert.match(created.out, /git push slipway main/);
    const { code, out } = await git('ls-remote', 'slipway');
    assert.deepEqual([code, out], [0, '']);
    assert.ok(!readFileSync(join(dir, '.git/config'), 'utf8').includes('slip_'));
    const info = await runIn(dir, environment(), command, 'info');
    assert.match(info.out, /^App +my-blog\n.*Release +none yet/s);
    const again = await runIn(dir, environment(), command, 'create');
    assert.deepEqual([again.code, again.out], [1, '']);
    assert.match(again.err, /^Error: .*my-blog.* already exists/);

    await git('remote', 'remove', 'slipway');
    assert.equal((await runIn(dir, environment(), command, 'git:remote', 'my-blog')).code, 0);
    assert.equal((await git('remote', 'get-url', 'slipway')).out.trim(), `http://localhost:${slipway.port}/git/my-blog.git`);
    assert.equal((await runIn(dir, environment(), command, 'destroy', '--confirm', 'my-blog')).code, 0);
  });

  it('gives git the key only for the platform that the key is of', async () => {
    const ask = (host: string): Promise<string> => new Promise((resolve) => {
      const child = execFile(command, ['git:credential', 'get'], { cwd: '/', env: environment() }, (_error, out) => { resolve(out); });
      child.stdin?.end(`protocol=http\nhost=${host}\n\n`);
    });
    assert.equal(await ask(`localhost:${slipway.port}`), `username=slipway\npassword=${slipway.apiKey}\n`);
    assert.equal(await ask('example.org'), '');
    assert.equal(await ask('localhost:1'), '');
  });

  it('works from any folder and through a link', async (t) => {
    const dir = await makeTemp(t, 'cli-');
    symlinkSync(command, join(dir, 'slip'));
    assert.equal((await runIn(dir, environment(), './slip', 'whoami')).out, 'admin@localhost.localdomain\n');
  });

  it('sets config as one release, waits for the verdict, and shows it', async () => {
    assert.match(await run('config:set', 'MODE=a=b', 'EMPTY='), /^v\d+: .*\nv\d+ is live\.\n$/);
    assert.equal(await deployed.read('/env?key=MODE'), 'a=b');
    assert.equal(await run('config'), 'EMPTY=\nMODE=a=b\n');
    await run('config:set', '--sealed', 'SECRET=geheim');
    assert.match(await run('config'), /SECRET=\(sealed\)/);
    await run('config:unset', 'EMPTY', 'SECRET');
    assert.deepEqual((JSON.parse(await run('config', '--json')) as { key: string; value: string }[]).map(({ key, value }) => [key, value]), [['MODE', 'a=b']]);
  });

  it('ends with code 1 and the program\'s last lines when a release fails, and says what serves', async () => {
    const { code, out, err } = await runIn('/', environment(), command, 'config:set', 'MODE=refused', '-a', deployed.name);
    assert.equal(code, 1);
    assert.match(out, /^v\d+: /);
    assert.match(err, /MODE is refused\nError: v\d+ failed: .*exit code 4/);
    await deployed.untilState('the automatic rollback is live', ({ releases }) => releases.nodes[0]?.reason === 'AUTO_ROLLBACK' && releases.nodes[0].status === 'LIVE');
    const table = await run('releases');
    assert.match(table, /^RELEASE +STATUS +WHAT +BY +WHEN\nv\d+ +serving +.* the platform .*\nv\d+ +failed /);
    assert.match(table, /v\d+ failed: .*exit code 4/);
  });

  it('rolls back to a named release, or only its config', async () => {
    assert.match(await run('rollback', 'v1'), /: Roll back to v1\n.*is live\.\n$/);
    assert.equal(await run('config'), 'There is no config yet. Set some with: slipway config:set KEY=VALUE\n');
    await run('config:set', 'MODE=now');
    await run('rollback', '1', '--config');
    assert.equal(await deployed.read(), 'version one ');
    const releases = JSON.parse(await run('releases', '--json', '-n', '2')) as { version: number; reason: string }[];
    assert.deepEqual(releases.map(({ reason }) => reason), ['ROLLBACK', 'CONFIG']);
  });

  it('shows the history of a key, what differs between releases and what a rollback would change, and copies config', async () => {
    const newest = async (): Promise<number> => (JSON.parse(await run('releases', '--json', '-n', '1')) as { version: number }[])[0]?.version ?? 0;
    await run('config:set', 'MODE=one', 'OTHER=1');
    const from = await newest();
    await run('config:set', '--sealed', 'MODE=two');
    const version = await newest();
    assert.match(await run('config:history', 'MODE', '-n', '2'), new RegExp(`^RELEASE +WHAT +DIGEST +BY +WHEN\\nv${version} +set, sealed +[0-9a-f]{12} +\\S+ +\\d+ (?:s|min) ago\\nv${from} +set +[0-9a-f]{12} `));
    assert.equal(await run('config:history', 'NEVER'), `No release of ${deployed.name} ever had NEVER.\n`);
    assert.deepEqual([await run('releases:diff', `v${from}`, String(version)), await run('releases:diff', '1', '1')], ['~ config MODE\n', 'Nothing is different.\n']);
    assert.match(await run('rollback', '1', '--config', '--preview'), /^Roll back to v1 \(config\) would change:\n- config MODE\n- config OTHER\n$/);
    assert.equal(await newest(), version);
    await run('config:set', '--unsealed', 'MODE=three');
    assert.equal(await run('config'), 'MODE=three\nOTHER=1\n');
    const other = await createApp(scope, slipway, 'cli-copy');
    const copy = await runIn('/', environment(), command, 'config:copy', deployed.name, '-k', 'MODE', '-a', other.name);
    assert.match(copy.out, /^v1: Copy MODE from /, copy.err);
    const again = await runIn('/', environment(), command, 'config:copy', deployed.name, '-a', other.name);
    assert.deepEqual([again.code, again.out], [1, '']);
    assert.match(again.err, /has MODE already\.\n.*overwrite/);
    await run('config:unset', 'MODE', 'OTHER');
  });

  it('scales, shows and restarts processes', async () => {
    assert.equal(await run('ps:scale', 'web=2', 'worker=1:medium'), 'Wanted now: web=2:small worker=1:medium\n');
    await until(async () => /web\.1 +up .*\nweb\.2 +up .*\nworker\.1 +up /.test(await run('ps')), { within: 60_000, what: () => 'three replicas are up' });
    const before = JSON.parse(await run('ps', '--json')) as { replicas: { id: string; name: string }[] }[];
    await run('restart', 'web.2');
    await until(async () => {
      const [web] = JSON.parse(await run('ps', '--json')) as { replicas: { id: string; name: string; status: string }[] }[];
      return web?.replicas.length === 2 && web.replicas.every(({ status }) => status === 'UP') && web.replicas.find(({ name }) => name === 'web.2')?.id !== before[0]?.replicas.find(({ name }) => name === 'web.2')?.id;
    }, { within: 60_000, what: () => 'web.2 is another one' });
    await run('scale', 'web=1', 'worker=0');
    await until(async () => !/web\.2|worker\.1/.test(await run('ps')), { within: 60_000, what: () => 'the others have gone: what is asked from now on is for web.1' });
  });

  it('lists apps, builds and keys, makes and revokes a key', async () => {
    assert.match((await runIn('/', environment(), command, 'apps')).out, new RegExp(`^APP +RELEASE +DEPLOYED +ADDRESS\n.*${deployed.name} +v\\d+ `, 's'));
    assert.match(await run('builds'), /^BUILD +STATUS +COMMIT +WHAT +TOOK +WHEN\n1 +succeeded +[0-9a-f]{8} +Change it +(\d+ min )?\d+ s +\d+ (s|min) ago\n$/);
    const made = await runIn('/', environment(), command, 'keys:create', 'ci', '--scope', 'read', '-a', deployed.name);
    assert.match(made.out, /^slip_\S+\n$/);
    const asCi = environment({ SLIPWAY_API_KEY: made.out.trim() });
    assert.equal((await runIn('/', asCi, command, 'info', '-a', deployed.name)).code, 0);
    const refused = await runIn('/', asCi, command, 'ps:scale', 'web=3', '-a', deployed.name);
    assert.equal(refused.code, 1);
    assert.match(refused.err, /^Error: /);
    assert.match((await runIn('/', environment(), command, 'keys:revoke', 'ci')).out, /The key ci \(slip_.*…\) is revoked\./);
    const revoked = await runIn('/', asCi, command, 'info', '-a', deployed.name);
    assert.equal(revoked.code, 1);
    assert.match(revoked.err, /API key/);
  });

  it('rotates a key, makes a deploy key that can only push, and says from where keys are used', async () => {
    const cli = (...args: string[]): Promise<Result> => runIn('/', environment(), command, ...args);
    const old = (await cli('keys:create', 'turns', '--scope', 'read')).out.trim();
    const rotated = await cli('keys:rotate', 'turns', '--overlap', '0.5');
    assert.match(rotated.out, /^slip_\S+\n$/);
    assert.match(rotated.err, /The old key \(slip_.*…\) is good until \d{4}-/);
    for (const key of [old, rotated.out.trim()]) assert.equal((await runIn('/', environment({ SLIPWAY_API_KEY: key }), command, 'whoami')).code, 0);
    assert.match((await cli('keys')).out, /\nturns .* 127\.0\.0\.1 /);
    assert.equal((await cli('keys:rotate', 'turns', '--overlap', '0')).code, 0, 'the newest of that name');
    assert.equal((await cli('keys:rotate', 'turns', '--overlap', '169')).code, 2);
    const deployKey = (await cli('keys:create', 'deploys', '--deploy', '-a', deployed.name)).out.trim();
    assert.match(deployKey, /^slip_/);
    assert.match((await runIn('/', environment({ SLIPWAY_API_KEY: deployKey }), command, 'info', '-a', deployed.name)).err, /There is no app/);
    const remote = `http://x:${deployKey}@localhost:${slipway.port}/git/${deployed.name}.git`;
    assert.equal((await deployed.repository.git('push', remote, 'main:refs/heads/by-deploy-key', '-q')), '');
    await assert.rejects(deployed.repository.git('fetch', remote), /may not fetch from this app: it takes an API key with the scope READ/);
    assert.match((await cli('keys:create', 'x', '--deploy', '--scope', 'read', '-a', deployed.name)).err, /has no other scope/);
  });

  it('invites people, shows and removes them; offers an app only to who has joined', async () => {
    assert.match(await run('people:invite', 'Bob@example.org', '--role', 'admin'), /^Bob@example\.org is invited to cli-.* as admin/);
    assert.match(await run('people'), /^WHO +ROLE +SINCE\nadmin@localhost\.localdomain +owner +-\nbob@example\.org +admin +invited, until \d/);
    assert.match((await runIn('/', environment(), command, 'transfer', 'bob@example.org', '-a', deployed.name)).err, /no person with a role on this app "bob@example\.org"/);
    assert.match(await run('people:remove', 'bob@example.org'), /The invitation of bob@example\.org .* is taken back/);
    assert.match((await runIn('/', environment(), command, 'people:role', 'bob@example.org', 'viewer', '-a', deployed.name)).err, /no person with a role/);
    assert.equal((await runIn('/', environment(), command, 'people:role', 'bob@example.org', 'king', '-a', deployed.name)).code, 2);
    assert.match((await runIn('/', environment(), command, 'people:leave', '-a', deployed.name)).err, /The owner of an app cannot leave it/);
    assert.equal((await runIn('/', environment(), command, 'invitations')).out, 'Nobody has invited you.\n');
    assert.equal((await runIn('/', environment(), command, 'transfers')).out, 'Nobody offers you an app.\n');
    assert.match((await runIn('/', environment(), command, 'transfer:accept', 'x')).err, /Nobody offers you the app "x"/);
  });

  it('adds and removes SSH keys, and sends no private one', async (t) => {
    const dir = await makeTemp(t, 'cli-');
    const cli = (...args: string[]): Promise<Result> => runIn(dir, environment(), command, ...args);
    assert.equal((await cli('ssh-keys')).out, 'You have no SSH key yet. Add one with: slipway ssh-keys:add ~/.ssh/id_ed25519.pub\n');
    writeFileSync(join(dir, 'key.pub'), 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBUnH6l5/2dWoUwLS/GJ9C4iR0pB9mp7Tq6Zk1sJ2vRc ann@laptop\n');
    writeFileSync(join(dir, 'key'), '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz\n');
    assert.match((await cli('ssh-keys:add', 'key.pub')).out, /^The key ann@laptop \(SHA256:[\w+/]{43}\) is added\.\n$/);
    assert.match((await cli('ssh-keys')).out, /\nann@laptop +ssh-ed25519 +256 +SHA256:/);
    assert.match((await cli('ssh-keys:add', 'key')).err, /key is a private key; nothing was sent\.\nAdd the public one: slipway ssh-keys:add key\.pub/);
    assert.match((await cli('ssh-keys:add', 'none')).err, /ENOENT.*\nMake a key with: ssh-keygen/);
    assert.match((await cli('ssh-keys:remove', 'ann@laptop')).out, /is removed/);
  });

  it('shows the last lines of the log by source and process, for people and as JSON', async () => {
    await deployed.read('/log?text=a-word-of-the-app');
    await until(async () => (await run('logs', '--source', 'router', '-n', '5')).includes('path="/log"'), { within: 60_000, what: () => 'the request is in the log' });
    await until(async () => /^\S+Z web\.1: a-word-of-the-app\n$/.test(await run('logs', '--process', 'web.1', '--search', 'A-WORD')), { within: 60_000, what: () => 'the line is in the log' });
    const line = JSON.parse((await run('logs', '--json', '-n', '1', '--search', 'a-word-of-the-app', '--source', 'app')).split('\n')[0] ?? '') as Record<string, unknown>;
    assert.deepEqual([line.source, line.process, line.replica, line.text], ['APP', 'web', 'web.1', 'a-word-of-the-app']);
    assert.match(await run('logs', '--source', 'build', '-n', '1000'), /build: /);
  });

  it('follows the log, and after a lost connection goes on from where it was: no line is missed or comes twice', async (t) => {
    const { child, output } = start(t, 'logs', '--tail', '-n', '1', '-a', deployed.name);
    const seen = (word: string): number => output().split(`web.1: ${word}\n`).length - 1;
    const write = (word: string): Promise<string> => deployed.read(`/log?text=${word}`);
    await until(() => output() !== '', { within: 60_000, what: () => 'the last line is shown' });
    await write('before-1');
    await until(() => seen('before-1') === 1, { within: 60_000, what: () => `the line is shown; ${output()}` });
    await slipway.kill('gateway');
    for (const word of ['between-1', 'between-2', 'between-3']) await write(word);
    await until(() => seen('between-3') === 1, { within: 60_000, what: () => `the lines of the time between are shown; ${output()}` });
    assert.match(output(), /The connection was lost/);
    await write('after-1');
    await until(() => seen('after-1') === 1, { within: 60_000, what: () => `new lines are shown; ${output()}` });
    for (const word of ['before-1', 'between-1', 'between-2', 'between-3', 'after-1']) assert.equal(seen(word), 1, word);
    const ended = new Promise((resolve) => { child.once('exit', (_code, signal) => { resolve(signal); }); });
    child.kill('SIGINT');
    assert.equal(await ended, 'SIGINT');
  });

  for (const [what, args, code, words] of [
    ['an unknown command', ['frobnicate'], 2, /unknown command/],
    ['a number that is none', ['logs', '-n', 'many', '-a', 'x'], 2, /1 to 100000/],
    ['a scale that is none', ['ps:scale', 'web=many', '-a', 'x'], 2, /web=2:large/],
    ['a pair without a value', ['config:set', 'KEY', '-a', 'x'], 2, /KEY=VALUE/],
    ['a release that is none', ['rollback', 'seven', '-a', 'x'], 2, /v7/],
    ['a key to be sealed and not', ['config:set', 'A=1', '--sealed', '--unsealed', '-a', 'x'], 2, /exclude each other/],
    ['no app', ['info'], 2, /--app NAME/],
    ['an app that is not there', ['info', '-a', 'nobodys'], 1, /There is no app "nobodys"[^]*slipway apps/],
    ['the log of an app that is not there', ['logs', '--tail', '-a', 'nobodys'], 1, /There is no app "nobodys"/],
    ['a name that cannot be', ['create', 'No Name!'], 1, /^Error: /],
    ['destroying without the name again', ['destroy', '-a', 'x'], 2, /--confirm/],
  ] as const) {
    it(`says what is wrong and what to do: ${what}, code ${code}`, async () => {
      const result = await runIn('/', environment(), command, ...args);
      assert.equal(result.code, code, result.err);
      assert.equal(result.out, '');
      assert.match(result.err, words);
      assert.doesNotMatch(result.err, /\n {4}at /);
    });
  }

  it('says what to look at after a refusal, and what cannot be undone before it is done', async () => {
    for (const [args, words, wanted] of [
      [['rollback', 'v99'], /There is no release v99\.\nslipway releases lists them/, 1],
      [['config:unset', 'NOT_SET'], /There is no config key NOT_SET\.\nslipway config lists them/, 1],
      [['restart', 'clock'], /no process type "clock"\.\nslipway ps lists them/, 1],
      [['destroy'], /cannot be undone\.\nIf you are sure: slipway destroy --confirm/, 2],
    ] as const) {
      const { code, err } = await runIn('/', environment(), command, ...args, '-a', deployed.name);
      assert.equal(code, wanted, err);
      assert.match(err, words);
    }
    assert.match((await runIn('/', environment(), command, 'info', '-a', 'no-such-app')).err, /slipway apps lists yours/);
    assert.match((await runIn('/', environment(), command, '--version')).out, /^\d+\.\d+\.\d+\n$/);
  });

  it('says how to get a key, that a key is wrong, and that nobody answers; and sends a key to no other platform', async () => {
    for (const [env, words] of [
      [{ SLIPWAY_HOME: '/nonexistent' }, /npm start/],
      [{ SLIPWAY_API_KEY: 'slip_wrong' }, /does not know this API key/],
      [{ SLIPWAY_API_KEY: 'x', SLIPWAY_URL: 'http://localhost:1' }, /does not answer \(ECONNREFUSED\)[^]*npm start/],
      [{ SLIPWAY_URL: 'http://localhost:1' }, /SLIPWAY_API_KEY/],
      [{ SLIPWAY_API_KEY: 'x', SLIPWAY_URL: `http://${deployed.name}.localhost:${slipway.port}` }, /not as Slipway does/],
      [{ SLIPWAY_URL: 'nonsense' }, /SLIPWAY_URL is no address/],
    ] as const) {
      const { code, err } = await runIn('/', environment(env), command, 'apps');
      assert.equal(code, 1, err);
      assert.match(err, words);
    }
  });
});
