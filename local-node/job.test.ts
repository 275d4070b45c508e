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

const cleanups: (() => Promise<void>)[] = [];
let rig: NodeRig;
before(async () => { rig = await startNodeRig({ after: (fn) => { cleanups.push(fn); } }); });
after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

const start = async (spec: JobSpec): Promise<void> => { await ask(rig.controller, nodeJobStart, spec); };

describe('a command', () => {
  const commandOf = async (command: string, more: { seconds?: number; memoryBytes?: number } = {}): Promise<Extract<JobSpec, { kind: 'command' }>> => {
    const want = rig.want(await rig.slug({ 'schema.sql': 'create' }), '');
    return { kind: 'command', id: `release-${randomUUID()}`, appId: want.appId, appName: 'blog', releaseId: want.releaseId, releaseVersion: 1, slugDigest: want.slugDigest, process: 'release', command, memoryBytes: 2 ** 29, seconds: 60, ...more };
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
    await ask(rig.controller, nodeJobForget, { id: spec.id });
    await assert.rejects(rig.job(spec.id), { code: 'NOT_FOUND' });
  });

  it('goes on when the node is killed, and runs no second time', async () => {
    const spec = await commandOf('echo begun; sleep 2; echo done');
    await start(spec);
    await rig.kill('SIGKILL');
    await rig.start();
    await start(spec);
    assert.equal((await rig.untilEnded(spec.id)).exitCode, 0);
    const log = rig.log(spec.appId, 'APP', spec.id);
    assert.equal(log.match(/begun/g)?.length, 1);
    assert.equal(log.match(/done/g)?.length, 1);
  });

  it('that was ended because the node stops has no verdict: it is run anew when it is asked for, into the same log', async () => {
    const spec = await commandOf(`echo begun; [ -e ${join(rig.dir, 'go-on')} ] || sleep 60; echo done`);
    await start(spec);
    await until(() => rig.log(spec.appId, 'APP', spec.id).includes('begun'), { within: 10_000, what: () => 'it has begun' });
    await rig.kill('SIGTERM');
    await rig.start();
    await assert.rejects(rig.job(spec.id), { code: 'NOT_FOUND' });
    assert.equal(existsSync(join(rig.logDir, spec.appId, 'APP', spec.id, 'ended')), false);
    writeFileSync(join(rig.dir, 'go-on'), '');
    await start(spec);
    assert.equal((await rig.untilEnded(spec.id)).exitCode, 0);
    assert.deepEqual(rig.log(spec.appId, 'APP', spec.id).match(/begun|done/g), ['begun', 'begun', 'done']);
  });

  it('that ended while the node was away is told', async () => {
    const spec = await commandOf('sleep 0.5; echo bye; exit 4');
    await start(spec);
    await rig.kill('SIGKILL');
    await until(() => listProcesses('sleep 0.5').length === 0, { within: 5_000, what: () => 'it has ended' });
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
    assert.deepEqual(listProcesses(`sleep ${mark}`), []);
  });

  it('leaves nothing of a deleted app', async () => {
    const spec = await commandOf('sleep 1000');
    await start(spec);
    await ask(rig.controller, nodeForgetApp, { appId: spec.appId });
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
    return { spec, ended: await rig.untilEnded(spec.id, 90_000) };
  };

  it('ends with a slug and its steps; its output is in its log; it runs as a user of its own', async () => {
    const { spec, ended } = await run('echo "built by $(id -u)"');
    assert.equal(ended.outcome?.status, 'SUCCEEDED', JSON.stringify(ended));
    assert.deepEqual(ended.steps.map(({ kind, status }) => `${kind} ${status}`), ['FETCH', 'DETECT', 'COMPILE', 'RELEASE', 'SLUG', 'CACHE'].map((kind) => `${kind} SUCCEEDED`));
    const log = rig.log(spec.context.appId, 'BUILD', spec.id);
    assert.match(log, /built by \d+/);
    if (process.getuid?.() === 0) assert.match(log, /built by 9\d{8}\n/);
    await until(() => readdirSync(join(rig.dir, 'jobs')).length === 0, { within: 5_000, what: () => 'its files are gone' });
  });

  it('goes on when the node is killed in the middle, and its verdict and steps are known afterwards', async () => {
    const spec = await rig.buildJob(filesOf('echo compiling; sleep 3; echo compiled'));
    await start(spec);
    await until(() => rig.log(spec.context.appId, 'BUILD', spec.id).includes('compiling'), { within: 30_000, what: () => 'it compiles' });
    await rig.kill('SIGKILL');
    await rig.start();
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
    const { ended } = await run(`exec ${rig.node} -e 'const all = []; for (;;) all.push(Buffer.alloc(20e6, 1))'`, { memoryBytes: 300 * 1024 * 1024 });
    assert.equal(ended.outcome?.status, 'FAILED');
    assert.ok(ended.outcome?.status === 'FAILED' && ended.outcome.reason === 'OUT_OF_MEMORY', JSON.stringify(ended.outcome));
  });

  it('that is canceled ends at once', async () => {
    const spec = await rig.buildJob(filesOf('echo compiling; sleep 1000'));
    await start(spec);
    await until(() => rig.log(spec.context.appId, 'BUILD', spec.id).includes('compiling'), { within: 30_000, what: () => 'it compiles' });
    await ask(rig.controller, nodeJobStop, { id: spec.id });
    assert.deepEqual((await rig.untilEnded(spec.id, 10_000)).outcome, { status: 'CANCELED' });
  });
});
