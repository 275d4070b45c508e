import { createSecret } from '../../platform/key/api-key-secret.ts';
import type { App } from '../../prisma/generated/client/client.ts';
import type { ApiKeyScope, Role } from '../../prisma/generated/client/enums.ts';
import type { TestGateway, TestUser } from '../kit/gateway.ts';
import { playDeploy, queueBuild } from '../kit/played-deploy.ts';

/** Everyone who may come to the door; the owner's app is the one that they come for. */
export const visitors = [
  'nobody', 'a revoked key', 'an expired key', 'a stranger', 'a viewer', 'a deployer', 'an admin', 'the owner', 'a session',
  'a READ key', 'a DEPLOY key', 'a CONFIG key', 'a key for this app', 'a key for another app', 'a deploy key', 'an administrator',
  'a READ key of the administrator', 'a key of the administrator for one app',
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
  ids: { build: string; queuedBuild: string; release: string; replica: string; otherKey: string; session: string; owner: string; viewer: string; sshKey: string; oldInvitation: string; oldTransfer: string };
  /** An invitation and a transfer to each visitor's account, which have ended. */
  ended: Record<Visitor, { token: string; invitation: string; transfer: string }>;
  /** To whom each transfer and invitation was sent, where they have an account. */
  recipients: Map<string, string>;
  /** Puts back what a visitor took away with good right, and takes away what they made. */
  restore(): Promise<void>;
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

async function fillApp(gateway: TestGateway, owner: TestUser, name: string): Promise<{ app: App; ids: Omit<World['ids'], 'otherKey' | 'session' | 'owner' | 'viewer' | 'sshKey' | 'oldInvitation' | 'oldTransfer'> }> {
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
  const permissions = roles.map(([user, role]) => ({ id: crypto.randomUUID(), appId: app.id, userId: user.actor.userId, role }));
  const sshKey = { id: crypto.randomUUID(), userId: owner.actor.userId, name: 'laptop', type: 'ssh-ed25519', bits: 256, fingerprint: 'SHA256:abc', publicKey: 'ssh-ed25519 AAAA' };
  const restore = async (): Promise<void> => {
    await db.permission.createMany({ data: permissions, skipDuplicates: true });
    await db.sshKey.createMany({ data: [sshKey], skipDuplicates: true });
    await db.session.updateMany({ data: { endedAt: null } });
    await db.apiKey.deleteMany({ where: { name: 'robot' } });
    await db.invitation.deleteMany({ where: { email: 'new@example.org' } });
  };
  await restore();
  const offers = await createOffers(gateway, app.id, owner, [owner, stranger, viewer, deployer, admin, administrator], { viewer, administrator });
  await db.user.update({ where: { id: administrator.actor.userId }, data: { administrator: true } });
  const userId = owner.actor.userId;
  const { app: gone } = await fillApp(gateway, owner, 'gone');
  await db.app.update({ where: { id: gone.id }, data: { deletedAt: new Date() } });
  await offerGone(gateway, gone.id, owner, viewer);
  const session = createSecret();
  const { id: sessionId } = await db.session.create({ data: { userId, hash: session.hash, userAgent: 'a browser', address: '::1', expiresAt: new Date(Date.now() + 3_600_000) } });
  const key = async (name: Visitor, scopes: ApiKeyScope[], more: { appId?: string; revokedAt?: Date; expiresAt?: Date } = {}): Promise<Credential> =>
    ({ secret: (await keyOf(gateway, userId, { name, scopes, ...more })).secret, cookie: null });
  const of = ({ secret }: { secret: string }): Credential => ({ secret, cookie: null });
  const long = new Date(0);
  const credentials: World['credentials'] = {
    nobody: { secret: null, cookie: null },
    'a stranger': of(stranger), 'a viewer': of(viewer), 'a deployer': of(deployer), 'an admin': of(admin), 'the owner': of(owner), 'an administrator': of(administrator),
    'a session': { secret: null, cookie: session.secret },
    'a revoked key': await key('a revoked key', ['ADMIN'], { revokedAt: long }), 'an expired key': await key('an expired key', ['ADMIN'], { expiresAt: long }),
    'a READ key': await key('a READ key', ['READ']), 'a DEPLOY key': await key('a DEPLOY key', ['DEPLOY']), 'a CONFIG key': await key('a CONFIG key', ['CONFIG']),
    'a key for this app': await key('a key for this app', ['ADMIN'], { appId: app.id }), 'a key for another app': await key('a key for another app', ['ADMIN'], { appId: second.id }),
    'a deploy key': await key('a deploy key', ['PUSH'], { appId: app.id }),
    'a READ key of the administrator': of(await keyOf(gateway, administrator.actor.userId, { name: 'a READ key of the administrator', scopes: ['READ'] })),
    'a key of the administrator for one app': of(await keyOf(gateway, administrator.actor.userId, { name: 'a key of the administrator for one app', scopes: ['ADMIN'], appId: others.id })),
  };
  const { id: goneKey } = await keyOf(gateway, userId, { name: 'of a deleted app', scopes: ['READ'], appId: gone.id });
  const { id: otherKey } = await keyOf(gateway, userId, { name: 'another', scopes: ['READ'] });
  const accounts: Partial<Record<Visitor, TestUser>> = { 'a stranger': stranger, 'a viewer': viewer, 'a deployer': deployer, 'an admin': admin, 'an administrator': administrator, 'a READ key of the administrator': administrator, 'a key of the administrator for one app': administrator };
  const userIds = Object.fromEntries(visitors.map((visitor) => [visitor, (accounts[visitor] ?? owner).actor.userId])) as World['userIds'];
  const none = new Set<string>();
  const apps = Object.fromEntries(visitors.map((visitor) => [visitor, new Set(accounts[visitor] ? [] : [app.id, second.id])])) as Record<Visitor, Set<string>>;
  for (const visitor of ['a viewer', 'a deployer', 'an admin', 'a key for this app'] as const) apps[visitor] = new Set([app.id]);
  for (const visitor of ['nobody', 'a revoked key', 'an expired key', 'a deploy key', 'an administrator', 'a READ key of the administrator', 'a key of the administrator for one app'] as const) apps[visitor] = none;
  apps['a stranger'] = new Set([others.id]);
  apps['a key for another app'] = new Set([second.id]);
  const ended = Object.fromEntries(visitors.map((visitor) => [visitor, offers.ended.get(userIds[visitor])])) as World['ended'];
  return {
    gateway, restore, ended, recipients: await recipientsOf(gateway), credentials, userIds, app, apps, firstEvent: Buffer.from('event:1').toString('base64url'), ids: { ...ids, otherKey, session: sessionId, owner: userId, viewer: viewer.actor.userId, sshKey: sshKey.id, ...offers.ids },
    belongs: (await idsOf(gateway)).set(goneKey, { app: gone.id }),
  };
}

/** Invitations and transfers: open ones of the owner's app and of the platform, and for each user those that have ended. */
async function createOffers({ platform: { db } }: TestGateway, appId: string, owner: TestUser, users: TestUser[], { viewer, administrator }: { viewer: TestUser; administrator: TestUser }) {
  const [past, later] = [new Date(0), new Date(Date.now() + 3_600_000)];
  const invite = async (email: string, data: { appId?: string; invitedById: string; expiresAt: Date; acceptedAt?: Date }): Promise<{ id: string; token: string }> => {
    const { secret: token, hash } = createSecret();
    return { token, id: (await db.invitation.create({ data: { email, hash, role: data.appId === undefined ? null : 'VIEWER', ...data } })).id };
  };
  const from = owner.actor.userId;
  await invite('guest@example.org', { appId, invitedById: from, expiresAt: later });
  await invite('newcomer@example.org', { invitedById: administrator.actor.userId, expiresAt: later });
  const oldInvitation = (await invite('joined@example.org', { appId, invitedById: from, expiresAt: later, acceptedAt: past })).id;
  await db.transfer.create({ data: { appId, fromId: from, toId: viewer.actor.userId, expiresAt: later } });
  const oldTransfer = (await db.transfer.create({ data: { appId, fromId: from, toId: from, expiresAt: past, endedAt: past } })).id;
  const ended = new Map<string, { token: string; invitation: string; transfer: string }>();
  for (const { actor } of users) {
    const { token, id: invitation } = await invite(actor.email, { appId, invitedById: from, expiresAt: past });
    ended.set(actor.userId, { token, invitation, transfer: (await db.transfer.create({ data: { appId, fromId: from, toId: actor.userId, expiresAt: past, endedAt: past } })).id });
  }
  return { ids: { oldInvitation, oldTransfer }, ended };
}

/** An open invitation and an open transfer to the viewer, of an app that is deleted: to whom they were sent they are nothing any more. */
async function offerGone({ platform: { db } }: TestGateway, appId: string, owner: TestUser, viewer: TestUser): Promise<void> {
  const expiresAt = new Date(Date.now() + 3_600_000);
  await db.invitation.create({ data: { email: viewer.actor.email, hash: createSecret().hash, role: 'VIEWER', appId, invitedById: owner.actor.userId, expiresAt } });
  await db.transfer.create({ data: { appId, fromId: owner.actor.userId, toId: viewer.actor.userId, expiresAt } });
}

async function recipientsOf({ platform: { db } }: TestGateway): Promise<Map<string, string>> {
  const users = new Map((await db.user.findMany()).map(({ id, email }) => [email, id]));
  const invited = (await db.invitation.findMany({ where: { OR: [{ appId: null }, { app: { deletedAt: null } }] } })).map(({ id, email }): [string, string] => [id, users.get(email) ?? '']);
  return new Map([...invited, ...(await db.transfer.findMany({ where: { app: { deletedAt: null } } })).map(({ id, toId }): [string, string] => [id, toId])]);
}

/** Every id there is, and whose it is. */
async function idsOf({ platform: { db } }: TestGateway): Promise<World['belongs']> {
  const belongs: World['belongs'] = new Map();
  for (const { id } of await db.app.findMany()) belongs.set(id, { app: id });
  for (const { id } of await db.user.findMany()) belongs.set(id, { user: id });
  for (const rows of await Promise.all([db.build.findMany(), db.release.findMany(), db.slug.findMany(), db.replica.findMany(), db.permission.findMany(), db.transfer.findMany()])) for (const { id, appId } of rows) belongs.set(id, { app: appId });
  for (const rows of await Promise.all([db.apiKey.findMany(), db.session.findMany(), db.sshKey.findMany()])) for (const { id, userId } of rows) belongs.set(id, { user: userId });
  for (const { id, appId, invitedById } of await db.invitation.findMany()) belongs.set(id, appId === null ? { user: invitedById } : { app: appId });
  return belongs;
}
