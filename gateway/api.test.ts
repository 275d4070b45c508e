import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startGateway } from '../test/kit/gateway.ts';
import type { TestGateway, TestUser } from '../test/kit/gateway.ts';
import { playDeploy } from '../test/kit/played-deploy.ts';

interface Result { __typename: string; code?: string; message?: string; path?: string[]; hint?: string | null; current?: number }

const CREATE = `mutation ($input: CreateAppInput!) { createApp(input: $input) { __typename ... on CreateAppPayload { app { id name version url gitUrl } } ... on UserError { code message path hint } } }`;
const SET = `mutation ($input: SetConfigInput!) { setConfig(input: $input) { __typename
  ... on SetConfigPayload { release { id version status reason description canRollBackTo } config { entries { key value valueBase64 sealed digest setBy { email } } } }
  ... on UserError { code message path hint } ... on VersionConflict { current } } }`;

describe('the API', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let gateway: TestGateway;
  let owner: TestUser;
  let stranger: TestUser;
  before(async () => {
    gateway = await startGateway({ after: (fn) => { cleanups.push(fn); } });
    [owner, stranger] = await Promise.all([gateway.createUser(), gateway.createUser()]);
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  let count = 0;
  const createApp = async (user = owner): Promise<{ id: string; name: string; version: number }> => {
    const { data } = await gateway.query<{ createApp: { app: { id: string; name: string; version: number } } }>(user, CREATE, { input: { name: `app-${++count}` } });
    return data.createApp.app;
  };
  const setConfig = async (input: object, user = owner) => (await gateway.query<{ setConfig: Result & { release: { id: string; version: number; status: string }; config: { entries: Record<string, unknown>[] } } }>(user, SET, { input })).data.setConfig;

  const deploy = (app: { id: string }) => playDeploy(gateway, owner, app.id);

  it('tells who you are, and null without a key', async () => {
    assert.deepEqual((await gateway.query(owner, '{ viewer { email } }')).data, { viewer: { email: owner.actor.email } });
    assert.deepEqual((await gateway.query(null, '{ viewer { email } }')).data, { viewer: null });
  });

  it('refuses a wrong key, and what needs one, with 401 and what to do', async () => {
    const wrong = await gateway.query({ ...owner, secret: 'slip_wrong' }, '{ viewer { email } }');
    assert.equal(wrong.status, 401);
    assert.equal(wrong.errors?.[0]?.extensions.code, 'UNAUTHENTICATED');
    const none = await gateway.query(null, '{ apps { totalCount } }');
    assert.equal(none.status, 401);
    assert.match(none.errors?.[0]?.message ?? '', /Authorization: Bearer/);
  });

  it('takes the key as password of basic authentication', async () => {
    const authorization = `Basic ${Buffer.from(`anyone:${owner.secret}`).toString('base64')}`;
    const answer = await gateway.http('/graphql', { method: 'POST', headers: { authorization, 'content-type': 'application/json' }, body: '{"query":"{viewer{email}}"}' });
    assert.match(answer.text, new RegExp(owner.actor.email));
  });

  it('makes an app, and answers its mistakes as typed errors', async () => {
    const app = await createApp();
    assert.equal((app as { url?: string }).url, `http://${app.name}.localhost:4000`);
    const taken = (await gateway.query<{ createApp: Result }>(stranger, CREATE, { input: { name: app.name } })).data.createApp;
    assert.equal(taken.__typename, 'NameTaken');
    assert.deepEqual(taken.path, ['input', 'name']);
    const bad = (await gateway.query<{ createApp: Result }>(owner, CREATE, { input: { name: 'Not A Name' } })).data.createApp;
    assert.equal(bad.__typename, 'InvalidInput');
    assert.equal(bad.code, 'INVALID_INPUT');
    const reader = await gateway.createUser(['READ']);
    const forbidden = (await gateway.query<{ createApp: Result }>(reader, CREATE, { input: { name: 'other' } })).data.createApp;
    assert.equal(forbidden.__typename, 'Forbidden');
    assert.ok(forbidden.hint);
  });

  it('makes one app however often a request with an idempotency key comes', async () => {
    const input = { name: `app-${++count}`, idempotencyKey: 'once' };
    const answers = await Promise.all([1, 2, 3].map(() => gateway.query<{ createApp: { __typename: string; app: { id: string } } }>(owner, CREATE, { input })));
    assert.equal(new Set(answers.map(({ data }) => data.createApp.app.id)).size, 1);
    const other = (await gateway.query<{ createApp: Result }>(owner, CREATE, { input: { ...input, name: 'another' } })).data.createApp;
    assert.equal(other.__typename, 'IdempotencyConflict');
  });

  it('keeps text of config as it is, however it is given, and never shows a sealed value', async () => {
    const app = await createApp();
    const text = '\ufeff grün\u0001 \u{1f6a2}\r\n';
    const bytes = Buffer.from(text).toString('base64');
    const result = await setConfig({ app: app.name, set: [{ key: 'TEXT', value: 'grün\n' }, { key: 'BYTES', valueBase64: bytes }, { key: 'SEALED', value: 'hidden', sealed: true }] });
    assert.equal(result.__typename, 'SetConfigPayload', JSON.stringify(result));
    const entries = Object.fromEntries(result.config.entries.map((entry) => [entry.key, entry]));
    assert.equal(entries.TEXT?.value, 'grün\n');
    assert.equal(entries.BYTES?.value, text);
    assert.equal(entries.BYTES?.valueBase64, bytes);
    assert.deepEqual([entries.SEALED?.value, entries.SEALED?.valueBase64, entries.SEALED?.sealed], [null, null, true]);
    assert.deepEqual(entries.TEXT?.setBy, { email: owner.actor.email });
  });

  it('shows config values only to a key that may read them', async () => {
    const app = await createApp();
    await setConfig({ app: app.name, set: [{ key: 'A', value: 'secret' }] });
    const { secret } = (await gateway.query<{ createApiKey: { secret: string } }>(owner, 'mutation { createApiKey(input: { name: "reader", scopes: [READ] }) { ... on CreateApiKeyPayload { secret } } }')).data.createApiKey;
    const answer = await gateway.query<{ app: { config: { entries: object[] }; can: object } }>({ ...owner, secret }, `{ app(name: "${app.name}") { config { entries { key value valueBase64 } } can { deploy readConfig delete } } }`);
    assert.deepEqual(answer.data.app, { config: { entries: [{ key: 'A', value: null, valueBase64: null }] }, can: { deploy: false, readConfig: false, delete: false } });
  });

  it('refuses a change decided on an old version, and says which one is current', async () => {
    const app = await createApp();
    const changed = await setConfig({ app: app.name, set: [{ key: 'A', value: '1' }], expectedVersion: app.version });
    assert.equal(changed.__typename, 'SetConfigPayload');
    const conflict = await setConfig({ app: app.name, set: [{ key: 'A', value: '2' }], expectedVersion: app.version });
    assert.equal(conflict.__typename, 'VersionConflict');
    assert.ok((conflict.current ?? 0) > app.version);
  });

  it('answers each mutation\'s mistakes by their types', async () => {
    const app = await createApp();
    const error = '__typename ... on UserError { code message path hint }';
    const cases: [string, string][] = [
      [`setConfig(input: { app: "${app.name}" })`, 'InvalidInput'],
      [`setConfig(input: { app: "${app.name}", set: [{ key: "A" }] })`, 'InvalidInput'],
      [`setConfig(input: { app: "${app.name}", set: [{ key: "A", valueBase64: "no base64!" }] })`, 'InvalidInput'],
      [`setConfig(input: { app: "${app.name}", unset: ["MISSING"] })`, 'InvalidInput'],
      ['setConfig(input: { app: "missing", set: [{ key: "A", value: "1" }] })', 'NotFound'],
      [`scale(input: { app: "${app.name}", processes: [{ type: "web", quantity: 2 }] })`, 'InvalidInput'],
      [`restart(input: { app: "${app.name}", replica: "nonsense" })`, 'NotFound'],
      [`rollBack(input: { app: "${app.name}" })`, 'CannotRollBack'],
      [`deleteApp(input: { app: "${app.name}", confirm: "other" })`, 'ConfirmationMismatch'],
      [`cancelBuild(input: { build: "${crypto.randomUUID()}" })`, 'NotFound'],
      ['revokeApiKey(input: { apiKey: "x" })', 'NotFound'],
      ['createApiKey(input: { name: "", scopes: [READ] })', 'InvalidInput'],
    ];
    for (const [mutation, type] of cases) {
      const { data, errors } = await gateway.query<Record<string, Result>>(owner, `mutation { answer: ${mutation} { ${error} } }`);
      assert.equal(errors, undefined, mutation);
      assert.equal(data.answer?.__typename, type, `${mutation}: ${JSON.stringify(data)}`);
      assert.ok(data.answer?.code && data.answer.message, mutation);
    }
  });

  it('shows a key\'s secret once: a repeat answers SecretAlreadyShown with the key', async () => {
    const mutation = 'mutation { createApiKey(input: { name: "ci", scopes: [DEPLOY], idempotencyKey: "ci-key" }) { __typename ... on CreateApiKeyPayload { secret apiKey { id scopes } } ... on SecretAlreadyShown { message apiKey { id } } } }';
    const first = (await gateway.query<{ createApiKey: { secret: string; apiKey: { id: string } } }>(owner, mutation)).data.createApiKey;
    assert.match(first.secret, /^slip_/);
    const again = (await gateway.query<{ createApiKey: Result & { apiKey: { id: string } } }>(owner, mutation)).data.createApiKey;
    assert.equal(again.__typename, 'SecretAlreadyShown');
    assert.equal(again.apiKey.id, first.apiKey.id);
  });

  it('refuses a revoked key at once', async () => {
    const user = await gateway.createUser();
    const revoked = await gateway.query<{ revokeApiKey: Result }>(user, `mutation { revokeApiKey(input: { apiKey: "${user.actor.apiKeyId}" }) { __typename } }`);
    assert.equal(revoked.data.revokeApiKey.__typename, 'RevokeApiKeyPayload');
    await gateway.heard();
    assert.equal((await gateway.query(user, '{ viewer { email } }')).status, 401);
  });

  it('tells all of a deploy: build, slug, release, processes, diff', async () => {
    const app = await createApp();
    await setConfig({ app: app.name, set: [{ key: 'A', value: '1' }, { key: 'B', value: '1' }] });
    const { buildId, release } = await deploy(app);
    await setConfig({ app: app.name, set: [{ key: 'A', value: '2' }, { key: 'C', value: '1' }], unset: ['B'] });
    const { data, errors } = await gateway.query<{ app: Record<string, never>; build: Record<string, unknown>; release: Record<string, unknown> }>(owner, `query ($build: ID!, $app: String!) {
      build(id: $build) { number status commit branch message requestedBy { email } failure { reason } slug { digest size stack buildpacks processTypes { type command } downloadUrl } release { version } steps { name } }
      release(app: $app, version: 3) { version reason description slug { digest } config { key digest } canRollBackTo diff(from: 2) { from codeChanged configAdded configChanged configRemoved } }
      app(name: $app) { currentRelease { id version canRollBackTo createdBy { email } } processes { type command quantity size memory replicas { name } } releases(first: 2) { totalCount nodes { version } pageInfo { hasNextPage } } }
    }`, { build: buildId, app: app.id });
    assert.equal(errors, undefined, JSON.stringify(errors));
    const slug = data.build.slug as Record<string, string>;
    assert.equal(slug.size, 3_000_000_000);
    assert.match(slug.downloadUrl ?? '', /^http:\/\/localhost:4000\/blobs\/slugs\/b{64}\?expires=\d+&signature=/);
    assert.deepEqual(data.release.diff, { from: 2, codeChanged: false, configAdded: ['C'], configChanged: ['A'], configRemoved: ['B'] });
    assert.deepEqual((data.release.config as { key: string }[]).map(({ key }) => key), ['A', 'C']);
    const own = data.app as unknown as { currentRelease: { id: string; canRollBackTo: boolean }; processes: object[]; releases: object };
    assert.equal(own.currentRelease.id, release.id);
    assert.equal(own.currentRelease.canRollBackTo, true);
    assert.deepEqual(own.processes, [
      { type: 'web', command: 'node .', quantity: 1, size: 'SMALL', memory: 512 * 1024 * 1024, replicas: [] },
      { type: 'worker', command: 'node w', quantity: 0, size: 'SMALL', memory: 512 * 1024 * 1024, replicas: [] },
    ]);
    assert.deepEqual(own.releases, { totalCount: 3, nodes: [{ version: 3 }, { version: 2 }], pageInfo: { hasNextPage: true } });
    const slugFile = await gateway.http(new URL(slug.downloadUrl ?? '').href.replace('http://localhost:4000', ''));
    assert.equal(slugFile.status, 404, 'signed, and not there');
  });

  it('shows nothing of another user\'s app by any id', async () => {
    const app = await createApp();
    await setConfig({ app: app.name, set: [{ key: 'A', value: '1' }] });
    const { buildId, release } = await deploy(app);
    const slug = await gateway.platform.db.slug.findFirstOrThrow({ where: { appId: app.id } });
    const asks = `query ($node: ID!, $name: String!, $build: ID!) { node(id: $node) { __typename id } app(name: $name) { id } build(id: $build) { id } release(app: $name, version: 1) { id } }`;
    for (const id of [app.id, buildId, release.id, slug.id, owner.actor.apiKeyId, owner.actor.userId]) {
      const variables = { node: id, name: app.name, build: buildId };
      assert.deepEqual((await gateway.query(stranger, asks, variables)).data, { node: null, app: null, build: null, release: null });
      const own = await gateway.query<{ node: { __typename: string; id: string } }>(owner, asks, variables);
      assert.equal(own.data.node?.id, id, JSON.stringify(own.errors));
    }
    assert.equal((await setConfig({ app: app.name, set: [{ key: 'A', value: 'x' }] }, stranger)).__typename, 'NotFound');
    assert.equal((await setConfig({ app: app.id, set: [{ key: 'A', value: 'x' }] }, stranger)).__typename, 'NotFound');
    const cancel = await gateway.query<{ cancelBuild: Result }>(stranger, `mutation { cancelBuild(input: { build: "${buildId}" }) { __typename } }`);
    assert.equal(cancel.data.cancelBuild.__typename, 'NotFound');
    assert.equal((await gateway.query<{ apps: { nodes: object[] } }>(stranger, '{ apps { nodes { id } } }')).data.apps.nodes.length, 0);
    for (const id of ['nonsense', `${app.id}'`, '']) assert.deepEqual((await gateway.query(owner, asks, { node: id, name: id, build: id })).data, { node: null, app: null, build: null, release: null });
  });

  it('limits a key of one app to that app', async () => {
    const [mine, other] = [await createApp(), await createApp()];
    const { secret } = (await gateway.query<{ createApiKey: { secret: string } }>(owner, `mutation { createApiKey(input: { name: "one", scopes: [ADMIN], app: "${mine.name}" }) { ... on CreateApiKeyPayload { secret } ... on UserError { message } } }`)).data.createApiKey;
    const limited = { ...owner, secret };
    const foreign = await gateway.query<{ a: null; b: null }>(limited, `{ a: node(id: "${owner.actor.apiKeyId}") { id } b: node(id: "${other.id}") { id } }`);
    assert.deepEqual(foreign.data, { a: null, b: null }, 'neither another key nor another app, by no id');
    const answer = await gateway.query<{ apps: { totalCount: number }; app: null; viewer: { apiKeys: { nodes: { name: string }[] } } }>(limited, `{ apps { totalCount } app(name: "${other.name}") { id } viewer { apiKeys { nodes { name } } } }`);
    assert.deepEqual(answer.data, { apps: { totalCount: 1 }, app: null, viewer: { apiKeys: { nodes: [{ name: 'one' }] } } });
    assert.equal((await gateway.query<{ createApp: Result }>(limited, CREATE, { input: { name: 'more' } })).data.createApp.__typename, 'Forbidden');
  });

  it('pages through events both ways, by cursors that go on', async () => {
    const app = await createApp();
    for (let value = 1; value <= 6; value++) await setConfig({ app: app.name, set: [{ key: 'A', value: String(value) }] });
    const page = async (args: string) => (await gateway.query<{ app: { events: { nodes: { __typename: string; summary: string; actor: { email: string } }[]; edges: { cursor: string }[]; pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; endCursor: string } } } }>(owner,
      `{ app(name: "${app.name}") { events${args} { nodes { __typename ... on EventDetails { cursor summary actor { email } } } edges { cursor } pageInfo { hasNextPage hasPreviousPage endCursor } } } }`)).data.app.events;
    const all = await page('(first: 100)');
    assert.equal(all.nodes[0]?.__typename, 'AppCreated');
    assert.equal(all.nodes[0]?.actor.email, owner.actor.email);
    const first = await page('(first: 4)');
    assert.equal(first.pageInfo.hasNextPage, true);
    const rest = await page(`(first: 100, after: "${first.pageInfo.endCursor}")`);
    assert.deepEqual([...first.edges, ...rest.edges], all.edges);
    const last = await page('(last: 3)');
    assert.deepEqual(last.edges, all.edges.slice(-3));
    assert.equal(last.pageInfo.hasPreviousPage, true);
    assert.deepEqual((await page('')).edges, all.edges.slice(-20));
  });

  it('forgets a deleted app', async () => {
    const app = await createApp();
    const { data } = await gateway.query<{ deleteApp: Result }>(owner, `mutation { deleteApp(input: { app: "${app.name}", confirm: "${app.name}" }) { __typename ... on DeleteAppPayload { app { id name } } } }`);
    assert.deepEqual(data.deleteApp, { __typename: 'DeleteAppPayload', app: { id: app.id, name: app.name } });
    assert.deepEqual((await gateway.query(owner, `{ app(name: "${app.name}") { id } node(id: "${app.id}") { id } }`)).data, { app: null, node: null });
    assert.equal((await gateway.query<{ createApp: Result }>(owner, CREATE, { input: { name: app.name } })).data.createApp.__typename, 'CreateAppPayload');
  });
});
