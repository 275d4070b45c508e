import { createSecret } from '../../platform/api-key-secret.ts';
import type { App } from '../../prisma/generated/client/client.ts';
import type { ApiKeyScope, Role } from '../../prisma/generated/client/enums.ts';
import type { TestGateway, TestUser } from '../kit/gateway.ts';
import { playDeploy, queueBuild } from '../kit/played-deploy.ts';

/** Everyone who may come to the door; the owner's app is the one that they come for. */
export const visitors = [
  'nobody', 'a revoked key', 'an expired key', 'a stranger', 'a viewer', 'a deployer', 'an admin', 'the owner', 'a session',
  'a READ key', 'a DEPLOY key', 'a CONFIG key', 'a key for this app', 'a key for another app', 'a deploy key', 'an administrator',
] as const;
export type Visitor = (typeof visitors)[number];

/** What a visitor shows: an API key, or a session's cookie. */
export interface Credential { secret: string | null; cookie: string | null }

export interface World {
  gateway: TestGateway;
  credentials: Record<Visitor, Credential>;
  /** Whose account each visitor's is. */
  userIds: Record<Visitor, string>;
  app: App;
  /** The cursor of the app's first event. */
  firstEvent: string;
  ids: { build: string; queuedBuild: string; release: string; replica: string; otherKey: string; session: string; owner: string; viewer: string };
  /** Whose each id is: an app's, or a user's. */
  belongs: Map<string, { app: string } | { user: string }>;
  /** The apps that each visitor may know of, by id. */
  apps: Record<Visitor, ReadonlySet<string>>;
}

async function keyOf({ platform: { db } }: TestGateway, userId: string, data: { name: string; scopes: ApiKeyScope[]; appId?: string; revokedAt?: Date; expiresAt?: Date }): Promise<{ id: string; secret: string }> {
  const { secret, prefix, hash } = createSecret();
  const { id } = await db.apiKey.create({ data: { userId, prefix, hash, ...data } });
  return { id, secret };
}

async function fillApp(gateway: TestGateway, owner: TestUser, name: string): Promise<{ app: App; ids: Omit<World['ids'], 'otherKey' | 'session' | 'owner' | 'viewer'> }> {
  const { db } = gateway.platform;
  const made = await gateway.query<{ createApp: { app: { id: string } } }>(owner, `mutation { createApp(input: { name: "${name}" }) { ... on CreateAppPayload { app { id } } } }`);
  const appId = made.data.createApp.app.id;
  await gateway.query(owner, `mutation { setConfig(input: { app: "${name}", set: [{ key: "PLAIN", value: "a" }, { key: "SEALED", value: "b", sealed: true }] }) { __typename } }`);
  await playDeploy(gateway, owner, appId);
  const { buildId: build, release } = await playDeploy(gateway, owner, appId, 'c');
  const replica = await db.replica.create({ data: { id: crypto.randomUUID(), appId, releaseId: release.id, process: 'web', index: 1, status: 'UP' } });
  await gateway.query(owner, `mutation { scale(input: { app: "${name}", processes: [{ type: "web", quantity: 2 }] }) { __typename } }`);
  await gateway.query(owner, `mutation { restart(input: { app: "${name}", process: "web" }) { __typename } }`);
  const queuedBuild = await queueBuild(gateway, owner, appId);
  return { app: await db.app.findUniqueOrThrow({ where: { id: appId } }), ids: { build, queuedBuild, release: release.id, replica: replica.id } };
}

