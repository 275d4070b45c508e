import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ask } from '../bus/ask.ts';
import { nodeForgetApp, nodeJobForget, nodeJobStart, nodeJobStop } from '../bus/node.ts';
import type { JobSpec } from '../bus/node.ts';
import { startNodeRig } from '../test/kit/node-rig.ts';
import type { NodeRig } from '../test/kit/node-rig.ts';
import { listProcesses } from '../test/kit/processes.ts';
import { until } from '../test/kit/wait.ts';

/** The machine may be busy with other tests. */
const within = 60_000;

const cleanups: (() => Promise<void>)[] = [];
let rig: NodeRig;
before(async () => { rig = await startNodeRig({ after: (fn) => { cleanups.push(fn); } }); });
after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

const start = async (spec: JobSpec): Promise<void> => { await ask(rig.controller, nodeJobStart, spec, within); };
/** A file for which a program waits: its user sees whether it is there. */
const signalTo = (spec: { id: string }): string => join(rig.dir, `go-on-${spec.id}`);

describe('a command', () => {
  const commandOf = async (command: string | ((id: string) => string), more: { seconds?: number; memoryBytes?: number } = {}): Promise<Extract<JobSpec, { kind: 'command' }>> => {
    const want = rig.want(await rig.slug({ 'schema.sql': 'create' }), '');
    const id = `release-${randomUUID()}`;
    return { kind: 'command', id, appId: want.appId, appName: 'blog', releaseId: want.releaseId, releaseVersion: 1, slugDigest: want.slugDigest, process: 'release', command: typeof command === 'string' ? command : command(signalTo({ id })), memoryBytes: 2 ** 29, seconds: 120, ...more };
  };

  it('runs once in a copy of the slug with its config, and its end is told until it is forgotten', async () => {
    rig.config = { DATABASE: 'db1' };
    const spec = await commandOf('ls; echo migrating $DATABASE $SLIPWAY_RELEASE; exit 7');
    await Promise.all([start(spec), start(spec)]);
    const ended = await rig.untilEnded(spec.id);
    await start(spec);
    rig.config = {};
    assert.deepEqual([ended.exitCode, ended.exitReason, ended.outcome], [7, 'exited', null]);
    assert.deepEqual(ended.lastLines, ['schema.sql', 'migrating db1 1']);
    assert.equal(rig.log(spec.appId, 'APP', spec.id).split('\n').filter((line) => line.includes('migrating')).length, 1);
    assert.ok(existsSync(join(rig.logDir, spec.appId, 'APP', spec.id, 'ended')));
    await ask(rig.controller, nodeJobForget, { id: spec.id }, within);
    await assert.rejects(rig.job(spec.id), { code: 'NOT_FOUND' });
  });

  it('goes on when the node is killed, and runs no second time', async () => {
    const spec = await commandOf((file) => `echo begun; until [ -e ${file} ]; do sleep 0.1; done; echo done`);
    await start(spec);
    // What a node that is killed has read and not written is lost.
    await until(() => rig.log(spec.appId, 'APP', spec.id).includes('begun'), { within, what: () => 'it has begun' });
    await rig.kill('SIGKILL');
    await rig.start();
    await start(spec);
    writeFileSync(signalTo(spec), '');
    assert.equal((await rig.untilEnded(spec.id)).exitCode, 0);
    const log = rig.log(spec.appId, 'APP', spec.id);
    assert.equal(log.match(/begun/g)?.length, 1);
    assert.equal(log.match(/done/g)?.length, 1);
  });

  it('that was ended because the node stops has no verdict: it is run anew when it is asked for, into the same log', async () => {
    const spec = await commandOf((file) => `echo begun; [ -e ${file} ] || sleep 600; echo done`, { seconds: 600 });
    await start(spec);
    await until(() => rig.log(spec.appId, 'APP', spec.id).includes('begun'), { within, what: () => 'it has begun' });
    await rig.kill('SIGTERM');
    await rig.start();
    await assert.rejects(rig.job(spec.id), { code: 'NOT_FOUND' });
    assert.equal(existsSync(join(rig.logDir, spec.appId, 'APP', spec.id, 'ended')), false);
    writeFileSync(signalTo(spec), '');
    await start(spec);
    assert.equal((await rig.untilEnded(spec.id)).exitCode, 0);
    assert.deepEqual(rig.log(spec.appId, 'APP', spec.id).match(/begun|done/g), ['begun', 'begun', 'done']);
  });

  it('that ended while the node was away is told', async () => {
    const spec = await commandOf((file) => `until [ -e ${file} ]; do sleep 0.1; done; echo bye; exit 4`);
    await start(spec);
    await rig.kill('SIGKILL');
    writeFileSync(signalTo(spec), '');
    await until(() => listProcesses(signalTo(spec)).length === 0, { within, what: () => 'it has ended' });
    await rig.start();
    assert.equal((await rig.untilEnded(spec.id)).exitCode, 4);
    assert.match(rig.log(spec.appId, 'APP', spec.id), /bye/);
  });

  it('ends when its time is over, with all that it started', async () => {
    const mark = `40${process.pid}`;
    const spec = await commandOf(`trap '' TERM; sleep ${mark} & sleep ${mark}`, { seconds: 1 });
    await start(spec);
    const ended = await rig.untilEnded(spec.id);
    assert.deepEqual([ended.exitCode, ended.exitReason], [137, 'took too long']);
    // What was sent SIGKILL is there until it has its turn.
    await until(() => listProcesses(`sleep ${mark}`).length === 0, { within, what: () => listProcesses(`sleep ${mark}`).join('\n') });
  });

  it('leaves nothing of a deleted app', async () => {
    const spec = await commandOf('sleep 1000');
    await start(spec);
    await ask(rig.controller, nodeForgetApp, { appId: spec.appId }, within);
    await assert.rejects(rig.job(spec.id), { code: 'NOT_FOUND' });
    assert.equal(existsSync(join(rig.logDir, spec.appId)), false);
    assert.equal(existsSync(join(rig.dir, 'slugs', spec.appId)), false);
  });
});

