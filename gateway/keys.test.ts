import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { ask } from '../bus/ask.ts';
import { pushAuthorize, pushHeld } from '../bus/push.ts';
import { startGateway } from '../test/kit/gateway.ts';
import type { TestGateway, TestUser } from '../test/kit/gateway.ts';
import { answerPush } from './answer-push.ts';

interface Result { __typename: string; message?: string; secret?: string; apiKey?: { id: string; name: string; scopes: string[]; expiresAt: string | null; replacedBy: { id: string } | null; app: { name: string } | null }; replaced?: { expiresAt: string; replacedBy: { id: string } } }

const KEY = 'id name scopes expiresAt replacedBy { id } app { name }';
const FIELDS: Record<string, string> = {
  createApiKey: `secret apiKey { ${KEY} }`, createDeployKey: `secret apiKey { ${KEY} }`, rotateApiKey: `secret apiKey { ${KEY} } replaced { expiresAt replacedBy { id } }`,
};

describe('an API key', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let gateway: TestGateway;
  let owner: TestUser;
  let git: Awaited<ReturnType<TestGateway['nats']['bus']>>;
  before(async () => {
    gateway = await startGateway({ after: (fn) => { cleanups.push(fn); } });
    owner = await gateway.createUser();
    answerPush(gateway.platform, gateway.platform.bus, (error) => { throw error; });
    git = await gateway.nats.bus('git');
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const run = async (user: TestUser, mutation: string): Promise<Result> => {
    const name = /^\w+/.exec(mutation)?.[0] ?? '';
    const payload = FIELDS[name] ? `... on ${name[0]?.toUpperCase()}${name.slice(1)}Payload { ${FIELDS[name]} }` : '';
    const { data, errors } = await gateway.query<{ answer: Result }>(user, `mutation { answer: ${mutation} { __typename ${payload} ... on UserError { message } } }`);
    assert.equal(errors, undefined, `${mutation}: ${JSON.stringify(errors)}`);
    return data.answer;
  };
  const expect = async (user: TestUser, mutation: string, typename: string, message = /./): Promise<Result> => {
    const result = await run(user, mutation);
    assert.equal(result.__typename, typename, `${mutation}: ${result.message}`);
    if (result.message !== undefined) assert.match(result.message, message);
    return result;
  };
  let count = 0;
  const newApp = async (by = owner): Promise<{ id: string; name: string }> => gateway.platform.db.app.create({ data: { name: `keys-${++count}`, ownerId: by.actor.userId } });
  const member = async (appId: string, role: 'VIEWER' | 'DEPLOYER' | 'ADMIN'): Promise<TestUser> => {
    const user = await gateway.createUser();
    await gateway.platform.db.permission.create({ data: { appId, userId: user.actor.userId, role } });
    return user;
  };
  /** Another key of the same user. */
  const keyOf = async (user: TestUser, input: string): Promise<TestUser> => ({ ...user, secret: (await expect(user, `createApiKey(input: { name: "k", ${input} })`, 'CreateApiKeyPayload')).secret ?? '' });
  const statusOf = async (secret: string): Promise<number> => (await gateway.query({ ...owner, secret }, '{ viewer { id } }')).status;
  const askGit = (secret: string, app: string, action: 'push' | 'fetch'): Promise<string> =>
    ask(git, pushAuthorize, { keyHash: createHash('sha256').update(secret).digest('hex'), app, action, address: '203.0.113.7' }).then(() => 'ok', (error: Error) => error.message);

  it('is rotated to one that may the same, and both are good until the overlap ends', async () => {
    const app = await newApp();
    const old = await expect(owner, `createApiKey(input: { name: "ci", scopes: [DEPLOY, CONFIG], app: "${app.name}" })`, 'CreateApiKeyPayload');
    const rotate = `rotateApiKey(input: { apiKey: "${old.apiKey?.id}", overlapSeconds: 3600, idempotencyKey: "rotate" })`;
    const [first, second] = await Promise.all([run(owner, rotate), run(owner, rotate)]);
    assert.deepEqual([first.__typename, second.__typename].sort(), ['RotateApiKeyPayload', 'SecretAlreadyShown']);
    const made = first.secret ? first : second;
    assert.deepEqual(made.apiKey, { ...old.apiKey, id: made.apiKey?.id });
    assert.equal(made.replaced?.replacedBy.id, made.apiKey?.id);
    assert.ok(Math.abs(Date.parse(made.replaced?.expiresAt ?? '') - Date.now() - 3_600_000) < 60_000);
    for (const secret of [old.secret, made.secret]) assert.equal(await statusOf(secret ?? ''), 200);
    await expect(owner, `rotateApiKey(input: { apiKey: "${old.apiKey?.id}" })`, 'InvalidInput', /rotated before/);
    const now = await expect(owner, `rotateApiKey(input: { apiKey: "${made.apiKey?.id}", overlapSeconds: 0 })`, 'RotateApiKeyPayload');
    assert.equal(await statusOf(now.secret ?? ''), 200);
    await gateway.heard();
    assert.equal(await statusOf(made.secret ?? ''), 401, 'without an overlap the old key ends at once');
  });

  it('is rotated once where two ask at once, and not when it has ended, by others, or for too long an overlap', async () => {
    const { apiKey } = await expect(owner, 'createApiKey(input: { name: "twice", scopes: [READ] })', 'CreateApiKeyPayload');
    const answers = await Promise.all([1, 2, 3].map(() => run(owner, `rotateApiKey(input: { apiKey: "${apiKey?.id}" })`)));
    assert.deepEqual(answers.map(({ __typename }) => __typename).sort(), ['InvalidInput', 'InvalidInput', 'RotateApiKeyPayload']);
    assert.equal(await gateway.platform.db.apiKey.count({ where: { name: 'twice' } }), 2);
    const id = answers.find(({ apiKey: key }) => key)?.apiKey?.id;
    for (const seconds of [-1, 604_801]) await expect(owner, `rotateApiKey(input: { apiKey: "${id}", overlapSeconds: ${seconds} })`, 'InvalidInput', /0 to 604800 seconds/);
    await expect(await gateway.createUser(), `rotateApiKey(input: { apiKey: "${id}" })`, 'NotFound');
    await expect(await keyOf(owner, 'scopes: [DEPLOY]'), `rotateApiKey(input: { apiKey: "${id}" })`, 'Forbidden');
    await expect(owner, `revokeApiKey(input: { apiKey: "${id}" })`, 'RevokeApiKeyPayload');
    await expect(owner, `rotateApiKey(input: { apiKey: "${id}" })`, 'InvalidInput', /has ended/);
  });

  it('of an app is rotated by nobody who may not push to it any more', async () => {
    const app = await newApp();
    const admin = await member(app.id, 'ADMIN');
    const { apiKey } = await expect(admin, `createDeployKey(input: { app: "${app.name}", name: "robot" })`, 'CreateDeployKeyPayload');
    await gateway.platform.db.permission.updateMany({ where: { appId: app.id, userId: admin.actor.userId }, data: { role: 'VIEWER' } });
    await expect(admin, `rotateApiKey(input: { apiKey: "${apiKey?.id}" })`, 'Forbidden', /push/);
    await gateway.platform.db.permission.deleteMany({ where: { appId: app.id } });
    await expect(admin, `rotateApiKey(input: { apiKey: "${apiKey?.id}" })`, 'NotFound');
  });

  it('that ends makes no key that outlives it', async () => {
    const soon = new Date(Date.now() + 3_600_000).toISOString();
    const app = await newApp();
    const ends = await keyOf(owner, `scopes: [ADMIN], expiresAt: "${soon}"`);
    for (const mutation of ['createApiKey(input: { name: "a", scopes: [READ] })', `createApiKey(input: { name: "a", scopes: [READ], expiresAt: "2100-01-01T00:00:00Z" })`, `createDeployKey(input: { app: "${app.name}", name: "d" })`, `rotateApiKey(input: { apiKey: "${owner.actor.apiKeyId}" })`]) {
      await expect(ends, mutation, 'InvalidInput', /cannot end later/);
    }
    await expect(ends, `createApiKey(input: { name: "a", scopes: [READ], expiresAt: "${soon}" })`, 'CreateApiKeyPayload');
  });

  it('says when and from where it was last used: the address that the router saw, whatever the client claims', async () => {
    const key = await expect(owner, 'createApiKey(input: { name: "used", scopes: [READ] })', 'CreateApiKeyPayload');
    await gateway.http('/graphql', { method: 'POST', body: '{"query":"{ viewer { id } }"}', headers: { 'content-type': 'application/json', authorization: `Bearer ${key.secret}`, 'x-forwarded-for': '6.6.6.6, 203.0.113.9' } });
    const { data } = await gateway.query<{ node: { lastUsedFrom: string; lastUsedAt: string } }>(owner, `{ node(id: "${key.apiKey?.id}") { ... on ApiKey { lastUsedFrom lastUsedAt } } }`);
    assert.equal(data.node.lastUsedFrom, '203.0.113.9');
    assert.ok(Date.now() - Date.parse(data.node.lastUsedAt) < 60_000);
    const app = await newApp();
    const pushed = await keyOf(owner, 'scopes: [DEPLOY]');
    assert.equal(await askGit(pushed.secret, app.name, 'push'), 'ok');
    assert.equal((await gateway.platform.db.apiKey.findUniqueOrThrow({ where: { hash: new Uint8Array(createHash('sha256').update(pushed.secret).digest()) } })).lastUsedFrom, '203.0.113.7');
  });

  it('is shown to no others, though they see what it did', async () => {
    const app = await newApp();
    const viewer = await member(app.id, 'VIEWER');
    await gateway.platform.db.apiKey.update({ where: { id: owner.actor.apiKeyId }, data: { lastUsedFrom: '203.0.113.1' } });
    await expect(owner, `setConfig(input: { app: "${app.name}", set: [{ key: "A", value: "1" }] })`, 'SetConfigPayload');
    for (const [user, apiKey] of [[owner, { name: 'test', lastUsedFrom: '203.0.113.1' }], [viewer, null]] as const) {
      const { data, errors } = await gateway.query<{ app: { events: { nodes: { apiKey: object | null }[] } } }>(user, `{ app(name: "${app.name}") { events(last: 1) { nodes { ... on EventDetails { apiKey { name lastUsedFrom } } } } } }`);
      assert.deepEqual(data.app.events.nodes, [{ apiKey }], JSON.stringify(errors));
    }
  });

  it('for one app shows that app no longer than its user sees it', async () => {
    const app = await newApp();
    const bob = await member(app.id, 'DEPLOYER');
    await expect(bob, `createApiKey(input: { name: "k", scopes: [READ], app: "${app.name}" })`, 'CreateApiKeyPayload');
    const asks = '{ viewer { apiKeys(first: 1) { nodes { isForAllApps app { name releases { totalCount } } } } } }';
    const read = async (): Promise<object> => (await gateway.query<{ viewer: { apiKeys: { nodes: object[] } } }>(bob, asks)).data.viewer.apiKeys.nodes[0] ?? {};
    assert.deepEqual(await read(), { isForAllApps: false, app: { name: app.name, releases: { totalCount: 0 } } });
    await gateway.platform.db.permission.deleteMany({ where: { appId: app.id } });
    assert.deepEqual(await read(), { isForAllApps: false, app: null });
  });

  describe('that is a deploy key', () => {
    it('pushes to its one app, and may and sees nothing else', async () => {
      const [app, other] = [await newApp(), await newApp()];
      const { secret = '', apiKey } = await expect(owner, `createDeployKey(input: { app: "${app.name}", name: "ci" })`, 'CreateDeployKeyPayload');
      assert.deepEqual([apiKey?.scopes, apiKey?.app], [['PUSH'], { name: app.name }]);
      assert.equal(await askGit(secret, app.name, 'push'), 'ok');
      assert.equal(await askGit(secret, app.id, 'push'), 'ok');
      assert.match(await askGit(secret, app.name, 'fetch'), /may not fetch from this app: it takes an API key with the scope READ or DEPLOY or CONFIG or ADMIN, and this one has PUSH/);
      assert.match(await askGit(secret, other.name, 'push'), /There is no app/);
      const deployKey = { ...owner, secret };
      const { data, errors } = await gateway.query<Record<string, unknown>>(deployKey, `{
        viewer { id email apiKeys { nodes { id name app { name } } } sshKeys { totalCount } transfers { totalCount } } apps { totalCount } app(name: "${app.name}") { id } node(id: "${app.id}") { id }
        invitations { totalCount }
      }`);
      assert.equal(errors, undefined, JSON.stringify(errors));
      assert.deepEqual(data, {
        viewer: { id: owner.actor.userId, email: owner.actor.email, apiKeys: { nodes: [{ id: apiKey?.id, name: 'ci', app: null }] }, sshKeys: { totalCount: 0 }, transfers: { totalCount: 0 } },
        apps: { totalCount: 0 }, app: null, node: null, invitations: { totalCount: 0 },
      }, 'whose it is, and itself');
      await expect(deployKey, `setConfig(input: { app: "${app.name}", set: [{ key: "A", value: "1" }] })`, 'NotFound');
      await expect(deployKey, 'createApp(input: { name: "from-deploy-key" })', 'Forbidden');
      await expect(deployKey, `rotateApiKey(input: { apiKey: "${apiKey?.id}" })`, 'Forbidden');
      await expect(deployKey, 'createApiKey(input: { name: "k", scopes: [READ] })', 'Forbidden');
      await expect(deployKey, `revokeApiKey(input: { apiKey: "${owner.actor.apiKeyId}" })`, 'Forbidden');
      await expect(deployKey, `revokeApiKey(input: { apiKey: "${apiKey?.id}" })`, 'RevokeApiKeyPayload');
      assert.match(await askGit(secret, app.name, 'push'), /revoked/);
    });

    it('is made by those who manage deploy keys, alone, with no other scope, and for an app', async () => {
      const app = await newApp();
      const make = `createDeployKey(input: { app: "${app.name}", name: "ci" })`;
      await expect(await member(app.id, 'DEPLOYER'), make, 'Forbidden', /it takes the role ADMIN/);
      await expect(await gateway.createUser(), make, 'NotFound');
      await expect(await keyOf(owner, 'scopes: [DEPLOY, CONFIG]'), make, 'Forbidden', /it takes an API key with the scope ADMIN, and this one has DEPLOY and CONFIG/);
      await expect(await keyOf(owner, `scopes: [ADMIN], app: "${app.name}"`), make, 'CreateDeployKeyPayload');
      await expect(owner, 'createApiKey(input: { name: "k", scopes: [PUSH] })', 'InvalidInput', /goes with one app/);
      await expect(owner, `createApiKey(input: { name: "k", scopes: [PUSH, READ], app: "${app.name}" })`, 'InvalidInput', /no other scope/);
      await expect(await member(app.id, 'DEPLOYER'), `createApiKey(input: { name: "k", scopes: [PUSH], app: "${app.name}" })`, 'Forbidden');
      await expect(owner, `createApiKey(input: { name: "k", scopes: [PUSH], app: "${app.name}" })`, 'CreateApiKeyPayload');
      const once = `createDeployKey(input: { app: "${app.name}", name: "ci", idempotencyKey: "deploy key" })`;
      await expect(owner, once, 'CreateDeployKeyPayload');
      await expect(owner, once, 'SecretAlreadyShown');
    });

    it('is seen and revoked by all who manage the app\'s deploy keys, and by no others', async () => {
      const app = await newApp();
      const [deployer, admin, maker] = [await member(app.id, 'DEPLOYER'), await member(app.id, 'ADMIN'), await member(app.id, 'ADMIN')];
      const { apiKey, secret = '' } = await expect(maker, `createDeployKey(input: { app: "${app.name}", name: "ci" })`, 'CreateDeployKeyPayload');
      await gateway.platform.db.apiKey.update({ where: { id: apiKey?.id ?? '' }, data: { lastUsedFrom: '203.0.113.5' } });
      const list = async (user: TestUser): Promise<unknown> => (await gateway.query<{ app: { deployKeys: unknown } }>(user, `{ app(name: "${app.name}") { deployKeys { totalCount nodes { name user { email } lastUsedFrom } } } }`)).data.app.deployKeys;
      for (const user of [owner, admin, maker]) assert.deepEqual(await list(user), { totalCount: 1, nodes: [{ name: 'ci', user: { email: maker.actor.email }, lastUsedFrom: '203.0.113.5' }] });
      assert.deepEqual(await list(deployer), { totalCount: 0, nodes: [] });
      const revoke = `revokeApiKey(input: { apiKey: "${apiKey?.id}" })`;
      await expect(deployer, revoke, 'NotFound');
      await expect(admin, `rotateApiKey(input: { apiKey: "${apiKey?.id}" })`, 'NotFound');
      await expect(admin, `revokeApiKey(input: { apiKey: "${maker.actor.apiKeyId}" })`, 'NotFound', /./);
      assert.equal(await askGit(secret, app.name, 'push'), 'ok');
      await expect(admin, revoke, 'RevokeApiKeyPayload');
      await expect(maker, revoke, 'RevokeApiKeyPayload');
      assert.match(await askGit(secret, app.name, 'push'), /revoked/);
      assert.deepEqual((await gateway.platform.db.event.findMany({ where: { appId: app.id }, orderBy: { number: 'asc' } })).map(({ type }) => type), ['DeployKeyCreated', 'DeployKeyRevoked']);
    });

    it('works no longer than its maker may push', async () => {
      const app = await newApp();
      const maker = await member(app.id, 'ADMIN');
      const { secret = '', apiKey } = await expect(maker, `createDeployKey(input: { app: "${app.name}", name: "ci" })`, 'CreateDeployKeyPayload');
      const held = (): Promise<string> => ask(git, pushHeld, { apiKeyId: apiKey?.id ?? '', appId: app.id, action: 'push' }).then(() => 'ok', (error: { code?: string }) => String(error.code));
      assert.equal(await held(), 'ok');
      await expect(owner, `changeRole(input: { app: "${app.name}", user: "${maker.actor.email}", role: VIEWER })`, 'ChangeRolePayload');
      assert.match(await askGit(secret, app.name, 'push'), /may not push to this app: it takes the role DEPLOYER or a higher one, and yours is VIEWER/);
      assert.equal(await held(), 'FORBIDDEN');
      await expect(owner, `removePermission(input: { app: "${app.name}", user: "${maker.actor.email}" })`, 'RemovePermissionPayload');
      assert.match(await askGit(secret, app.name, 'push'), /There is no app/);
      assert.equal(await held(), 'NOT_FOUND');
    });
  });
});
