import type { ApiKeyScope, Role } from '../prisma/generated/client/enums.ts';
import type { ApiKey, App, Invitation, Prisma } from '../prisma/generated/client/client.ts';
import type { Platform, Transaction } from './platform.ts';
import { storedText } from './stored-text.ts';
import { Forbidden, NotFound } from './user-error.ts';

/** Who asks: a user, by one of their API keys or by a browser's session. */
export interface Actor {
  userId: string;
  email: string;
  /** Null: a session asks. */
  apiKeyId: string | null;
  /** Null: an API key asks. */
  sessionId: string | null;
  scopes: readonly ApiKeyScope[];
  /** The one app the key is limited to; null: all that its user may see. */
  appId: string | null;
  /** May invite people to the platform, and rotate its encryption key. */
  administrator: boolean;
}

/** A user as one who asks, by no key and no session: what the platform does in their name is held to what they may. */
export const inNameOf = (userId: string): Actor => ({ userId, email: '', apiKeyId: null, sessionId: null, scopes: ['ADMIN'], appId: null, administrator: false });

/** Roles on an app; each may do what those before it may. */
export const roles = ['VIEWER', 'DEPLOYER', 'ADMIN', 'OWNER'] as const satisfies readonly Role[];

interface Rule { role: Role; scopes: readonly ApiKeyScope[]; describe: string }

/** What can be done to an app: the least role it takes, and the scopes of which a key needs one. `describe` finishes the sentence "… may not …". */
export const actions = {
  read: { role: 'VIEWER', scopes: ['READ', 'DEPLOY', 'CONFIG', 'ADMIN'], describe: 'read this app' },
  fetch: { role: 'VIEWER', scopes: ['READ', 'DEPLOY', 'CONFIG', 'ADMIN'], describe: 'fetch from this app' },
  push: { role: 'DEPLOYER', scopes: ['PUSH', 'DEPLOY', 'ADMIN'], describe: 'push to this app' },
  deploy: { role: 'DEPLOYER', scopes: ['DEPLOY', 'ADMIN'], describe: 'deploy, roll back, scale or restart this app, or cancel its builds' },
  // Whoever may push can read all of it by code that prints it: a role between the two would only pretend.
  readConfig: { role: 'DEPLOYER', scopes: ['CONFIG', 'ADMIN'], describe: 'read config values of this app' },
  writeConfig: { role: 'DEPLOYER', scopes: ['CONFIG', 'ADMIN'], describe: 'change the config of this app' },
  rename: { role: 'ADMIN', scopes: ['ADMIN'], describe: 'rename this app' },
  managePeople: { role: 'ADMIN', scopes: ['ADMIN'], describe: 'manage the people of this app' },
  manageDeployKeys: { role: 'ADMIN', scopes: ['ADMIN'], describe: 'manage the deploy keys of this app' },
  leave: { role: 'VIEWER', scopes: ['ADMIN'], describe: 'leave this app' },
  transfer: { role: 'OWNER', scopes: ['ADMIN'], describe: 'give this app to another user' },
  delete: { role: 'OWNER', scopes: ['ADMIN'], describe: 'delete this app' },
} as const satisfies Record<string, Rule>;
export type Action = keyof typeof actions;

interface AccountRule { scopes: readonly ApiKeyScope[]; allApps: boolean; administrator: boolean; describe: string }

/** What can be done that belongs to no app: whether a key for one app may, and whether it takes an administrator of the platform. */
export const accountActions = {
  createApp: { scopes: ['ADMIN'], allApps: true, administrator: false, describe: 'create apps' },
  manageApiKeys: { scopes: ['ADMIN'], allApps: true, administrator: false, describe: 'make, list or revoke API keys' },
  join: { scopes: ['ADMIN'], allApps: true, administrator: false, describe: 'accept or decline invitations and transfers' },
  manageAccount: { scopes: ['ADMIN'], allApps: true, administrator: false, describe: 'see or change this account' },
  managePlatform: { scopes: ['ADMIN'], allApps: true, administrator: true, describe: 'manage the platform' },
} as const satisfies Record<string, AccountRule>;
export type AccountAction = keyof typeof accountActions;

const holdsOneOf = (actor: Actor, scopes: readonly ApiKeyScope[]): boolean => scopes.some((scope) => actor.scopes.includes(scope));
const reaches = (role: Role, least: Role): boolean => roles.indexOf(role) >= roles.indexOf(least);

// Each check below is a line of its own, of an `AND` or of `allOf`, or refuses: a test takes away one after the other, and must fail each time.
const allOf = (...checks: boolean[]): boolean => checks.every(Boolean);
const nothing = { id: { in: [] as string[] } };

