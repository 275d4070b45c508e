import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pushState, pushUnfinished } from '../../bus/push.ts';
import { startGitRig } from '../../test/kit/git-rig.ts';
import { until } from '../../test/kit/wait.ts';

describe('the git server, killed and started again', () => {
  it('takes up a build that goes on, moves the branch, and the same push again watches it', async (t) => {
    const rig = await startGitRig(t);
    const { repository, tip } = await rig.createApp();
    const commit = await repository.commit({ 'a.txt': 'one' });
    const push = repository.startPush();
    const build = await rig.platform.build(1);
    build.set({ status: 'RUNNING' });
    await build.log(['first line']);
    await until(() => push.output().includes('first line'), { within: 60_000, what: () => push.output() });
    await rig.kill();
    assert.notEqual((await push.ended).code, 0, push.output());
    await rig.start();
    const again = repository.startPush();
    await until(() => again.output().includes('first line'), { within: 60_000, what: () => again.output() });
    await build.goLive(['second line']);
    assert.equal((await again.ended).code, 0, again.output());
    assert.equal(rig.platform.builds.length, 1);
    assert.equal(await tip(), commit);
  });

  it('moves the branches of deploys that went live without it, in their order', async (t) => {
    const rig = await startGitRig(t);
    const { repository, tip, bare } = await rig.createApp();
    const commits: string[] = [];
    for (const version of ['one', 'two']) {
      commits.push(await repository.commit({ 'a.txt': version }));
      const push = repository.startPush();
      await rig.platform.build(commits.length);
      await until(() => push.output().includes('Build'), { within: 60_000, what: () => push.output() });
      await push.leave();
    }
    await rig.kill();
    for (const build of rig.platform.builds) await build.goLive();
    const [first, second] = rig.platform.builds;
    // One is known by the platform alone, and is looked at when the later has moved the branch.
    await rm(join(bare, 'refs/slipway/builds', first?.state.build.id ?? ''));
    rig.platform.onAsk = async (subject, { buildId }) => {
      if (subject === pushState.subject && buildId === first?.state.build.id) await until(() => second?.moved ?? false, { within: 60_000, what: () => 'the second has moved' });
    };
    await rig.start();
    await until(() => rig.platform.builds.every(({ moved }) => moved), { within: 60_000, what: () => 'both are known to have moved' });
    assert.equal(await tip(), commits[1]);
    await until(async () => (await readdir(join(bare, 'refs/slipway/builds')).catch(() => [])).length === 0, { within: 60_000, what: () => 'no commit is kept any more' });
  });

  it('moves no branch back for an earlier deploy that it never finished', async (t) => {
    const rig = await startGitRig(t);
    const { repository, tip } = await rig.createApp();
    rig.platform.onBuild = (build) => build.goLive();
    let commit = '';
    for (const version of ['one', 'two']) {
      commit = await repository.commit({ 'a.txt': version });
      assert.equal((await repository.push()).code, 0);
    }
    await rig.kill();
    const [first] = rig.platform.builds;
    assert.ok(first);
    first.moved = false;
    await rig.start();
    await until(() => first.moved, { within: 60_000, what: () => 'the first deploy is finished' });
    assert.equal(await tip(), commit);
  });

  it('brings back a branch whose release failed without it, and forgets a push that never got as far as a build', async (t) => {
    const rig = await startGitRig(t);
    const { repository, tip, bare } = await rig.createApp();
    const first = await repository.commit({ 'a.txt': 'one' });
    rig.platform.onBuild = (build) => build.goLive();
    assert.equal((await repository.push()).code, 0);
    await repository.commit({ 'a.txt': 'two' });
    rig.platform.onBuild = async (build) => { await build.log([], { end: true }); build.set({ status: 'SUCCEEDED' }); };
    assert.equal((await repository.push('-o', 'detach', 'main')).code, 0);
    await rig.kill();
    await writeFile(join(bare, 'refs/slipway/builds/11111111-1111-4111-8111-111111111111'), `${first}\n`);
    rig.platform.builds[1]?.release({ status: 'FAILED', failure: { reason: 'CRASH_LOOP', message: 'It exits.', hint: null, lines: [] } });
    await rig.start();
    await until(async () => await tip() === first, { within: 60_000, what: () => 'the branch has come back' });
    await until(async () => (await readdir(join(bare, 'refs/slipway/builds')).catch(() => [])).length === 0, { within: 60_000, what: () => 'no commit is kept any more' });
  });

  it('sweeps what the killed one left: quarantines and locks that would refuse every move', async (t) => {
    const rig = await startGitRig(t);
    const { repository, tip, bare } = await rig.createApp();
    const commit = await repository.commit({ 'a.txt': 'one' });
    assert.equal((await repository.push('main:feature')).code, 0);
    await rig.kill();
    await mkdir(join(bare, 'objects/tmp_objdir-incoming-abc/pack'), { recursive: true });
    await writeFile(join(bare, 'refs/heads/main.lock'), '');
    await rig.start();
    rig.platform.onBuild = (build) => build.goLive();
    const push = await repository.push();
    assert.equal(push.code, 0, push.output);
    assert.equal(await tip(), commit);
    assert.deepEqual((await readdir(join(bare, 'objects'))).filter((name) => name.startsWith('tmp_')), []);
  });

  it('takes pushes to a repository of a backup that has not kept modes', async (t) => {
    const rig = await startGitRig(t);
    const { repository, tip, bare } = await rig.createApp();
    rig.platform.onBuild = (build) => build.goLive();
    await repository.commit({ 'a.txt': 'one' });
    assert.equal((await repository.push()).code, 0);
    await rig.kill();
    for (const hook of await readdir(join(bare, 'hooks'))) await chmod(join(bare, 'hooks', hook), 0o644);
    await rig.start();
    const commit = await repository.commit({ 'a.txt': 'two' });
    const again = await repository.push();
    assert.equal(again.code, 0, again.output);
    assert.equal(await tip(), commit);
  });

  it('stopped, tells its pushers that the deploy goes on, and ends', async (t) => {
    const rig = await startGitRig(t);
    const { repository, tip } = await rig.createApp();
    const commit = await repository.commit({ 'a.txt': 'one' });
    const push = repository.startPush();
    const build = await rig.platform.build(1);
    await until(() => push.output().includes('Build'), { within: 60_000, what: () => push.output() });
    await rig.kill('SIGTERM');
    const { code, output } = await push.ended;
    assert.equal(code, 1, output);
    assert.match(output, /The git server is being restarted\. A build that has begun goes on; push again/);
    await build.goLive();
    await rig.start();
    await until(async () => await tip() === commit, { within: 60_000, what: () => 'the branch has moved' });
  });

  it('finds a build whose request it did not live to hear the answer of', async (t) => {
    const rig = await startGitRig(t);
    rig.killAt('git.build-requested');
    const { repository, tip } = await rig.createApp();
    const commit = await repository.commit({ 'a.txt': 'one' });
    assert.notEqual((await repository.push()).code, 0);
    // The push comes before the server has looked itself.
    let asked = 0;
    let look: () => void = () => undefined;
    const looked = new Promise<void>((resolve) => { look = resolve; });
    rig.platform.onAsk = async (subject) => { if (subject === pushUnfinished.subject && ++asked === 1) await looked; };
    await rig.start();
    await until(() => asked === 1, { within: 60_000, what: () => 'the server looks' });
    const again = repository.startPush();
    await until(() => again.output().includes('still') || again.output().includes('being deployed already'), { within: 60_000, what: () => again.output() });
    await (await rig.platform.build(1)).goLive();
    assert.equal((await again.ended).code, 0, again.output());
    look();
    assert.equal(rig.platform.builds.length, 1);
    assert.equal(await tip(), commit);
  });
});

