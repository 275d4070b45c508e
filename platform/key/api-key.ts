import type { ApiKeyScope } from '../../prisma/generated/client/enums.ts';
import type { ApiKey, App } from '../../prisma/generated/client/client.ts';
import { isUuid, requireAccount, requireApp, revocableApiKeys, visibleDeployKeys } from '../access.ts';
import type { Actor } from '../access.ts';
import { createSecret } from './api-key-secret.ts';
import { actorNow } from '../actor-now.ts';
import { changeAppAs } from '../app/change-app-as.ts';
import type { Require } from '../app/change-app-as.ts';
import { once } from '../idempotency.ts';
import type { Platform, Transaction } from '../platform.ts';
import { storedText } from '../stored-text.ts';
import { tellAccess } from '../tell-access.ts';
import { writeUserEvent } from '../user-event.ts';
import { Forbidden, InvalidInput, NotFound, SecretAlreadyShown } from '../user-error.ts';

export interface CreateApiKeyInput { name: string; scopes: readonly ApiKeyScope[]; app?: string | null | undefined; expiresAt?: Date | null | undefined; idempotencyKey?: string | null | undefined }

/** Makes an API key; its secret is answered once. Throws InvalidInput, Forbidden, NotFound, SecretAlreadyShown for a repeat. */
export async function createApiKey(platform: Platform, actor: Actor, input: CreateApiKeyInput): Promise<{ apiKey: ApiKey; secret: string }> {
  if (input.scopes.includes('PUSH')) return createPushKey(platform, actor, input);
  const require: Require<App | null> = async (db, now) => {
    requireAccount(now, 'manageApiKeys');
    return input.app == null ? null : requireApp(db, now, input.app, 'read');
  };
  const app = await require(platform.db, actor);
  checkNewKey(input);
  if (input.scopes.length === 0) throw new InvalidInput('Name at least one scope.', { path: ['input', 'scopes'] });
  const { idempotencyKey, ...rest } = input;
  return insertKey(platform, actor, { ...input, scopes: [...new Set(input.scopes)], appId: app?.id ?? null }, { mutation: 'createApiKey', idempotencyKey, input: rest, require });
}

/** By its scope it is a deploy key, and is made as one. */
async function createPushKey(platform: Platform, actor: Actor, { app, scopes, ...input }: CreateApiKeyInput): Promise<{ apiKey: ApiKey; secret: string }> {
  if (app == null || scopes.some((scope) => scope !== 'PUSH')) {
    if (app == null) requireAccount(actor, 'manageApiKeys');
    else await requireApp(platform.db, actor, app, 'manageDeployKeys');
    throw new InvalidInput('PUSH is the scope of a deploy key: it goes with one app, and with no other scope.', { path: ['input', 'scopes'], hint: 'createDeployKey makes one.' });
  }
  return createDeployKey(platform, actor, { app, ...input });
}

export interface CreateDeployKeyInput { app: string; name: string; expiresAt?: Date | null | undefined; idempotencyKey?: string | null | undefined }

/** Makes a key that may push to one app and nothing else, for as long as its maker may. Throws as createApiKey does. */
export async function createDeployKey(platform: Platform, actor: Actor, { app: name, ...input }: CreateDeployKeyInput): Promise<{ apiKey: ApiKey; secret: string }> {
  const app = await requireApp(platform.db, actor, name, 'manageDeployKeys');
  checkNewKey(input);
  const { idempotencyKey, ...rest } = input;
  const require: Require<App> = (tx, now) => requireApp(tx, now, app.id, 'manageDeployKeys');
  return insertKey(platform, actor, { ...input, scopes: ['PUSH'], appId: app.id }, { mutation: 'createDeployKey', idempotencyKey, input: { ...rest, app: app.id }, require });
}

/** Also of an SSH key. Throws InvalidInput. */
export function checkKeyName(name: string): void {
  if (name.trim() === '' || name.length > 100 || storedText(name) !== name) throw new InvalidInput('A key\'s name has 1 to 100 characters.', { path: ['input', 'name'] });
}

function checkNewKey({ name, expiresAt }: { name: string; expiresAt?: Date | null | undefined }): void {
  checkKeyName(name);
  if (expiresAt && expiresAt <= new Date()) throw new InvalidInput('This date of expiry has passed.', { path: ['input', 'expiresAt'] });
}