/** Apps where the actor has this role or a higher one; a key for one app has it there alone. */
function ownApps(actor: Actor, least: Role): Prisma.AppWhereInput {
  return {
    AND: [
      { deletedAt: null },
      { OR: [{ ownerId: actor.userId }, { permissions: { some: { userId: actor.userId, role: { in: roles.filter((role) => reaches(role, least)) } } } }] },
      actor.appId === null ? {} : { id: actor.appId },
    ],
  };
}

/** The apps to which the actor may do this, as a `where`. */
export function appsFor(actor: Actor, action: Action): Prisma.AppWhereInput {
  const { role, scopes } = actions[action];
  return {
    AND: [
      ownApps(actor, role),
      holdsOneOf(actor, scopes) ? {} : nothing,
    ],
  };
}

/** The apps that exist for this actor, as a `where`: every read of an app or of what belongs to one goes through it. */
export const visibleApps = (actor: Actor): Prisma.AppWhereInput => appsFor(actor, 'read');

/** An app as permissions are decided on; `withRights` selects it. */
export type AppWithRights = Pick<App, 'id' | 'ownerId'> & { permissions: readonly { userId: string; role: Role }[] };

/** What a query must select of an app, beside its id and owner, to decide what the actor may do to it. */
export const withRights = (actor: Pick<Actor, 'userId'>) => ({ permissions: { where: { userId: actor.userId }, select: { userId: true, role: true } } }) as const;

/** The actor's role on an app; null: none. */
export function roleOf(actor: Pick<Actor, 'userId'>, app: AppWithRights): Role | null {
  if (app.ownerId === actor.userId) return 'OWNER';
  return app.permissions.find(({ userId }) => userId === actor.userId)?.role ?? null;
}

/** Whether the actor may do this to the app: by their role, and by the scopes and the app of their key. */
export function mayApp(actor: Actor, app: AppWithRights, action: Action): boolean {
  const { role: least, scopes } = actions[action];
  const role = roleOf(actor, app);
  return role !== null && allOf(
    reaches(role, least),
    holdsOneOf(actor, scopes),
    actor.appId === null || actor.appId === app.id,
  );
}

/** Throws Forbidden where the actor may not give or take this role: nobody deals with more than their own, and the owner changes by a transfer alone. */
export function requireGrant(actor: Actor, app: AppWithRights, role: Role): void {
  const own = roleOf(actor, app);
  if (role === 'OWNER') throw new Forbidden('give or take the role OWNER: a transfer does');
  if (own === null || !reaches(own, role)) throw new Forbidden(`give or take the role ${role}: it is higher than yours`);
}

/** What the actor lacks to do this; finishes the sentence "You may not …". */
function describeLack(actor: Actor, app: AppWithRights, action: Action): string {
  const { role: least, scopes, describe } = actions[action];
  const role = roleOf(actor, app) ?? 'none';
  if (role === 'none' || !reaches(role, least)) return `${describe}: it takes the role ${least}${least === 'OWNER' ? '' : ' or a higher one'}, and yours is ${role}`;
  return `${describe}: it takes an API key with the scope ${scopes.join(' or ')}, and this one has ${actor.scopes.join(' and ')}`;
}

/** Whether the actor may do this, which belongs to no app. */
export function mayAccount(actor: Actor, action: AccountAction): boolean {
  const { scopes, allApps, administrator } = accountActions[action];
  return allOf(
    holdsOneOf(actor, scopes),
    !allApps || actor.appId === null,
    !administrator || actor.administrator,
  );
}

/** Throws Forbidden where the actor may not do this, which belongs to no app. */
export function requireAccount(actor: Actor, action: AccountAction): void {
  if (!mayAccount(actor, action)) throw new Forbidden(accountActions[action].describe);
}

/** Whether this is the account of the actor, who may see and change it. */
export function isOwnAccount(actor: Actor, userId: string): boolean {
  return allOf(
    actor.userId === userId,
    mayAccount(actor, 'manageAccount'),
  );
}

/** What belongs to a user and to nobody else, as a `where`: sessions, SSH keys, and the like. Nothing to a key that may not manage the account. */
export function visibleOwn(actor: Actor): { AND: ({ userId: string } | { id?: { in: string[] } })[] } {
  return {
    AND: [
      { userId: actor.userId },
      mayAccount(actor, 'manageAccount') ? {} : nothing,
    ],
  };
}

/** The API keys that exist for this actor: their user's own; only itself to a key that may not manage keys. One of a deleted app is gone with it. */
export function visibleApiKeys(actor: Actor): Prisma.ApiKeyWhereInput {
  return {
    AND: [
      { userId: actor.userId },
      mayAccount(actor, 'manageApiKeys') || actor.apiKeyId === null ? {} : { id: actor.apiKeyId },
      { OR: [{ appId: null }, { app: { deletedAt: null } }] },
    ],
  };
}

