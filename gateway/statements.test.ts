import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startGateway } from '../test/kit/gateway.ts';
import type { TestGateway, TestUser } from '../test/kit/gateway.ts';

const APPS = 20;
const EACH = 20;

describe('a nested list', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let gateway: TestGateway;
  let user: TestUser;
  before(async () => {
    gateway = await startGateway({ after: (fn) => { cleanups.push(fn); } }, { now: () => 0 });
    user = await gateway.createUser();
    for (let index = 0; index < APPS; index++) await fillPeople(gateway, user, await fillApp(gateway, user, `app-${index}`), `app-${index}`);
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  /** @param most how many statements may be made, the key's lookup not counted (it is remembered for good) */
  const cases: [string, number, string][] = [
    ['one app', 1, '{ app(name: "app-3") { id name url version currentRelease { version status } } }'],
    ['twenty apps with current release and processes', 1, '{ apps(first: 20) { nodes { name currentRelease { version status description } processes { type quantity size command } } } }'],
    ['twenty apps with their replicas', 1, '{ apps(first: 20) { nodes { processes { type replicas { name status release { version } } } } } }'],
    ['one app with twenty releases and builds', 1, '{ app(name: "app-3") { releases(first: 20) { nodes { version status slug { digest } build { number commit steps { name } } } } builds(first: 20) { nodes { number status slug { digest } steps { name durationMs } } } } }'],
    ['twenty builds with their release, app and pusher; keys and their apps', 3, '{ app(name: "app-3") { builds(first: 20) { nodes { requestedBy { email } failure { reason } release { version app { name } createdBy { email } } } } } viewer { apiKeys(first: 20) { totalCount nodes { name app { name } } } } }'],
    ['twenty apps with owner, people, invitations, deploy keys, offers and rights', 9, '{ apps(first: 20) { nodes { name formerNames role owner { email } permissions(first: 20) { totalCount nodes { role user { email } } } invitations(first: 20) { totalCount nodes { email appName invitedBy { email } } } deployKeys(first: 20) { totalCount nodes { name lastUsedFrom user { email } app { name } } } transfer { to { email } } can { push } } } }'],
    ['SSH keys, keys and offers of the viewer', 5, '{ viewer { sshKeys(first: 20) { totalCount nodes { name } } apiKeys(first: 20) { nodes { name lastUsedFrom replacedBy { name } app { name } user { email } } } transfers(first: 20) { nodes { app { name } from { email } } } } invitations(first: 20) { totalCount nodes { appName invitedBy { email } } } }'],
    ['everything of twenty apps', 12, `{ apps(first: 20) { totalCount nodes { name can { deploy } config { entries { key value setBy { email } } } currentRelease { version canRollBackTo createdBy { email } config { key digest } diff { codeChanged } }
      replicas { name } events(last: 5) { nodes { __typename ... on EventDetails { summary actor { email } apiKey { name } } ... on ReleaseCreated { release { version } } ... on BuildQueued { build { number } } } } processes { type replicas { name } } } } }`],
  ];
  for (const [what, most, query] of cases) {
    it(`costs one statement a level: ${what}`, async () => {
      await gateway.query(user, query);
      gateway.statements();
      const { errors, data } = await gateway.query(user, query);
      assert.equal(errors, undefined, JSON.stringify(errors));
      const statements = gateway.statements();
      assert.ok(statements.length <= most, `${statements.length} statements:\n${statements.map((sql) => sql.slice(0, 300)).join('\n')}`);
      assert.ok(JSON.stringify(data).length > 50);
    });
  }
});

/** People, keys and offers of an app. */
async function fillPeople({ platform: { db } }: TestGateway, { actor }: TestUser, appId: string, name: string): Promise<void> {
  const people = Array.from({ length: EACH }, (_, n) => ({ id: crypto.randomUUID(), email: `${name}-${n}@example.com` }));
  const expiresAt = new Date(Date.now() + 60_000);
  await db.user.createMany({ data: people });
  await db.permission.createMany({ data: people.map(({ id }) => ({ appId, userId: id, role: 'ADMIN' as const })) });
  await db.invitation.createMany({ data: people.map(({ id }) => ({ appId, email: actor.email, role: 'VIEWER' as const, hash: new Uint8Array(Buffer.from(`invitation ${id}`)), invitedById: id, expiresAt })) });
  await db.apiKey.createMany({ data: people.map(({ id }) => ({ appId, userId: id, name: 'ci', prefix: 'slip_x', hash: new Uint8Array(Buffer.from(`key ${id}`)), scopes: ['PUSH' as const] })) });
  await db.transfer.createMany({ data: people.slice(0, 1).map(({ id }) => ({ appId, fromId: actor.userId, toId: id, expiresAt })) });
  await db.sshKey.create({ data: { userId: actor.userId, name, type: 'ssh-ed25519', bits: 256, fingerprint: name, publicKey: '' } });
  await db.formerName.create({ data: { name: `former-${name}`, appId } });
}

/** Rows of an app as after twenty deploys. */
async function fillApp({ platform: { db } }: TestGateway, { actor }: TestUser, name: string): Promise<string> {
  const app = await db.app.create({ data: { name, ownerId: actor.userId, lastEvent: EACH * 2, lastRelease: EACH, lastBuild: EACH } });
  const ids = Array.from({ length: EACH }, (_, index) => ({ n: index + 1, build: crypto.randomUUID(), slug: crypto.randomUUID(), release: crypto.randomUUID(), config: crypto.randomUUID() }));
  const appId = app.id;
  await db.slug.createMany({ data: ids.map(({ n, slug }) => ({ id: slug, appId, digest: String(n).padStart(64, '0'), size: 1000, stack: 'host', buildpacks: ['node'], processTypes: [{ type: 'web', command: 'node .' }] })) });
  await db.config.createMany({ data: ids.map(({ config }) => ({ id: config, appId })) });
  await db.configEntry.createMany({ data: ids.map(({ config }) => ({ configId: config, key: 'A', ciphertext: new Uint8Array([1]), digest: 'd', sealed: true, setAt: new Date(), setById: actor.userId })) });
  await db.build.createMany({ data: ids.map(({ n, build, slug }) => ({ id: build, appId, number: n, status: 'SUCCEEDED', commit: 'c'.repeat(40), branch: 'main', sourceDigest: 's', requestedById: actor.userId, slugId: slug })) });
  await db.buildStep.createMany({ data: ids.map(({ build }) => ({ buildId: build, index: 0, kind: 'COMPILE', name: 'node', status: 'SUCCEEDED', startedAt: new Date(), endedAt: new Date() })) });
  await db.release.createMany({ data: ids.map(({ n, build, slug, release, config }) => ({ id: release, appId, version: n, reason: 'DEPLOY', status: 'LIVE', slugId: slug, configId: config, buildId: build, description: `Deploy ${n}`, createdById: actor.userId })) });
  await db.process.createMany({ data: [{ appId, type: 'web', quantity: 2 }, { appId, type: 'worker', quantity: 1 }] });
  const release = ids.at(-1)?.release ?? '';
  await db.replica.createMany({ data: [['web', 1], ['web', 2], ['worker', 1]].map(([process, index]) => ({ id: crypto.randomUUID(), appId, releaseId: release, process: String(process), index: Number(index), status: 'UP' as const })) });
  await db.event.createMany({ data: ids.flatMap(({ n, build, release: of }) => [
    { appId, number: n * 2 - 1, type: 'BuildQueued', deployId: build, actorId: actor.userId, apiKeyId: actor.apiKeyId, data: { buildId: build, number: n, commit: 'c'.repeat(40) } },
    { appId, number: n * 2, type: 'ReleaseCreated', deployId: build, actorId: actor.userId, apiKeyId: actor.apiKeyId, data: { releaseId: of, version: n, reason: 'DEPLOY', description: 'Deploy' } },
  ]) });
  return appId;
}
