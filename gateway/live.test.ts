import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, it } from 'node:test';
import type { Client } from 'graphql-ws';
import { startGateway } from '../test/kit/gateway.ts';
import type { TestGateway, TestUser } from '../test/kit/gateway.ts';
import { queueBuild as playQueuedBuild } from '../test/kit/played-deploy.ts';
import { until } from '../test/kit/wait.ts';
import { createApp, deleteApp } from '../platform/app/app.ts';
import { cancelBuild } from '../platform/build/build.ts';
import { claimBuild } from '../platform/build/claim-build.ts';
import { finishBuild } from '../platform/build/finish-build.ts';
import { changeApp } from '../platform/app/change-app.ts';
import { setConfig } from '../platform/config/config.ts';

interface Follower<T> { events: T[]; ended: Promise<unknown>; stop(): void }

/** Collects what a subscription gives; `ended` resolves with what ended it (null: the server said complete). */
function follow<T>(client: Client, query: string, variables: Record<string, unknown>, pick: (data: Record<string, unknown>) => T): Follower<T> {
  const events: T[] = [];
  let stop = (): void => undefined;
  const ended = new Promise<unknown>((resolve) => {
    stop = client.subscribe<Record<string, unknown>>({ query, variables }, {
      next: ({ data, errors }) => { if (errors) resolve(errors[0]); else if (data) events.push(pick(data)); },
      error: resolve, complete: () => { resolve(null); },
    });
  });
  return { events, ended, stop: () => { stop(); } };
}

const START = Buffer.from('event:0').toString('base64url');
const DEPLOY = 'subscription ($deploy: ID!, $after: Cursor) { deployEvents(deploy: $deploy, after: $after) { __typename ... on EventDetails { cursor } } }';
type DeployEvent = { __typename: string; cursor: string };