export type NewKey = Pick<ApiKey, 'name' | 'scopes' | 'appId'> & { expiresAt?: Date | null | undefined };

/** Writes the row of a new key of the actor's; `also` in the same transaction, with its id. Answers its secret, where the request is no repeat. */
async function insertKey(platform: Platform, actor: Actor, { name, scopes, appId, expiresAt = null }: NewKey, request: { mutation: string; idempotencyKey: string | null | undefined; input: object; require: Require<unknown> }): Promise<{ apiKey: ApiKey; secret: string }> {
  const { secret, prefix, hash } = createSecret();
  const { id, repeated } = await changeKeys(platform, actor, { scopes, appId }, request.require, (tx, tell) => once(tx, actor, request.mutation, request.idempotencyKey, request.input, async () => {
    await checkLifetime(tx, actor, expiresAt);
    const key = await tx.apiKey.create({ data: { userId: actor.userId, name, prefix, hash, scopes, appId, expiresAt } });
    await tell('Created', key);
    return key.id;
  }));
  if (repeated) throw new SecretAlreadyShown(id);
  return { apiKey: await platform.db.apiKey.findUniqueOrThrow({ where: { id } }), secret };
}

/** What a key makes ends no later than itself: else whoever finds it would keep what it gives. */
export async function checkLifetime(tx: Transaction, actor: Actor, expiresAt: Date | null): Promise<void> {
  const own = actor.apiKeyId === null ? null : await tx.apiKey.findUnique({ where: { id: actor.apiKeyId }, select: { expiresAt: true } });
  if (own?.expiresAt && (!expiresAt || expiresAt > own.expiresAt)) throw new InvalidInput(`The key that asks ends at ${own.expiresAt.toISOString()}; a key that it makes cannot end later.`, { path: ['input', 'expiresAt'] });
}

type TellKey = (what: 'Created' | 'Revoked' | 'Rotated', key: Pick<ApiKey, 'name'>) => Promise<void>;

/**
 * Changes keys in one transaction, in which `require` is asked again by who the actor is now: a key that has ended makes none.
 * What happens is told among the user's events, of a deploy key among its app's.
 */
export async function changeKeys<T>(platform: Platform, actor: Actor, { scopes, appId }: Pick<ApiKey, 'scopes' | 'appId'>, require: Require<unknown>, change: (tx: Transaction, tell: TellKey) => Promise<T>): Promise<T> {
  if (scopes.includes('PUSH') && appId !== null) {
    return changeAppAs(platform, actor, appId, { bump: false, evenDeleted: true, require }, ({ tx, event }) => change(tx, async (what, { name }) => { event(`DeployKey${what}`, { name }); }));
  }
  return platform.db.$transaction(async (tx) => {
    await require(tx, await actorNow(tx, actor));
    return change(tx, (what, { name }) => writeUserEvent(tx, actor, `ApiKey${what}`, { name }));
  });
}

/** Revokes a key at once, everywhere: its subscriptions and pushes end. Doing it twice changes nothing. Throws NotFound, Forbidden. */
export async function revokeApiKey(platform: Platform, actor: Actor, id: string): Promise<ApiKey> {
  const require: Require<ApiKey> = (db, now) => requireRevocable(db, now, id);
  const key = await require(platform.db, actor);
  const revoked = await changeKeys(platform, actor, key, require, async (tx, tell) => {
    const { count } = await tx.apiKey.updateMany({ where: { id, revokedAt: null }, data: { revokedAt: new Date() } });
    if (count > 0) await tell('Revoked', key);
    return tx.apiKey.findUniqueOrThrow({ where: { id } });
  });
  tellAccess(platform, { userId: key.userId, apiKeyId: id });
  return revoked;
}

async function requireRevocable(db: Transaction, actor: Actor, id: string): Promise<ApiKey> {
  const key = isUuid(id) ? await db.apiKey.findFirst({ where: { AND: [{ id }, { OR: [{ userId: actor.userId }, visibleDeployKeys(actor)] }] } }) : null;
  if (!key) throw new NotFound('API key', id, { path: ['input', 'apiKey'] });
  if (!await db.apiKey.findFirst({ where: { AND: [{ id }, revocableApiKeys(actor)] }, select: { id: true } })) throw new Forbidden('revoke this API key: it takes an API key with the scope ADMIN for all apps');
  return key;
}