/** Whether the actor may see this API key: one of their user's, and only itself where it may not manage keys. */
export function mayApiKey(actor: Actor, key: { id: string; userId: string | null }): boolean {
  return allOf(
    key.userId === actor.userId,
    mayAccount(actor, 'manageApiKeys') || key.id === actor.apiKeyId,
  );
}

/** Deploy keys of the apps whose deploy keys the actor may manage, whoever made them. */
export const visibleDeployKeys = (actor: Actor): Prisma.ApiKeyWhereInput => ({ scopes: { has: 'PUSH' }, app: appsFor(actor, 'manageDeployKeys') });

/** The API keys that the actor may revoke: the one they ask with; where they manage keys, all of their user's; deploy keys of the apps where they manage these. */
export function revocableApiKeys(actor: Actor): Prisma.ApiKeyWhereInput {
  return { OR: [...(actor.apiKeyId === null ? [] : [{ id: actor.apiKeyId }]), ...(mayAccount(actor, 'manageApiKeys') ? [{ userId: actor.userId }] : []), visibleDeployKeys(actor)] };
}

/** Whether the actor may see where a key was used from: it is their own, or a deploy key that they manage. */
export function maySeeKeyUse(actor: Actor, key: Pick<ApiKey, 'id' | 'userId' | 'scopes'> & { app: AppWithRights | null }): boolean {
  return mayApiKey(actor, key) || (key.scopes.includes('PUSH') && key.app !== null && mayApp(actor, key.app, 'manageDeployKeys'));
}

/** Invitations that exist for the actor: to apps whose people they manage, to themselves, and (for administrators) to the platform. */
export function visibleInvitations(actor: Actor): Prisma.InvitationWhereInput {
  return { OR: [{ app: appsFor(actor, 'managePeople') }, ownInvitations(actor), ...(mayAccount(actor, 'managePlatform') ? [{ appId: null }] : [])] };
}

/** Invitations to the actor's own address. */
export function ownInvitations(actor: Actor): Prisma.InvitationWhereInput {
  return {
    AND: [
      { email: actor.email },
      { OR: [{ appId: null }, { app: { deletedAt: null } }] },
      mayAccount(actor, 'join') ? {} : nothing,
    ],
  };
}

/** Whether this invitation is the actor's to accept: it was sent to their address. */
export function isOwnInvitation(actor: Actor, invitation: Pick<Invitation, 'email'>): boolean {
  return allOf(
    invitation.email === actor.email,
  );
}

/** Transfers that exist for the actor: of apps that they may give away, and those offered to them. */
export function visibleTransfers(actor: Actor): Prisma.TransferWhereInput {
  return { OR: [{ app: appsFor(actor, 'transfer') }, ownTransfers(actor)] };
}

/** Transfers offered to the actor. */
export function ownTransfers(actor: Actor): Prisma.TransferWhereInput {
  return {
    AND: [
      { toId: actor.userId },
      { app: { deletedAt: null } },
      mayAccount(actor, 'join') ? {} : nothing,
    ],
  };
}

/** People's roles on the apps that exist for the actor. */
export const visiblePermissions = (actor: Actor): Prisma.PermissionWhereInput => ({ app: visibleApps(actor) });

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const isUuid = (text: string): boolean => UUID.test(text);

const named = (nameOrId: string): Prisma.AppWhereInput =>
  (isUuid(nameOrId) ? { id: nameOrId } : { OR: [{ name: storedText(nameOrId) }, { formerNames: { some: { name: storedText(nameOrId) } } }] });

/** One visible app by its name, a former name, or its id, as a `where`. */
export function visibleApp(actor: Actor, nameOrId: string): Prisma.AppWhereInput {
  return { AND: [visibleApps(actor), named(nameOrId)] };
}

/** The app by name or id, if the actor may do this to it. Throws NotFound where it is not visible, Forbidden where it is. `path`: where in the input it is named. */
export async function requireApp(db: Platform['db'] | Transaction, actor: Actor, nameOrId: string, action: Action, path = ['input', 'app']): Promise<App & AppWithRights> {
  // A deploy key pushes to an app that it does not see, and is told that it may not fetch.
  const visible = action === 'push' || action === 'fetch' ? ownApps(actor, 'VIEWER') : visibleApps(actor);
  const app = await db.app.findFirst({ where: { AND: [visible, named(nameOrId)] }, include: withRights(actor) });
  if (!app) throw new NotFound('app', nameOrId, { path, hint: 'slipway apps lists yours.' });
  if (!mayApp(actor, app, action)) throw new Forbidden(describeLack(actor, app, action));
  return app;
}
