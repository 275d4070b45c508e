import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { pushUnfinished } from '../../bus/push.ts';
import { startGitRig } from '../../test/kit/git-rig.ts';
import type { GitRig } from '../../test/kit/git-rig.ts';
import { listDescendants } from '../../test/kit/processes.ts';
import { until } from '../../test/kit/wait.ts';

describe('a push that deploys', () => {
  const cleanups: (() => Promise<void>)[] = [];
  const scope = { after: (fn: () => Promise<void>) => { cleanups.push(fn); } };
  let rig: GitRig;
  before(async () => { rig = await startGitRig(scope); });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  /** Builds are counted over all tests of the file: the next one. */
  const nextBuild = () => rig.platform.build(rig.platform.builds.length + 1);

  it('shows the build as it goes on, then the release, and moves the branch when it is live', async () => {
    const { repository, tip } = await rig.createApp();
    const commit = await repository.commit({ 'a.txt': 'one' }, 'Say one');
    const next = nextBuild();
    const push = repository.startPush();
    const build = await next;
    assert.equal(build.request.commit, commit);
    assert.equal(build.request.branch, 'main');
    assert.equal(build.request.message, 'Say one');
    build.set({ status: 'RUNNING' });
    for (const line of ['-----> Node.js app detected', 'installing']) {
      await build.log([line]);
      await until(() => push.output().includes(`remote: ${line}`), { within: 60_000, what: () => `the pusher sees "${line}" before the build goes on: ${push.output()}` });
    }
    await build.log([], { end: true });
    build.set({ status: 'SUCCEEDED' });
    build.release({ status: 'ROLLING_OUT', version: 7 });
    await until(() => push.output().includes('Releasing v7'), { within: 60_000, what: () => push.output() });
    assert.equal(await tip(), null);
    build.release({ status: 'LIVE' });
    const { code, output } = await push.ended;
    assert.equal(code, 0, output);
    assert.match(output, /remote: -----> Launched: v7 is live at http:\/\/blog\.localhost/);
    assert.equal(await tip(), commit);
    assert.ok(build.moved);
    assert.equal(await repository.git('-C', rig.repositoryDir, `--git-dir=${rig.repositoryDir}/${rig.platform.appId('app-1')}.git`, 'for-each-ref', 'refs/slipway/builds'), '');
  });

  it('stores the pushed tree, and a clone gives the same content back', async () => {
    const { repository, name } = await rig.createApp();
    const binary = Buffer.from([0, 255, 13, 10, 27]);
    await repository.commit({ 'a.txt': 'one\r\ntwo\n', 'bin/run': '#!/bin/sh\n', 'sub/ü.bin': binary });
    rig.platform.onBuild = (build) => build.goLive();
    const push = await repository.push();
    assert.equal(push.code, 0, push.output);
    const files = await rig.platform.files(rig.platform.builds.at(-1)?.request.sourceDigest ?? '');
    assert.deepEqual([...files.keys()].sort(), ['a.txt', 'bin/run*', 'sub/ü.bin']);
    assert.equal(files.get('sub/ü.bin'), binary.toString('latin1'));
    const other = await rig.otherCopy(name);
    await other.git('fetch', '-q', 'slipway');
    assert.equal(await other.git('rev-parse', 'slipway/main^{tree}'), await repository.git('rev-parse', 'HEAD^{tree}'));
    await other.git('clone', '-q', `http://x:${rig.apiKey}@127.0.0.1:${rig.port}/${name}.git`, 'cloned');
    assert.equal(await other.git('-C', 'cloned', 'rev-parse', 'HEAD'), await repository.git('rev-parse', 'HEAD'));
    rig.platform.onBuild = null;
  });

  it('fails with its build: reason told, branch unmoved, and the same push again builds again', async () => {
    const { repository, tip, bare } = await rig.createApp();
    const commit = await repository.commit({ 'a.txt': 'one' });
    rig.platform.onBuild = async (build) => { await build.log(['npm ERR!'], { end: true }); build.set({ status: 'FAILED', failure: { reason: 'BUILD_COMMAND_FAILED', message: 'npm ci failed with exit code 1.', hint: 'Commit package-lock.json.', lines: [] } }); };
    const push = await repository.push();
    assert.equal(push.code, 1, push.output);
    assert.match(push.output, /remote: {2}! {5}Build \d+ failed: npm ci failed with exit code 1\./);
    assert.match(push.output, /Commit package-lock\.json/);
    assert.match(push.output, /! \[remote rejected\] main -> main \(build failed: BUILD_COMMAND_FAILED\)/);
    assert.equal(await tip(), null);
    assert.equal(await repository.git(`--git-dir=${bare}`, 'for-each-ref'), '');
    rig.platform.onBuild = (build) => build.goLive();
    const again = await repository.push();
    assert.equal(again.code, 0, again.output);
    assert.equal(await tip(), commit);
    rig.platform.onBuild = null;
  });

  it('fails with its release: the undoing told, branch unmoved, and the same push again tries again', async () => {
    const { repository, tip } = await rig.createApp();
    const first = await repository.commit({ 'a.txt': 'one' });
    rig.platform.onBuild = (build) => build.goLive();
    assert.equal((await repository.push()).code, 0);
    const second = await repository.commit({ 'a.txt': 'two' });
    rig.platform.onBuild = async (build) => {
      await build.log([], { end: true });
      build.set({ status: 'SUCCEEDED' });
      build.release({ version: 8, status: 'FAILED', failure: { reason: 'CRASH_LOOP', message: 'web.1 exited with code 3.', hint: 'Look at its log.', lines: ['cannot connect'] }, rolledBack: { version: 9, to: 7 } });
    };
    const push = await repository.push();
    assert.equal(push.code, 1, push.output);
    for (const told of [/Release v8 failed: web\.1 exited with code 3\./, /cannot connect/, /Look at its log/, /v7 never stopped serving; v9 restores it/, /\(release v8 failed: CRASH_LOOP\)/]) assert.match(push.output, told);
    assert.equal(await tip(), first);
    rig.platform.onBuild = (build) => build.goLive();
    const again = await repository.push();
    assert.equal(again.code, 0, again.output);
    assert.equal(await tip(), second);
    rig.platform.onBuild = null;
  });

  it('returns after the build with -o detach, with the branch moved; a release that fails then brings it back', async () => {
    const { repository, tip, bare } = await rig.createApp();
    const first = await repository.commit({ 'a.txt': 'one' });
    rig.platform.onBuild = (build) => build.goLive();
    assert.equal((await repository.push()).code, 0);
    const second = await repository.commit({ 'a.txt': 'two' });
    rig.platform.onBuild = async (build) => { await build.log([], { end: true }); build.set({ status: 'SUCCEEDED' }); };
    const push = await repository.push('-o', 'detach', 'main');
    assert.equal(push.code, 0, push.output);
    assert.doesNotMatch(push.output, /Launched/);
    assert.equal(await tip(), second);
    rig.platform.builds.at(-1)?.release({ status: 'FAILED', failure: { reason: 'CRASH_LOOP', message: 'It exits.', hint: null, lines: [] } });
    await until(async () => await tip() === first, { within: 60_000, what: () => 'the branch has come back' });
    await until(async () => await repository.git(`--git-dir=${bare}`, 'for-each-ref', 'refs/slipway/builds') === '', { within: 60_000, what: () => 'the failed deploy is over, which the same push would join' });
    rig.platform.onBuild = (build) => build.goLive();
    assert.equal((await repository.push()).code, 0);
    assert.equal(await tip(), second);
    rig.platform.onBuild = null;
  });

  it('passes -o clean on, and says which push options it does not know', async () => {
    const { repository } = await rig.createApp();
    await repository.commit({ 'a.txt': 'one' });
    rig.platform.onBuild = (build) => build.goLive();
    const push = await repository.push('-o', 'clean', '-o', 'fast', 'main');
    assert.equal(push.code, 0, push.output);
    assert.equal(rig.platform.builds.at(-1)?.request.clean, true);
    assert.match(push.output, /Push option "fast" is not known/);
    rig.platform.onBuild = null;
  });

  it('goes on without its pusher, and the same push again watches the same build', async () => {
    const { repository, tip } = await rig.createApp();
    const commit = await repository.commit({ 'a.txt': 'one' });
    const next = nextBuild();
    const gone = repository.startPush();
    const build = await next;
    build.set({ status: 'RUNNING' });
    await build.log(['first line']);
    await until(() => gone.output().includes('first line'), { within: 60_000, what: () => gone.output() });
    await gone.leave();
    const count = rig.platform.builds.length;
    const again = repository.startPush();
    await until(() => /being deployed already[^]*first line/.test(again.output()), { within: 60_000, what: () => again.output() });
    await build.log(['second line'], { end: true });
    build.set({ status: 'SUCCEEDED' });
    await until(() => again.output().includes('Releasing'), { within: 60_000, what: () => again.output() });
    await again.leave();
    // While it is released, too: the branch has not moved, so git has something to push.
    const third = repository.startPush();
    await until(() => third.output().includes('Releasing'), { within: 60_000, what: () => third.output() });
    build.release({ status: 'LIVE' });
    assert.equal((await third.ended).code, 0, third.output());
    assert.equal(await tip(), commit);
    assert.equal(rig.platform.builds.length, count);
  });

  it('goes on without a pusher who leaves before the build was asked for', async () => {
    const { repository, tip } = await rig.createApp();
    const commit = await repository.commit({ 'a.txt': 'one' });
    let asked = false;
    let go: () => void = () => undefined;
    const gone = new Promise<void>((resolve) => { go = resolve; });
    rig.platform.onAsk = async (subject) => {
      if (subject !== pushUnfinished.subject) return;
      asked = true;
      await gone;
    };
    const push = repository.startPush();
    // The server itself asks the same now and then: the push does once its hook runs.
    await until(() => asked && listDescendants(rig.pid()).some((line) => line.includes('pre-receive')), { within: 60_000, what: () => push.output() });
    await push.leave();
    rig.platform.onBuild = (build) => build.goLive();
    await until(async () => (await rig.connections()) === 0, { within: 60_000, what: () => 'the server knows that the pusher has gone' });
    go();
    await until(async () => await tip() === commit, { within: 60_000, what: () => 'the branch has moved' });
    rig.platform.onBuild = rig.platform.onAsk = null;
  });

  it('builds one commit once when two push it at the same moment', async () => {
    const { repository, name, tip } = await rig.createApp();
    const commit = await repository.commit({ 'a.txt': 'one' });
    const other = await rig.otherCopy(name);
    await other.git('fetch', '-q', repository.dir, 'main');
    await other.git('reset', '-q', '--hard', 'FETCH_HEAD');
    const count = rig.platform.builds.length;
    const next = nextBuild();
    const pushes = [repository.startPush(), other.startPush('HEAD:main')];
    const build = await next;
    for (const push of pushes) await until(() => /Build \d|being deployed already/.test(push.output()), { within: 60_000, what: () => push.output() });
    await build.goLive();
    for (const push of pushes) assert.equal((await push.ended).code, 0, push.output());
    assert.equal(rig.platform.builds.length, count + 1);
    assert.equal(await tip(), commit);
  });

  it('is told when a newer push took its place, or its build was canceled', async () => {
    const { repository, tip } = await rig.createApp();
    await repository.commit({ 'a.txt': 'one' });
    rig.platform.onBuild = (build) => { build.set({ status: 'SUPERSEDED', supersededBy: 'abcdef0123456789' }); };
    const superseded = await repository.push();
    assert.equal(superseded.code, 1, superseded.output);
    assert.match(superseded.output, /\(superseded by abcdef01\)/);
    rig.platform.onBuild = (build) => { build.set({ status: 'CANCELED' }); };
    const canceled = await repository.push();
    assert.equal(canceled.code, 1, canceled.output);
    assert.match(canceled.output, /The build was canceled/);
    assert.equal(await tip(), null);
    rig.platform.onBuild = null;
  });

  it('is never silent for more than 5 seconds', async () => {
    const { repository } = await rig.createApp();
    await repository.commit({ 'a.txt': 'one' });
    const next = nextBuild();
    const push = repository.startPush();
    const build = await next;
    await until(() => /still waiting for a builder \(\d+ s\)/.test(push.output()), { within: 60_000, what: () => push.output() });
    build.set({ status: 'RUNNING' });
    await until(() => /still building \(\d+ s\)/.test(push.output()), { within: 60_000, what: () => push.output() });
    await build.goLive();
    assert.equal((await push.ended).code, 0, push.output());
  });

  it('says which lines of a build are missing', async () => {
    const { repository } = await rig.createApp();
    await repository.commit({ 'a.txt': 'one' });
    rig.platform.onBuild = async (build) => {
      build.set({ status: 'RUNNING' });
      await build.log(['one', 'two']);
      await build.log(['after a fast writer'], { gap: { lines: 12, reason: 'RATE' } });
      // Retention dropped the batch before this one.
      await build.log(['last'], { position: { n: 20, s: 8 }, end: true });
      build.set({ status: 'SUCCEEDED' });
      build.release({ status: 'LIVE' });
    };
    const push = await repository.push();
    assert.match(push.output, /two[^]*12 lines of the output are missing here[^]*after a fast writer[^]*5 lines of the output are missing here[^]*last/);
    rig.platform.onBuild = null;
  });
});