describe('a build', () => {
  /** An app whose own buildpack runs this. */
  const filesOf = (compile: string): Record<string, string> => ({
    '.buildpacks': './pack\n', 'pack/bin/detect': '#!/bin/sh\necho Test\n', 'pack/bin/compile': `#!/bin/bash\ncd "$1"\n${compile}\n`, Procfile: 'web: true\n',
  });
  const run = async (compile: string, limits = {}) => {
    const spec = await rig.buildJob(filesOf(compile), limits);
    await start(spec);
    return { spec, ended: await rig.untilEnded(spec.id) };
  };

  it('ends with a slug and its steps; its output is in its log; it runs as a user of its own', async () => {
    const { spec, ended } = await run('echo "built by $(id -u)"');
    assert.equal(ended.outcome?.status, 'SUCCEEDED', JSON.stringify(ended));
    assert.deepEqual(ended.steps.map(({ kind, status }) => `${kind} ${status}`), ['FETCH', 'DETECT', 'COMPILE', 'RELEASE', 'SLUG', 'CACHE'].map((kind) => `${kind} SUCCEEDED`));
    const log = rig.log(spec.context.appId, 'BUILD', spec.id);
    assert.match(log, /built by \d+/);
    if (process.getuid?.() === 0) assert.match(log, /built by 9\d{8}\n/);
    await until(() => readdirSync(join(rig.dir, 'jobs')).length === 0, { within, what: () => 'its files are gone' });
  });

  it('goes on when the node is killed in the middle, and its verdict and steps are known afterwards', async () => {
    const file = signalTo({ id: randomUUID() });
    const spec = await rig.buildJob(filesOf(`echo compiling; until [ -e ${file} ]; do sleep 0.1; done; echo compiled`));
    await start(spec);
    await until(() => rig.log(spec.context.appId, 'BUILD', spec.id).includes('compiling'), { within, what: () => 'it compiles' });
    await rig.kill('SIGKILL');
    await rig.start();
    writeFileSync(file, '');
    const ended = await rig.untilEnded(spec.id);
    assert.equal(ended.outcome?.status, 'SUCCEEDED', JSON.stringify(ended));
    assert.equal(ended.steps.length, 6);
    assert.match(rig.log(spec.context.appId, 'BUILD', spec.id), /compiled/);
  });

  it('that never ends is ended', async () => {
    const { ended } = await run('sleep 1000', { seconds: 3 });
    assert.deepEqual([ended.outcome?.status, ended.outcome?.status === 'FAILED' && ended.outcome.reason], ['FAILED', 'BUILD_TIMEOUT']);
  });

  it('that fills the disk is ended', async () => {
    const { ended } = await run('dd if=/dev/zero of=big bs=1M count=200 2>/dev/null; sleep 1000', { diskBytes: 100 * 1024 * 1024 });
    assert.deepEqual([ended.outcome?.status, ended.outcome?.status === 'FAILED' && ended.outcome.reason], ['FAILED', 'DISK_FULL']);
  });

  it('that takes too much memory is ended', async () => {
    // Not all there is: a node that samples may come late.
    const { ended } = await run(`exec ${rig.node} -e 'const all = []; while (all.length < 50) all.push(Buffer.alloc(20e6, 1)); setInterval(() => 0, 1000)'`, { memoryBytes: 300 * 1024 * 1024 });
    assert.equal(ended.outcome?.status, 'FAILED');
    assert.ok(ended.outcome?.status === 'FAILED' && ended.outcome.reason === 'OUT_OF_MEMORY', JSON.stringify(ended.outcome));
  });

  it('that is canceled ends at once', async () => {
    const spec = await rig.buildJob(filesOf('echo compiling; sleep 1000'));
    await start(spec);
    await until(() => rig.log(spec.context.appId, 'BUILD', spec.id).includes('compiling'), { within, what: () => 'it compiles' });
    await ask(rig.controller, nodeJobStop, { id: spec.id }, within);
    assert.deepEqual((await rig.untilEnded(spec.id, within)).outcome, { status: 'CANCELED' });
  });
});
