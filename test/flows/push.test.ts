import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createApp } from '../kit/app.ts';
import type { TestApp } from '../kit/app.ts';
import { CancelBuild, SetConfig } from '../kit/documents.ts';
import { makeRepository, nodeForApps } from '../kit/repository.ts';
import type { PushResult } from '../kit/repository.ts';
import { sampleApp } from '../kit/sample-app.ts';
import { startSlipway } from '../kit/slipway.ts';
import type { Slipway } from '../kit/slipway.ts';
import { until } from '../kit/wait.ts';

/** A buildpack that builds until told otherwise, by a file of the source: `seconds`. */
const slowPack = {
  '.buildpacks': './pack\n',
  'pack/bin/detect': '#!/bin/sh\necho slow\n',
  'pack/bin/compile': '#!/bin/sh\necho "compiling for $(cat "$1/seconds") s"\nsleep "$(cat "$1/seconds")"\necho "compiled"\n',
};

describe('git push', () => {
  const cleanups: (() => Promise<void>)[] = [];
  const scope = { after: (fn: () => Promise<void>) => { cleanups.push(fn); } };
  let slipway: Slipway;
  let node: string;
  before(async () => { slipway = await startSlipway(scope); node = await nodeForApps(scope); });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const tip = async (app: TestApp): Promise<string> => (await app.repository.git('ls-remote', 'slipway', 'refs/heads/main')).split('\t')[0] ?? '';
  /** Where the next build is done before the release is complete, that takes its place. */
  const isReleased = ({ code, output }: PushResult): boolean => code === 0 || /v1 was superseded by a newer release before it was live/.test(output);
  const building = (app: TestApp): Promise<unknown> => app.untilState('a build runs', (state) => state.builds.nodes[0]?.status === 'RUNNING' && state.builds.nodes[0].steps.some((step) => step.kind === 'COMPILE'));

  it('refuses a wrong key with a reason', async (t) => {
    const app = await createApp(t, slipway);
    const stranger = await makeRepository(t, slipway, app.name, 'slip_wrong');
    await stranger.commit(sampleApp('one', node));
    const push = await stranger.push();
    assert.notEqual(push.code, 0);
    assert.match(push.output, /API key/i);
  });

  it('goes on when the pusher leaves, and the same push again tells how it ended', async (t) => {
    const app = await createApp(t, slipway);
    const commit = await app.repository.commit(sampleApp('one', node, { ...slowPack, seconds: '3' }));
    const push = app.repository.startPush();
    await building(app);
    await push.leave();
    await app.untilState('v1 is live', (state) => state.currentRelease?.status === 'LIVE');
    await until(async () => (await tip(app)) === commit, { within: 60_000, what: () => 'the branch has moved' });
    assert.equal(await app.read(), 'version one ');
    const again = await app.repository.push();
    assert.equal(again.code, 0, again.output);
  });

  it('returns after the build with -o detach, and builds without the cache with -o clean', async (t) => {
    const app = await createApp(t, slipway);
    const counting = '#!/bin/sh\necho "the cache holds $(cat "$2/held" 2>/dev/null || echo nothing)"\necho something > "$2/held"\n';
    await app.repository.commit(sampleApp('one', node, { '.buildpacks': './pack\n', 'pack/bin/detect': '#!/bin/sh\necho counting\n', 'pack/bin/compile': counting }));
    const detached = await app.repository.push('-o', 'detach', 'main');
    assert.equal(detached.code, 0, detached.output);
    await app.untilState('v1 is live', (state) => state.currentRelease?.status === 'LIVE');
    await app.repository.commit({ 'version.txt': 'cached\n' });
    assert.match((await app.repository.push()).output, /the cache holds something/);
    await app.repository.commit({ 'version.txt': 'two\n' });
    const clean = await app.repository.push('-o', 'clean', 'main');
    assert.equal(clean.code, 0, clean.output);
    assert.match(clean.output, /the cache holds nothing/);
    assert.equal(await app.read(), 'version two ');
  });

  it('stores other branches without a deploy, and refuses to delete main', async (t) => {
    const app = await createApp(t, slipway);
    await app.repository.commit(sampleApp('one', node));
    const feature = await app.repository.push('main:feature');
    assert.equal(feature.code, 0, feature.output);
    assert.equal((await app.state()).builds.nodes.length, 0);
    assert.equal((await app.repository.push()).code, 0);
    const deletion = await app.repository.push(':main');
    assert.notEqual(deletion.code, 0);
    assert.notEqual(await tip(app), '');
  });

  it('deploys a forced push', async (t) => {
    const app = await createApp(t, slipway);
    await app.repository.commit(sampleApp('one', node));
    assert.equal((await app.repository.push()).code, 0);
    await app.repository.git('commit', '-q', '--amend', '-m', 'Another history');
    await app.repository.commit({ 'version.txt': 'forced\n' });
    const plain = await app.repository.push();
    assert.notEqual(plain.code, 0);
    const forced = await app.repository.push('--force', 'main');
    assert.equal(forced.code, 0, forced.output);
    assert.equal(await app.read(), 'version forced ');
  });

  it('never builds two pushes of an app at once: the later waits, and its commit serves in the end', async (t) => {
    const app = await createApp(t, slipway);
    await app.repository.commit(sampleApp('one', node, { ...slowPack, seconds: '2' }));
    const first = app.repository.startPush();
    await building(app);
    const commit = await app.repository.commit({ 'version.txt': 'two\n', seconds: '0' });
    const second = await app.repository.push();
    assert.ok(isReleased(await first.ended), first.output());
    assert.equal(second.code, 0, second.output);
    assert.equal(await app.read(), 'version two ');
    assert.equal(await tip(app), commit);
    assert.deepEqual((await app.state()).builds.nodes.map((build) => build.status), ['SUCCEEDED', 'SUCCEEDED']);
  });

  it('refuses a second push that does not contain the one being built', async (t) => {
    const app = await createApp(t, slipway);
    await app.repository.commit(sampleApp('one', node, { ...slowPack, seconds: '3' }));
    const first = app.repository.startPush();
    await building(app);
    const other = await makeRepository(t, slipway, app.name);
    await other.commit(sampleApp('other', node));
    const second = await other.push();
    assert.notEqual(second.code, 0, second.output);
    assert.equal((await first.ended).code, 0, first.output());
    assert.equal(await app.read(), 'version one ');
  });

  it('supersedes a queued build by a newer push, and says so', async (t) => {
    const app = await createApp(t, slipway);
    await app.repository.commit(sampleApp('one', node, { ...slowPack, seconds: '20' }));
    const first = app.repository.startPush();
    await building(app);
    await app.repository.commit({ 'version.txt': 'two\n', seconds: '0' });
    const second = app.repository.startPush();
    await app.untilState('the second is queued', (state) => state.builds.nodes.length === 2);
    await app.repository.commit({ 'version.txt': 'three\n' });
    const third = await app.repository.push();
    assert.ok(isReleased(await first.ended), first.output());
    const superseded = await second.ended;
    assert.notEqual(superseded.code, 0);
    assert.match(superseded.output, /superseded/);
    assert.equal(third.code, 0, third.output);
    assert.equal(await app.read(), 'version three ');
  });

  it('ends with the cancellation of its build; nothing is released and the branch stays', async (t) => {
    const app = await createApp(t, slipway);
    await app.repository.commit(sampleApp('one', node, { ...slowPack, seconds: '300' }));
    const push = app.repository.startPush();
    await building(app);
    const build = (await app.state()).builds.nodes[0];
    assert.ok(build);
    await slipway.query(CancelBuild, { build: build.id });
    const result = await push.ended;
    assert.notEqual(result.code, 0, result.output);
    assert.match(result.output, /cancel/i);
    assert.equal((await app.state()).builds.nodes[0]?.status, 'CANCELED');
    assert.equal(await tip(app), '');
  });

  it('leaves the branch where it was when the release fails, so that the same push can be made again', async (t) => {
    const app = await createApp(t, slipway);
    await app.repository.commit(sampleApp('one', node, { Procfile: `web: ${node} server.js\nrelease: exit $FAIL\n` }));
    await slipway.query(SetConfig, { app: app.name, set: [{ key: 'FAIL', value: '3' }] });
    const failed = await app.repository.push();
    assert.equal(failed.code, 1, failed.output);
    assert.match(failed.output, /RELEASE_COMMAND_FAILED/);
    assert.equal(await tip(app), '');
    await slipway.query(SetConfig, { app: app.name, set: [{ key: 'FAIL', value: '0' }] });
    const again = await app.repository.push();
    assert.equal(again.code, 0, again.output);
    assert.notEqual(await tip(app), '');
  });

  it('follows the release that a config change makes of its slug meanwhile', async (t) => {
    const app = await createApp(t, slipway);
    const commit = await app.repository.commit(sampleApp('one', node, { Procfile: `web: ${node} server.js\nrelease: [ "$MODE" = blue ] || sleep 60\n` }));
    const push = app.repository.startPush();
    await until(() => push.output().includes('Releasing v1'), { within: 60_000, what: () => push.output() });
    await slipway.query(SetConfig, { app: app.name, set: [{ key: 'MODE', value: 'blue' }] });
    const { code, output } = await push.ended;
    assert.equal(code, 0, output);
    assert.match(output, /Launched: v2 is live/);
    assert.equal(await tip(app), commit);
    assert.equal(await app.read(), 'version one blue');
  });

  it('is never silent for long', async (t) => {
    const app = await createApp(t, slipway);
    await app.repository.commit(sampleApp('one', node, { ...slowPack, seconds: '20' }));
    const { code, output } = await app.repository.push();
    assert.equal(code, 0, output);
    // Twenty seconds in which the build itself says nothing.
    const [silence = ''] = /compiling for 20 s[^]*compiled/.exec(output) ?? [];
    assert.ok([...silence.matchAll(/… still building \(\d+ s\)/g)].length >= 2, output);
  });
});
