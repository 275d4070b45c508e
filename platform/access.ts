import type { ApiKeyScope } from '../prisma/generated/client/enums.ts';
import type { App, Prisma } from '../prisma/generated/client/client.ts';
import type { Platform, Transaction } from './platform.ts';
import { storedText } from './stored-text.ts';
import { Forbidden, NotFound } from './user-error.ts';

/** Who asks: a user by one of their API keys. */
export interface Actor {
  userId: string;
  email: string;
  apiKeyId: string;
  scopes: readonly ApiKeyScope[];
  /** The one app the key is limited to; null: all of the user's. */
  appId: string | null;
}

/** What can be done to an app; `describe` finishes the sentence "This API key may not …". */
export const actions = {
  read: { scope: 'READ', describe: 'read this app' },
  deploy: { scope: 'DEPLOY', describe: 'deploy, roll back, scale or restart this app' },
  readConfig: { scope: 'CONFIG', describe: 'read config values of this app' },
  writeConfig: { scope: 'CONFIG', describe: 'change the config of this app' },
  delete: { scope: 'ADMIN', describe: 'delete this app' },
} as const satisfies Record<string, { scope: ApiKeyScope; describe: string }>;
export type Action = keyof typeof actions;

/** Roles on an app, and what each may do. The owner is the only one until permissions exist. */
const roleMay: Record<'owner', readonly Action[]> = {
  owner: ['read', 'deploy', 'readConfig', 'writeConfig', 'delete'],
};

/** ADMIN includes every scope; DEPLOY and CONFIG include READ. */
function hasScope(actor: Actor, scope: ApiKeyScope): boolean {
  return actor.scopes.includes('ADMIN') || actor.scopes.includes(scope) || (scope === 'READ' && actor.scopes.length > 0);
}

/** The apps that exist for this actor, as a `where`: every read of an app or of what belongs to one goes through it. */
export function visibleApps(actor: Actor): Prisma.AppWhereInput {
  return { deletedAt: null, ownerId: actor.userId, ...(actor.appId === null ? {} : { id: actor.appId }) };
}

/** Whether the actor may do this to an app that is visible to them. */
export function mayApp(actor: Actor, app: Pick<App, 'id' | 'ownerId'>, action: Action): boolean {
  const role = app.ownerId === actor.userId && (actor.appId === null || actor.appId === app.id) ? 'owner' : null;
  return role !== null && roleMay[role].includes(action) && hasScope(actor, actions[action].scope);
}

/** Whether the actor may make apps and keys: things that belong to no app yet. */
export function mayAdminister(actor: Actor): boolean {
  return actor.appId === null && hasScope(actor, 'ADMIN');
}

/** The API keys that exist for this actor: their user's own; only itself to a key that may not administer. One of a deleted app is gone with it. */
export function visibleApiKeys(actor: Actor): Prisma.ApiKeyWhereInput {
  return { userId: actor.userId, ...(mayAdminister(actor) ? {} : { id: actor.apiKeyId }), OR: [{ appId: null }, { app: { deletedAt: null } }] };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const isUuid = (text: string): boolean => UUID.test(text);

/** One visible app by its name or id, as a `where`. */
export function visibleApp(actor: Actor, nameOrId: string): Prisma.AppWhereInput {
  return { AND: [visibleApps(actor), isUuid(nameOrId) ? { id: nameOrId } : { name: storedText(nameOrId) }] };
}

/** The app by name or id, if the actor may do this to it. Throws NotFound where it is not visible, Forbidden where it is. */
export async function requireApp(db: Platform['db'] | Transaction, actor: Actor, nameOrId: string, action: Action): Promise<App> {
  const app = await db.app.findFirst({ where: visibleApp(actor, nameOrId) });
  if (!app) throw new NotFound('app', nameOrId, { path: ['input', 'app'], hint: 'slipway apps lists yours.' });
  if (!mayApp(actor, app, action)) throw new Forbidden(actions[action].describe);
  return app;
}
