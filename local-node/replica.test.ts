import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ask } from '../bus/ask.ts';
import { nodeApply } from '../bus/node.ts';
import type { ReplicaWant } from '../bus/node.ts';
import { startNodeRig } from '../test/kit/node-rig.ts';
import type { NodeRig } from '../test/kit/node-rig.ts';
import { listProcesses } from '../test/kit/processes.ts';
import { sampleApp } from '../test/kit/sample-app.ts';
import { isAlive } from '../test/kit/processes.ts';
import { until } from '../test/kit/wait.ts';

const asRoot = process.getuid?.() === 0;
/** The machine may be busy with other tests. */
const within = 60_000;
const withoutRoot = !asRoot && 'the wall between users needs root';

describe('a replica', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let rig: NodeRig;
  before(async () => { rig = await startNodeRig({ after: (fn) => { cleanups.push(fn); } }); });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const get = async (port: number | null, path = '/'): Promise<string> => (await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } })).text();
  /** Starts one and waits until it is up. */
  const up = async (files: Record<string, string>, command = `${rig.node} server.js`, more: Partial<ReplicaWant> = {}): Promise<{ want: ReplicaWant; port: number; pid: number }> => {
    const want = rig.want(await rig.slug(files), command, more);
    await rig.apply(want.appId, [want]);
    const { port } = await rig.untilReplica(want.id, 'it is up', (state) => state?.status === 'UP');
    return { want, port: port ?? 0, pid: want.listens && files['server.js'] ? Number(await get(port, '/pid')) : 0 };
  };
  const gone = (id: string): Promise<void> => until(async () => await rig.replica(id) === undefined, { within, what: () => 'it is gone' });
  const log = (want: ReplicaWant): string => rig.log(want.appId, 'APP', want.id);
  const restartWith = async (drainSeconds: string): Promise<void> => { await rig.kill('SIGKILL'); await rig.start({ SLIPWAY_DRAIN_SECONDS: drainSeconds }); };

  it('runs its command in a copy of the slug, with its port, its config and nothing of the platform\'s', async () => {
    const config = { MODE: 'a\nb \'c\' "d" $e `f` é \\n', BYTES: Buffer.from([0xff, 0x81, 0x0a, 0x0a]), out: 'x', code: '7', PATH: '/nowhere', LD_PRELOAD: '/nonexistent.so' };
    rig.config = config;
    const dump = 'http.createServer((q, s) => s.end(JSON.stringify({ env: process.env, cwd: process.cwd(), files: fs.readdirSync("."), bytes: fs.readFileSync("/proc/self/environ").toString("latin1") }))).listen(process.env.PORT)';
    const { want, port } = await up({ 'dump.js': `const fs = require("node:fs"), http = require("node:http"); ${dump}` }, `${rig.node} dump.js`);
    rig.config = {};
    const told = JSON.parse(await get(port)) as { env: Record<string, string>; cwd: string; files: string[]; bytes: string };
    for (const [key, value] of Object.entries(config)) if (typeof value === 'string') assert.equal(told.env[key], value, key);
    if (process.platform === 'linux') assert.ok(told.bytes.includes('BYTES=\xff\x81\n\n\0'));
    assert.deepEqual(told.files, ['dump.js']);
    assert.equal(told.env.HOME, told.cwd);
    assert.deepEqual([told.env.PORT, told.env.SLIPWAY_APP, told.env.SLIPWAY_PROCESS, told.env.SLIPWAY_REPLICA, told.env.SLIPWAY_RELEASE], [String(port), 'blog', 'web', 'web.1', '1']);
    const known = [...Object.keys(config), 'PORT', 'HOME', 'LANG', 'TMPDIR', 'SHELL', 'PWD', 'OLDPWD', 'SHLVL', '_', 'SLIPWAY_APP', 'SLIPWAY_PROCESS', 'SLIPWAY_REPLICA', 'SLIPWAY_RELEASE'];
    assert.deepEqual(Object.keys(told.env).filter((key) => !known.includes(key)), []);
    await rig.apply(want.appId, []);
    await gone(want.id);
  });

  it('serves on, as the same process, when the node is killed, and its output and its end are not lost', async () => {
    const { want, port, pid } = await up(sampleApp('one', rig.node));
    await rig.kill('SIGKILL');
    assert.equal(await get(port, '/log?text=while+the+node+is+away'), 'logged');
    await rig.start();
    assert.equal((await rig.untilReplica(want.id, 'it is known', (state) => state !== undefined)).status, 'UP');
    assert.equal(Number(await get(port, '/pid')), pid);
    await until(() => log(want).includes('while the node is away'), { within, what: () => log(want) });
    await rig.kill('SIGKILL');
    await get(port, '/log?text=last+words');
    await get(port, '/exit?code=9');
    await until(() => !isAlive(pid), { within, what: () => 'it has ended' });
    await rig.start();
    const again = await rig.untilReplica(want.id, 'it runs again', (state) => state?.status === 'UP' && state.restarts === 1);
    assert.deepEqual([again.exitCode, again.exitReason], [9, 'exited']);
    assert.ok(log(want).includes('last words'), log(want));
    assert.notEqual(Number(await get(again.port, '/pid')), pid);
    await rig.apply(want.appId, []);
    await gone(want.id);
  });

  it('that ends is started again after growing pauses, with its exit code and last lines told, and a fresh copy of its files', async () => {
    const want = rig.want(await rig.slug({ 'run.sh': 'ls; touch left-behind; echo cannot start >&2; exit 3' }), 'bash run.sh');
    await rig.apply(want.appId, [want]);
    const state = await rig.untilReplica(want.id, 'it crashed three times', (now) => now?.status === 'BACKING_OFF' && now.restarts >= 2);
    assert.deepEqual([state.exitCode, state.exitReason, state.port], [3, 'exited', null]);
    assert.deepEqual(state.lastLines.toSorted(), ['cannot start', 'run.sh']);
    const times = log(want).split('\n').filter((line) => line.includes('cannot start')).map((line) => Date.parse(line.slice(0, 24)));
    // At least: how long it takes to start is not for us to say.
    assert.ok((times[1] ?? 0) - (times[0] ?? 0) > 450 && (times[2] ?? 0) - (times[1] ?? 0) > 950, String(times));
    await rig.apply(want.appId, []);
    await gone(want.id);
    assert.ok(existsSync(join(rig.logDir, want.appId, 'APP', want.id, 'ended')));
  });

  it('that listens and ends before it takes a request was never up', async () => {
    const crash = 'http.createServer().listen(process.env.PORT); const end = Date.now() + 600; while (Date.now() < end); throw new Error("broken");';
    const want = rig.want(await rig.slug({ 'crash.js': `const http = require("node:http"); ${crash}` }), `${rig.node} crash.js`);
    const seen = new Set<string | undefined>();
    await rig.apply(want.appId, [want]);
    await rig.untilReplica(want.id, 'it crashed twice', (state) => { seen.add(state?.status); return state?.status === 'BACKING_OFF' && state.restarts >= 1; });
    assert.deepEqual([...seen].filter((status) => status !== 'STARTING' && status !== 'BACKING_OFF'), []);
    await rig.apply(want.appId, []);
    await gone(want.id);
  });

  it('that need not listen is up when it has run for a moment', async () => {
    const { want } = await up({ 'worker.sh': 'echo working; sleep 1000' }, 'bash worker.sh', { process: 'worker', listens: false });
    await until(() => log(want).includes('working'), { within, what: () => log(want) });
    await rig.apply(want.appId, []);
    await gone(want.id);
  });

  it('that is not wanted finishes its requests first, and then nothing of it is left', async () => {
    await restartWith('60');
    const { want, port } = await up(sampleApp('one', rig.node), `${rig.node} server.js; true`);
    const slow = get(port, '/slow?ms=1500');
    await until(async () => (await fetch(`http://127.0.0.1:${port}/`)).ok, { within, what: () => 'it serves' });
    assert.deepEqual((await rig.apply(want.appId, [])).map(({ id, status }) => [id, status]), [[want.id, 'STOPPING']]);
    assert.equal(await slow, 'slow one');
    await gone(want.id);
    assert.deepEqual(readdirSync(join(rig.dir, 'replicas')), []);
    assert.deepEqual(readdirSync(join(rig.dir, 'programs')), []);
    await restartWith('5');
  });

  it('that does not end when told to is killed after the drain time, with all that it started, wherever it has hidden', async () => {
    const mark = `${process.pid}77`;
    const { want } = await up({ 'stubborn.sh': `trap '' TERM\n(trap '' TERM; exec sleep 10${mark}) &\nsetsid setsid sleep 20${mark} </dev/null >/dev/null 2>&1 &\necho up\nwhile true; do sleep 30${mark}; done` }, 'bash stubborn.sh', { process: 'worker', listens: false });
    await until(() => listProcesses(`sleep 10${mark}`, `sleep 20${mark}`, `sleep 30${mark}`).filter((line) => /^\d+ sleep \d+$/.test(line)).length === 3, { within, what: () => listProcesses(`0${mark}`).join('\n') });
    await rig.apply(want.appId, []);
    await gone(want.id);
    // What was sent SIGKILL is there until it has its turn.
    await until(() => listProcesses(`0${mark}`).length === 0, { within, what: () => listProcesses(`0${mark}`).join('\n') });
  });

  it('that takes more memory than it may is ended and started again, and that is the reason told', async () => {
    const want = rig.want(await rig.slug({ 'eat.js': 'const all = []; setInterval(() => all.length < 50 && all.push(Buffer.alloc(20e6, 1)), 20);' }), `${rig.node} eat.js`, { memoryBytes: 150 * 1024 * 1024, listens: false });
    await rig.apply(want.appId, [want]);
    const state = await rig.untilReplica(want.id, 'it was ended', (now) => (now?.restarts ?? 0) >= 1 || now?.status === 'BACKING_OFF');
    assert.equal(state.exitReason, 'out of memory');
    assert.equal(state.exitCode, 137);
    await rig.apply(want.appId, []);
    await gone(want.id);
  });

  it('moves to another release without a restart, and has its config at the next start', async () => {
    const { want, port, pid } = await up(sampleApp('one', rig.node));
    await ask(rig.controller, nodeApply, { appId: want.appId, keep: [{ id: want.id, releaseId: rig.want(want.slugDigest, '').releaseId, releaseVersion: 2 }], start: [] }, within);
    assert.equal((await rig.replica(want.id))?.releaseVersion, 2);
    assert.equal(Number(await get(port, '/pid')), pid);
    rig.config = { MODE: 'second' };
    await get(port, '/exit');
    const again = await rig.untilReplica(want.id, 'it runs again', (state) => state?.status === 'UP' && state.restarts === 1);
    assert.equal(await get(again.port), 'version one second');
    rig.config = {};
    await rig.apply(want.appId, []);
    await gone(want.id);
  });

  it('whose slug is gone or damaged is not started, and the reason is told', async () => {
    const missing = rig.want('0'.repeat(64), 'true');
    await rig.apply(missing.appId, [missing]);
    assert.match((await rig.untilReplica(missing.id, 'it failed', (state) => state?.status === 'BACKING_OFF')).exitReason ?? '', /^slug storage answered 404/);
    const damaged = rig.want(await rig.slug({ 'a.txt': 'a' }), 'true', { slugDigest: '1'.repeat(64) });
    await rig.apply(damaged.appId, [damaged]);
    assert.match((await rig.untilReplica(damaged.id, 'it failed', (state) => state?.status === 'BACKING_OFF')).exitReason ?? '', /^slug content is not what its digest says/);
    for (const want of [missing, damaged]) { await rig.apply(want.appId, []); await gone(want.id); }
  });

  it('is not up while another user listens on its port', { skip: withoutRoot || (process.platform !== 'linux' && 'needs /proc/net/tcp') }, async (t) => {
    const want = rig.want(await rig.slug({ 'wait.sh': 'sleep 1000' }), 'bash wait.sh');
    await rig.apply(want.appId, [want]);
    const { port } = await rig.untilReplica(want.id, 'it has a port', (state) => typeof state?.port === 'number');
    let looks = 0;
    const squatter = createServer();
    squatter.on('connection', () => { looks++; });
    t.after(() => new Promise((resolve) => { squatter.close(resolve); }));
    await new Promise<void>((resolve) => { squatter.listen(port ?? 0, '127.0.0.1', resolve); });
    await until(() => looks >= 3, { within, what: () => 'the node looked' });
    assert.equal((await rig.replica(want.id))?.status, 'STARTING');
    await rig.apply(want.appId, []);
    await gone(want.id);
  });

  it('of one app finds nothing of another\'s: no file, no environment, no signal', { skip: withoutRoot }, async () => {
    rig.config = { SECRET: 'planted' };
    const victim = await up(sampleApp('victim', rig.node));
    rig.config = {};
    const place = join(rig.dir, 'replicas', victim.want.id);
    assert.equal(readFileSync(`/proc/${victim.pid}/cwd/version.txt`, 'utf8'), 'victim\n');
    const tries = [`cat /proc/${victim.pid}/environ`, `kill -0 ${victim.pid}`, `ls ${place}`, `ls ${place}/app`, `ls ${place}/own`, `cat ${place}/app/version.txt`, `cat /proc/${victim.pid}/cwd/version.txt`, `ls /proc/${victim.pid}/root/`, `ls ${rig.dir}`, `ls ${rig.dir}/replicas`, `ls ${rig.dir}/slugs`, `cat ${rig.dir}/state.json`, `ls ${rig.logDir}`, `ls ${rig.dir}/programs/${victim.want.id}`];
    const { want } = await up({ 'try.sh': [...tries.map((line) => `${line} >/dev/null 2>&1 && echo 'OPEN: ${line}'`), 'echo DONE $(id -u) $(id -G)', 'sleep 1000'].join('\n') }, 'bash try.sh', { process: 'worker', listens: false });
    await until(() => log(want).includes('DONE'), { within, what: () => log(want) });
    assert.doesNotMatch(log(want), /OPEN/);
    assert.match(log(want), /DONE 9\d{8} 9\d{8}\n/);
    for (const one of [want, victim.want]) { await rig.apply(one.appId, []); await gone(one.id); }
  });

  it('and all others end with the node when it is told to stop', async () => {
    const { want, pid } = await up(sampleApp('one', rig.node));
    await rig.kill('SIGTERM');
    assert.equal(isAlive(pid), false);
    assert.deepEqual(listProcesses(rig.dir), []);
    assert.match(rig.log(want.appId, 'APP', want.id), /starting version one/);
    // Others' may go while it looks, which is its failure and not ours.
    const { stdout: cgroups } = spawnSync('find', ['/sys/fs/cgroup', '-type', 'd', '-name', want.id], { encoding: 'utf8' });
    assert.equal(cgroups, '');
    await rig.start();
    assert.equal(await rig.replica(want.id), undefined);
  });
});