/** A platform with an owner's app that holds something of everything, two other apps, and everyone who may come. */
export async function createWorld(gateway: TestGateway): Promise<World> {
  const { db } = gateway.platform;
  const [owner, stranger, viewer, deployer, admin, administrator] = await Promise.all([1, 2, 3, 4, 5, 6].map(() => gateway.createUser()));
  if (!owner || !stranger || !viewer || !deployer || !admin || !administrator) throw new Error('six users');
  const { app, ids } = await fillApp(gateway, owner, 'one');
  const [second, others] = [(await fillApp(gateway, owner, 'two')).app, (await fillApp(gateway, stranger, 'other')).app];
  const roles: [TestUser, Role][] = [[viewer, 'VIEWER'], [deployer, 'DEPLOYER'], [admin, 'ADMIN']];
  for (const [user, role] of roles) await db.permission.create({ data: { appId: app.id, userId: user.actor.userId, role } });
  await db.user.update({ where: { id: administrator.actor.userId }, data: { administrator: true } });
  const userId = owner.actor.userId;
  const { app: gone } = await fillApp(gateway, owner, 'gone');
  await db.app.update({ where: { id: gone.id }, data: { deletedAt: new Date() } });
  const session = createSecret();
  const { id: sessionId } = await db.session.create({ data: { userId, hash: session.hash, userAgent: 'a browser', address: '::1', expiresAt: new Date(Date.now() + 3_600_000) } });
  const key = async (name: Visitor, scopes: ApiKeyScope[], more: { appId?: string; revokedAt?: Date; expiresAt?: Date } = {}): Promise<Credential> =>
    ({ secret: (await keyOf(gateway, userId, { name, scopes, ...more })).secret, cookie: null });
  const of = ({ secret }: TestUser): Credential => ({ secret, cookie: null });
  const long = new Date(0);
  const credentials: World['credentials'] = {
    nobody: { secret: null, cookie: null },
    'a stranger': of(stranger), 'a viewer': of(viewer), 'a deployer': of(deployer), 'an admin': of(admin), 'the owner': of(owner), 'an administrator': of(administrator),
    'a session': { secret: null, cookie: session.secret },
    'a revoked key': await key('a revoked key', ['ADMIN'], { revokedAt: long }), 'an expired key': await key('an expired key', ['ADMIN'], { expiresAt: long }),
    'a READ key': await key('a READ key', ['READ']), 'a DEPLOY key': await key('a DEPLOY key', ['DEPLOY']), 'a CONFIG key': await key('a CONFIG key', ['CONFIG']),
    'a key for this app': await key('a key for this app', ['ADMIN'], { appId: app.id }), 'a key for another app': await key('a key for another app', ['ADMIN'], { appId: second.id }),
    'a deploy key': await key('a deploy key', ['PUSH'], { appId: app.id }),
  };
  const { id: goneKey } = await keyOf(gateway, userId, { name: 'of a deleted app', scopes: ['READ'], appId: gone.id });
  const { id: otherKey } = await keyOf(gateway, userId, { name: 'another', scopes: ['READ'] });
  const accounts: Partial<Record<Visitor, TestUser>> = { 'a stranger': stranger, 'a viewer': viewer, 'a deployer': deployer, 'an admin': admin, 'an administrator': administrator };
  const userIds = Object.fromEntries(visitors.map((visitor) => [visitor, (accounts[visitor] ?? owner).actor.userId])) as World['userIds'];
  const none = new Set<string>();
  const apps = Object.fromEntries(visitors.map((visitor) => [visitor, new Set(accounts[visitor] ? [] : [app.id, second.id])])) as Record<Visitor, Set<string>>;
  for (const visitor of ['a viewer', 'a deployer', 'an admin', 'a key for this app'] as const) apps[visitor] = new Set([app.id]);
  for (const visitor of ['nobody', 'a revoked key', 'an expired key', 'a deploy key', 'an administrator'] as const) apps[visitor] = none;
  apps['a stranger'] = new Set([others.id]);
  apps['a key for another app'] = new Set([second.id]);
  return { gateway, credentials, userIds, app, apps, firstEvent: Buffer.from('event:1').toString('base64url'), ids: { ...ids, otherKey, session: sessionId, owner: userId, viewer: viewer.actor.userId }, belongs: (await idsOf(gateway)).set(goneKey, { app: gone.id }) };
}

/** Every id there is, and whose it is. */
async function idsOf({ platform: { db } }: TestGateway): Promise<World['belongs']> {
  const belongs: World['belongs'] = new Map();
  for (const { id } of await db.app.findMany()) belongs.set(id, { app: id });
  for (const { id } of await db.user.findMany()) belongs.set(id, { user: id });
  for (const rows of await Promise.all([db.build.findMany(), db.release.findMany(), db.slug.findMany(), db.replica.findMany()])) for (const { id, appId } of rows) belongs.set(id, { app: appId });
  for (const rows of await Promise.all([db.apiKey.findMany(), db.session.findMany()])) for (const { id, userId } of rows) belongs.set(id, { user: userId });
  return belongs;
}
