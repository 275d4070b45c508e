import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createApp } from '../kit/app.ts';
import type { TestApp } from '../kit/app.ts';
import { DeployEvents, Restart, RollBack, Scale, SetConfig } from '../kit/documents.ts';
import { nodeForApps } from '../kit/repository.ts';
import { sampleApp } from '../kit/sample-app.ts';
import { startSlipway } from '../kit/slipway.ts';
import type { Slipway } from '../kit/slipway.ts';
import { startTraffic } from '../kit/traffic.ts';
import { until } from '../kit/wait.ts';

describe('from git push to a running release', () => {
  const cleanups: (() => Promise<void>)[] = [];
  const scope = { after: (fn: () => Promise<void>) => { cleanups.push(fn); } };
  let slipway: Slipway;
  let node: string;
  before(async () => {
    slipway = await startSlipway(scope, { SLIPWAY_BOOT_SECONDS: '20' });
    node = await nodeForApps(scope);
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const deployed = async (t: { after(fn: () => Promise<void>): void }, version = 'one', more: Record<string, string> = {}): Promise<TestApp> => {
    const app = await createApp(t, slipway);
    await app.repository.commit(sampleApp(version, node, more));
    const push = await app.repository.push();
    assert.equal(push.code, 0, push.output);
    return app;
  };
  const push = async (app: TestApp, files: Record<string, string | null>): Promise<{ code: number; output: string }> => {
    await app.repository.commit(files);
    return app.repository.push();
  };

  it('builds the pushed commit, shows the build to the pusher, and serves it at once', async (t) => {
    const app = await createApp(t, slipway);
    const commit = await app.repository.commit(sampleApp('one', node));
    const result = await app.repository.push();
    assert.equal(result.code, 0, result.output);
    assert.match(result.output, /remote: -----> /);
    assert.match(result.output, /v1/);
    assert.equal(await app.read(), 'version one ');
    const state = await app.state();
    assert.equal(state.builds.nodes[0]?.commit, commit);
    assert.equal(state.builds.nodes[0]?.status, 'SUCCEEDED');
    assert.deepEqual(state.releases.nodes.map((release) => [release.version, release.reason, release.status]), [[1, 'DEPLOY', 'LIVE']]);
    assert.equal(await app.repository.git('ls-remote', 'slipway', 'refs/heads/main'), `${commit}\trefs/heads/main`);
  });

  it('fails no request while a new version takes over', async (t) => {
    const app = await deployed(t);
    const traffic = startTraffic(slipway, app.name, 8);
    try {
      const result = await push(app, { 'version.txt': 'two\n' });
      assert.equal(result.code, 0, result.output);
      await until(async () => (await app.read()) === 'version two ', { within: 60_000, what: () => 'version two serves' });
    } finally {
      await traffic.stop();
    }
    assert.deepEqual(traffic.failures, []);
    assert.ok(traffic.count > 50, `only ${traffic.count} requests`);
  });

  it('refuses a commit that does not build, and the running version stays', async (t) => {
    const app = await deployed(t);
    const result = await push(app, { Procfile: 'this is no Procfile\n' });
    assert.notEqual(result.code, 0, result.output);
    assert.match(result.output, /Procfile/);
    assert.equal(await app.read(), 'version one ');
    const state = await app.state();
    assert.equal(state.builds.nodes[0]?.status, 'FAILED');
    assert.equal(state.builds.nodes[0]?.failure?.reason, 'INVALID_PROCFILE');
    assert.equal(state.releases.nodes.length, 1);
  });

  it('undoes a version that exits at start: exit code and last lines are told, and the ledger says so', async (t) => {
    const app = await deployed(t);
    const traffic = startTraffic(slipway, app.name, 4);
    const result = await push(app, { 'version.txt': 'exits\n' });
    await traffic.stop();
    assert.notEqual(result.code, 0, result.output);
    assert.match(result.output, /database is on fire/);
    assert.deepEqual(traffic.failures, []);
    const state = await app.untilState('an automatic rollback is live', (now) => now.currentRelease?.version === 3 && now.currentRelease.status === 'LIVE');
    assert.deepEqual(state.releases.nodes.map((release) => [release.version, release.reason, release.status]), [[3, 'AUTO_ROLLBACK', 'LIVE'], [2, 'DEPLOY', 'FAILED'], [1, 'DEPLOY', 'LIVE']]);
    assert.equal(state.releases.nodes[1]?.failure?.reason, 'CRASH_LOOP');
    assert.equal(state.releases.nodes[1]?.failure?.exitCode, 3);
    assert.equal(await app.read(), 'version one ');
  });

  it('undoes a version that never binds its port', async (t) => {
    const app = await deployed(t);
    const result = await push(app, { 'version.txt': 'never-binds\n' });
    assert.notEqual(result.code, 0, result.output);
    const state = await app.untilState('an automatic rollback is live', (now) => now.currentRelease?.version === 3 && now.currentRelease.status === 'LIVE');
    assert.equal(state.releases.nodes[1]?.failure?.reason, 'PORT_NOT_BOUND');
    assert.equal(await app.read(), 'version one ');
  });

  it('runs the release command before traffic moves, and its failure fails the release', async (t) => {
    const app = await deployed(t, 'one', { Procfile: `web: ${node} server.js\nrelease: echo migrating to $MODE\n` });
    const result = await push(app, { Procfile: `web: ${node} server.js\nrelease: echo cannot migrate; exit 7\n`, 'version.txt': 'two\n' });
    assert.notEqual(result.code, 0, result.output);
    assert.match(result.output, /cannot migrate/);
    const state = await app.untilState('an automatic rollback is live', (now) => now.currentRelease?.status === 'LIVE' && now.currentRelease.version === 3);
    assert.equal(state.releases.nodes[1]?.failure?.reason, 'RELEASE_COMMAND_FAILED');
    assert.equal(state.releases.nodes[1]?.failure?.exitCode, 7);
    assert.equal(await app.read(), 'version one ');
  });

  it('makes one release of several config changes, and rolls code and config back apart', async (t) => {
    const app = await deployed(t);
    const { setConfig } = await slipway.query(SetConfig, { app: app.name, set: [{ key: 'MODE', value: 'blue' }, { key: 'OTHER', value: 'a\nb "c" $d é' }] });
    assert.equal(setConfig.__typename, 'SetConfigPayload', JSON.stringify(setConfig));
    await app.untilState('v2 is live', (now) => now.currentRelease?.version === 2 && now.currentRelease.status === 'LIVE');
    assert.equal(await app.read(), 'version one blue');
    assert.equal(await app.read('/env?key=OTHER'), 'a\nb "c" $d é');
    assert.equal((await push(app, { 'version.txt': 'two\n' })).code, 0);
    assert.equal(await app.read(), 'version two blue');

    await slipway.query(RollBack, { app: app.name, to: 1, scope: 'CONFIG' });
    await app.untilState('v4 is live', (now) => now.currentRelease?.version === 4 && now.currentRelease.status === 'LIVE');
    assert.equal(await app.read(), 'version two ');
    await slipway.query(RollBack, { app: app.name, to: 2, scope: 'BOTH' });
    await app.untilState('v5 is live', (now) => now.currentRelease?.version === 5 && now.currentRelease.status === 'LIVE');
    assert.equal(await app.read(), 'version one blue');
    await slipway.query(RollBack, { app: app.name, to: 3, scope: 'CODE' });
    const state = await app.untilState('v6 is live', (now) => now.currentRelease?.version === 6 && now.currentRelease.status === 'LIVE');
    assert.equal(await app.read(), 'version two blue');
    assert.deepEqual(state.releases.nodes.map((release) => release.reason), ['ROLLBACK', 'ROLLBACK', 'ROLLBACK', 'DEPLOY', 'CONFIG', 'DEPLOY']);
  });

  it('scales to three, to zero and back', async (t) => {
    const app = await deployed(t);
    const scale = (quantity: number): Promise<unknown> => slipway.query(Scale, { app: app.name, processes: [{ type: 'web', quantity }] });
    const up = (state: Awaited<ReturnType<TestApp['state']>>): number => state.processes[0]?.replicas.filter((replica) => replica.status === 'UP').length ?? 0;
    await scale(3);
    await app.untilState('three are up', (now) => up(now) === 3);
    const instances = new Set<string>();
    await until(async () => { instances.add(await app.read('/instance')); return instances.size === 3; }, { within: 60_000, what: () => `three replicas answer; ${instances.size} did` });
    await scale(0);
    await app.untilState('none is left', (now) => now.processes[0]?.replicas.length === 0);
    const gone = await slipway.get('/', { app: app.name });
    assert.equal(gone.status, 503);
    await scale(1);
    await app.untilState('one is up', (now) => up(now) === 1);
    await until(async () => (await slipway.get('/', { app: app.name })).status === 200, { within: 60_000, what: () => 'it serves again' });
  });

  it('restarts all replicas without a failed request', async (t) => {
    const app = await deployed(t);
    const first = await app.read('/instance');
    const traffic = startTraffic(slipway, app.name, 4);
    await slipway.query(Restart, { app: app.name });
    await until(async () => (await app.read('/instance')) !== first, { within: 60_000, what: () => 'another process serves' });
    await traffic.stop();
    assert.deepEqual(traffic.failures, []);
  });

  it('starts a crashed replica again', async (t) => {
    const app = await deployed(t);
    const first = await app.read('/instance');
    await slipway.get('/exit?code=9', { app: app.name });
    await until(async () => { const answer = await slipway.get('/instance', { app: app.name }); return answer.status === 200 && answer.text !== first; }, { within: 60_000, what: () => 'it serves again' });
    const state = await app.untilState('the exit and the new start are on record', (now) => now.processes[0]?.replicas[0]?.exitCode === 9 && now.processes[0].replicas[0].restarts === 1);
    assert.equal(state.releases.nodes.length, 1);
  });

  it('tells a deploy as typed events that end with exactly one verdict', async (t) => {
    const app = await deployed(t);
    const build = (await app.state()).builds.nodes[0];
    assert.ok(build);
    const events = await slipway.subscribe(DeployEvents, { deploy: build.id }, () => false);
    const names = events.map((event) => event.deployEvents.__typename);
    assert.equal(names.at(-1), 'ReleaseLive', names.join(' '));
    assert.equal(names.filter((name) => ['ReleaseLive', 'ReleaseFailed', 'BuildFailed', 'BuildCanceled', 'BuildSuperseded'].includes(name)).length, 1);
  });
});