describe('a push while NATS is away', () => {
  it('is refused within seconds, and works when it is back', async (t) => {
    const rig = await startGitRig(t);
    const { repository, tip } = await rig.createApp();
    const commit = await repository.commit({ 'a.txt': 'one' });
    await rig.nats.stop();
    const refused = await repository.push();
    assert.notEqual(refused.code, 0);
    assert.match(refused.output, /The platform is not ready.*try again/);
    await rig.nats.restart();
    rig.platform.onBuild = (build) => build.goLive();
    await until(async () => (await repository.push()).code === 0, { within: 60_000, what: () => 'pushes are taken again' });
    assert.equal(await tip(), commit);
  });

  it('goes on when NATS is killed in the middle of its build: no line is lost or comes twice', async (t) => {
    const rig = await startGitRig(t);
    const { repository, tip } = await rig.createApp();
    const commit = await repository.commit({ 'a.txt': 'one' });
    const push = repository.startPush();
    const build = await rig.platform.build(1);
    build.set({ status: 'RUNNING' });
    await build.log(['line 1']);
    await until(() => push.output().includes('line 1'), { within: 60_000, what: () => push.output() });
    await rig.nats.restart();
    await until(async () => build.log(['line 2']).then(() => true), { within: 60_000, what: () => 'the log goes on' });
    await build.goLive(['line 3']);
    const { code, output } = await push.ended;
    assert.equal(code, 0, output);
    assert.deepEqual(output.match(/line \d/g), ['line 1', 'line 2', 'line 3']);
    assert.equal(await tip(), commit);
  });
});