describe('live answers', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let gateway: TestGateway;
  let owner: TestUser;
  before(async () => {
    gateway = await startGateway({ after: (fn) => { cleanups.push(fn); } });
    owner = await gateway.createUser();
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  let count = 0;
  const newApp = (user = owner) => createApp(gateway.platform, user.actor, { name: `live-${++count}` });
  const queueBuild = (appId: string): Promise<string> => playQueuedBuild(gateway, owner, appId);
  const succeed = async (buildId: string): Promise<void> => {
    await claimBuild(gateway.platform, buildId, 'builder');
    await finishBuild(gateway.platform, buildId, 'builder', { status: 'SUCCEEDED', slug: { digest: 'b'.repeat(64), size: 1, stack: 'host', buildpacks: [], processTypes: [{ type: 'web', command: 'x' }], image: null }, cacheDigest: null });
  };
  /** Writes a release's verdict as the controller does. */
  const goLive = async (buildId: string): Promise<void> => {
    const release = await gateway.platform.db.release.findUniqueOrThrow({ where: { buildId } });
    await changeApp(gateway.platform, release.appId, { bump: false }, async ({ tx, event }) => {
      await tx.release.update({ where: { id: release.id }, data: { status: 'LIVE' } });
      event('ReleaseLive', { releaseId: release.id, version: release.version }, buildId);
    });
  };
  const followDeploy = (deploy: string, after?: string): Follower<DeployEvent> => follow(gateway.socket(owner), DEPLOY, { deploy, after }, (data) => data.deployEvents as DeployEvent);

  it('tell a deploy from its cause to its one verdict, live, later, and from any cursor on', async () => {
    const app = await newApp();
    const buildId = await queueBuild(app.id);
    const early = followDeploy(buildId);
    await until(() => early.events.length === 1, { within: 60_000, what: () => 'the first event is there' });
    await succeed(buildId);
    await goLive(buildId);
    assert.equal(await early.ended, null);
    const names = ['BuildQueued', 'BuildStarted', 'BuildSucceeded', 'ReleaseCreated', 'ReleaseLive'];
    assert.deepEqual(early.events.map((event) => event.__typename), names);
    const late = followDeploy(buildId);
    assert.equal(await late.ended, null);
    assert.deepEqual(late.events, early.events);
    const release = await gateway.platform.db.release.findUniqueOrThrow({ where: { buildId } });
    const byRelease = followDeploy(release.id, early.events[2]?.cursor);
    await byRelease.ended;
    assert.deepEqual(byRelease.events, early.events.slice(3));
    const over = followDeploy(buildId, early.events[4]?.cursor);
    assert.equal(await over.ended, null);
    assert.deepEqual(over.events, []);
  });

  it('tell only of the deploy that was asked for, and end with a cancelled build', async () => {
    const app = await newApp();
    const buildId = await queueBuild(app.id);
    const deploy = followDeploy(buildId);
    await until(() => deploy.events.length === 1, { within: 60_000, what: () => 'the first event is there' });
    await setConfig(gateway.platform, owner.actor, { app: app.id, set: [{ key: 'A', value: Buffer.from('1') }] });
    await cancelBuild(gateway.platform, owner.actor, buildId);
    assert.equal(await deploy.ended, null);
    assert.deepEqual(deploy.events.map((event) => event.__typename), ['BuildQueued', 'BuildCanceled']);
  });

  it('end when the app is deleted', async () => {
    const app = await newApp();
    const buildId = await queueBuild(app.id);
    await claimBuild(gateway.platform, buildId, 'builder');
    const deploy = followDeploy(buildId);
    await setConfig(gateway.platform, owner.actor, { app: app.id, set: [{ key: 'A', value: Buffer.from('1') }] });
    const release = await gateway.platform.db.release.findFirstOrThrow({ where: { appId: app.id } });
    await gateway.platform.db.replica.create({ data: { id: crypto.randomUUID(), appId: app.id, releaseId: release.id, process: 'web', index: 1 } });
    const events = follow(gateway.socket(owner), 'subscription ($app: String!, $after: Cursor) { appEvents(app: $app, after: $after) { __typename } }', { app: app.name, after: START }, (data) => data.appEvents as { __typename: string });
    const replicas = follow(gateway.socket(owner), 'subscription ($app: String!) { replicas(app: $app) { kind } }', { app: app.name }, (data) => data.replicas as { kind: string });
    // Each lives once it was served its first rows.
    await until(() => deploy.events.length === 2 && events.events.length >= 2 && replicas.events.length === 1, { within: 60_000, what: () => `all are followed: ${[deploy, events, replicas].map((one) => one.events.length).join(', ')}` });
    await deleteApp(gateway.platform, owner.actor, { app: app.name, confirm: app.name });
    assert.deepEqual([await deploy.ended, await events.ended, await replicas.ended], [null, null, null]);
    assert.equal(deploy.events.at(-1)?.__typename, 'AppDeleted');
    assert.equal(events.events.at(-1)?.__typename, 'AppDeleted');
  });

  it('tell of replicas: those there are, then each change', async () => {
    const app = await newApp();
    const buildId = await queueBuild(app.id);
    await succeed(buildId);
    const release = await gateway.platform.db.release.findUniqueOrThrow({ where: { buildId } });
    const id = crypto.randomUUID();
    const write = (data: object) => changeApp(gateway.platform, app.id, { bump: false }, async ({ tx, event }) => {
      await tx.replica.upsert({ where: { id }, create: { id, appId: app.id, releaseId: release.id, process: 'web', index: 1 }, update: data });
      event('ReplicasRestarted', { process: null, replica: null });
    });
    await write({});
    const replicas = follow(gateway.socket(owner), 'subscription ($app: String!) { replicas(app: $app) { kind replica { name status release { version } } } }', { app: app.id }, (data) => data.replicas as { kind: string; replica: object });
    await until(() => replicas.events.length === 1, { within: 60_000, what: () => 'it is there' });
    await write({ status: 'UP' });
    await until(() => replicas.events.length === 2, { within: 60_000, what: () => 'it is up' });
    await write({ status: 'EXITED' });
    await until(() => replicas.events.length === 3, { within: 60_000, what: () => 'it has ended' });
    const of = (status: string) => ({ name: 'web.1', status, release: { version: 1 } });
    assert.deepEqual(replicas.events, [{ kind: 'THERE', replica: of('STARTING') }, { kind: 'CHANGED', replica: of('UP') }, { kind: 'ENDED', replica: of('EXITED') }]);
    replicas.stop();
  });

  it('are heard even when every hint is lost: rows are looked at', async () => {
    const app = await newApp();
    const events = follow(gateway.socket(owner), 'subscription ($app: String!, $after: Cursor) { appEvents(app: $app, after: $after) { ... on EventDetails { summary } } }', { app: app.id, after: START }, (data) => data.appEvents as { summary: string });
    await until(() => events.events.length === 1, { within: 60_000, what: () => 'it is followed' });
    await gateway.nats.restart();
    const { db } = gateway.platform;
    await db.event.create({ data: { appId: app.id, number: 100, type: 'ConfigChanged', data: { set: ['QUIET'], unset: [] } } });
    await until(() => events.events.some(({ summary }) => summary.includes('QUIET')), { within: 60_000, what: () => 'the row was seen' });
    events.stop();
  });

  it('tell nothing of what is not yours, or not there', async () => {
    const app = await newApp();
    const buildId = await queueBuild(app.id);
    const stranger = await gateway.createUser();
    for (const [query, variables] of [[DEPLOY, { deploy: buildId }], [DEPLOY, { deploy: 'nonsense' }], ['subscription ($app: String!) { appEvents(app: $app) { __typename } }', { app: app.name }], ['subscription ($app: String!) { replicas(app: $app) { kind } }', { app: app.id }]] as const) {
      const seen = follow(gateway.socket(stranger), query, variables, (data) => data);
      const error = await seen.ended as { message: string; extensions: { code: string } };
      assert.equal(error.extensions.code, 'NOT_FOUND', JSON.stringify(error));
      assert.deepEqual(seen.events, []);
    }
  });

  it('end within seconds when their key is revoked, over WebSocket and SSE', async () => {
    const user = await gateway.createUser();
    const app = await newApp(user);
    const query = `subscription { appEvents(app: "${app.name}", after: "${START}") { __typename } }`;
    const socket = follow(gateway.socket(user), query, {}, (data) => data);
    let sse = '';
    const sseEnded = new Promise((resolve, reject) => {
      const sent = request({ socketPath: gateway.socketPath, path: '/graphql', method: 'POST', headers: { accept: 'text/event-stream', 'content-type': 'application/json', authorization: `Bearer ${user.secret}` } }, (response) => {
        response.on('data', (chunk: Buffer) => { sse += chunk.toString(); }).on('end', resolve).on('error', reject);
      });
      sent.on('error', reject).end(JSON.stringify({ query }));
    });
    await until(() => socket.events.length === 1 && sse.includes('AppCreated'), { within: 60_000, what: () => `both are served; SSE gave ${sse}` });
    await gateway.query(user, `mutation { revokeApiKey(input: { apiKey: "${user.actor.apiKeyId}" }) { __typename } }`);
    const close = await socket.ended as { code: number; reason: string };
    assert.equal(close.code, 4401, JSON.stringify(close));
    await sseEnded;
  });

  it('of a WebSocket need a key, and pages of other sites are refused', async () => {
    for (const user of [null, { ...owner, secret: 'slip_wrong' }]) {
      const seen = follow(gateway.socket(user), '{ viewer { email } }', {}, (data) => data);
      assert.equal((await seen.ended as { code: number }).code, 4403);
    }
    for (const origin of ['http://evil.example', 'http://app-1.localhost:4000', 'null']) {
      const seen = follow(gateway.socket(owner, { headers: { origin } }), '{ viewer { email } }', {}, (data) => data);
      assert.match(String((await seen.ended as { message?: string }).message), /403/, origin);
    }
    const own = follow(gateway.socket(owner, { headers: { origin: 'http://localhost:4000' } }), '{ viewer { email } }', {}, (data) => data);
    assert.equal(await own.ended, null);
    assert.deepEqual(own.events, [{ viewer: { email: owner.actor.email } }]);
  });

  it('of a WebSocket refuse what is wrong as errors, and go on', async () => {
    const client = gateway.socket(owner);
    const refusals: [string, RegExp][] = [['{ nonsense }', /Cannot query field/], ['{ {', /Syntax Error/], [`{ ${'viewer { email } '.repeat(5)} ${'a: viewer { email } '.repeat(60).replace(/a:/g, () => `a${++count}:`)} }`, /aliases/]];
    for (const [query, message] of refusals) {
      const error = await follow(client, query, {}, (data) => data).ended;
      assert.match(JSON.stringify(error), message);
    }
    const good = follow(client, '{ viewer { email } }', {}, (data) => data);
    assert.equal(await good.ended, null);
    assert.equal(good.events.length, 1);
  });
});

describe('a gateway that stops', () => {
  it('ends its live answers in order, and leaves nothing open', async (t) => {
    const gateway = await startGateway({ after: (fn) => { t.after(fn); } });
    const user = await gateway.createUser();
    const app = await createApp(gateway.platform, user.actor, { name: 'stopping' });
    const seen = follow(gateway.socket(user), `subscription { appEvents(app: "${app.id}", after: "${START}") { __typename } }`, {}, (data) => data);
    await until(() => seen.events.length === 1, { within: 60_000, what: () => 'it is served' });
    await gateway.close();
    const end = await seen.ended as { code?: number } | null;
    assert.ok(end === null || end.code === 1001, JSON.stringify(end));
    await assert.rejects(gateway.http('/healthz'));
  });
});
