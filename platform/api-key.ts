import type { ApiKeyScope } from '../prisma/generated/client/enums.ts';
import type { ApiKey, Prisma } from '../prisma/generated/client/client.ts';
import { isUuid, requireAccount, requireApp, revocableApiKeys, visibleDeployKeys } from './access.ts';
import type { Actor } from './access.ts';
import { createSecret } from './api-key-secret.ts';
import { changeApp } from './change-app.ts';
import { once } from './idempotency.ts';
import type { Platform, Transaction } from './platform.ts';
import { storedText } from './stored-text.ts';
import { tellAccess } from './tell-access.ts';
import { writeUserEvent } from './user-event.ts';
import { Forbidden, InvalidInput, NotFound, SecretAlreadyShown } from './user-error.ts';

/** `lastUsedAt` is this exact, so that a busy key is not a write a request. */
const USED_EVERY_MS = 60_000;

/** Who asks by an API key. */
export type KeyActor = Actor & { apiKeyId: string };

/** Who holds the key with this SHA-256 (looked up by an index of hashes, so timing tells nothing of the secret); null: unknown, expired or revoked. */
export async function findActor(platform: Pick<Platform, 'db'>, hash: Uint8Array, address: string | null): Promise<KeyActor | null> {
  return findHolder(platform, { hash: new Uint8Array(hash) }, address);
}

/** The same by the key's id, for one who showed the secret before: the key may have ended since. */
export async function findActorByKey(platform: Pick<Platform, 'db'>, apiKeyId: string): Promise<KeyActor | null> {
  return findHolder(platform, { id: apiKeyId }, null);
}

async function findHolder({ db }: Pick<Platform, 'db'>, where: Prisma.ApiKeyWhereUniqueInput, address: string | null): Promise<KeyActor | null> {
  const key = await db.apiKey.findUnique({ where, include: { user: true } });
  if (!key || key.revokedAt || (key.expiresAt && key.expiresAt <= new Date()) || key.user.deletedAt) return null;
  const stale = new Date(Date.now() - USED_EVERY_MS);
  if (!key.lastUsedAt || key.lastUsedAt < stale) {
    await db.apiKey.updateMany({ where: { id: key.id, OR: [{ lastUsedAt: null }, { lastUsedAt: { lt: stale } }] }, data: { lastUsedAt: new Date(), ...(address === null ? {} : { lastUsedFrom: address }) } });
  }
  return { userId: key.userId, email: key.user.email, apiKeyId: key.id, sessionId: null, scopes: key.scopes, appId: key.appId, administrator: key.user.administrator };
}

export interface CreateApiKeyInput { name: string; scopes: readonly ApiKeyScope[]; app?: string | null | undefined; expiresAt?: Date | null | undefined; idempotencyKey?: string | null | undefined }

/** Makes an API key; its secret is answered once. Throws InvalidInput, Forbidden, NotFound, SecretAlreadyShown for a repeat. */
export async function createApiKey(platform: Platform, actor: Actor, input: CreateApiKeyInput): Promise<{ apiKey: ApiKey; secret: string }> {
  if (input.scopes.includes('PUSH')) return createPushKey(platform, actor, input);
  requireAccount(actor, 'manageApiKeys');
  checkNewKey(input);
  if (input.scopes.length === 0) throw new InvalidInput('Name at least one scope.', { path: ['input', 'scopes'] });
  const app = input.app == null ? null : await requireApp(platform.db, actor, input.app, 'read');
  const { idempotencyKey, ...rest } = input;
  return insertKey(platform, actor, { ...input, scopes: [...new Set(input.scopes)], appId: app?.id ?? null }, { mutation: 'createApiKey', idempotencyKey, input: rest });
}

/** By its scope it is a deploy key, and is made as one. */
async function createPushKey(platform: Platform, actor: Actor, { app, scopes, ...input }: CreateApiKeyInput): Promise<{ apiKey: ApiKey; secret: string }> {
  if (app == null || scopes.some((scope) => scope !== 'PUSH')) throw new InvalidInput('PUSH is the scope of a deploy key: it goes with one app, and with no other scope.', { path: ['input', 'scopes'], hint: 'createDeployKey makes one.' });
  return createDeployKey(platform, actor, { app, ...input });
}

export interface CreateDeployKeyInput { app: string; name: string; expiresAt?: Date | null | undefined; idempotencyKey?: string | null | undefined }

/** Makes a key that may push to one app and nothing else, for as long as its maker may. Throws as createApiKey does. */
export async function createDeployKey(platform: Platform, actor: Actor, { app: name, ...input }: CreateDeployKeyInput): Promise<{ apiKey: ApiKey; secret: string }> {
  checkNewKey(input);
  const app = await requireApp(platform.db, actor, name, 'manageDeployKeys');
  const { idempotencyKey, ...rest } = input;
  return insertKey(platform, actor, { ...input, scopes: ['PUSH'], appId: app.id }, { mutation: 'createDeployKey', idempotencyKey, input: { ...rest, app: app.id } });
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
async function insertKey(platform: Platform, actor: Actor, { name, scopes, appId, expiresAt = null }: NewKey, request: { mutation: string; idempotencyKey: string | null | undefined; input: object }): Promise<{ apiKey: ApiKey; secret: string }> {
  const { secret, prefix, hash } = createSecret();
  const { id, repeated } = await changeKeys(platform, actor, { scopes, appId }, (tx, tell) => once(tx, actor, request.mutation, request.idempotencyKey, request.input, async () => {
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

/** Changes keys in one transaction. What happens is told among the user's events, of a deploy key among its app's. */
export async function changeKeys<T>(platform: Platform, actor: Actor, { scopes, appId }: Pick<ApiKey, 'scopes' | 'appId'>, change: (tx: Transaction, tell: TellKey) => Promise<T>): Promise<T> {
  if (!scopes.includes('PUSH') || appId === null) return platform.db.$transaction((tx) => change(tx, (what, { name }) => writeUserEvent(tx, actor, `ApiKey${what}`, { name })));
  return changeApp(platform, appId, { actor, bump: false, evenDeleted: true }, ({ tx, event }) => change(tx, async (what, { name }) => { event(`DeployKey${what}`, { name }); }));
}

/** Revokes a key at once, everywhere: its subscriptions and pushes end. Doing it twice changes nothing. */
export async function revokeApiKey(platform: Platform, actor: Actor, id: string): Promise<ApiKey> {
  const key = isUuid(id) ? await platform.db.apiKey.findFirst({ where: { AND: [{ id }, { OR: [{ userId: actor.userId }, visibleDeployKeys(actor)] }] } }) : null;
  if (!key) throw new NotFound('API key', id, { path: ['input', 'apiKey'] });
  if (!await platform.db.apiKey.findFirst({ where: { AND: [{ id }, revocableApiKeys(actor)] }, select: { id: true } })) throw new Forbidden('revoke this API key: it takes an API key with the scope ADMIN for all apps');
  const revoked = await changeKeys(platform, actor, key, async (tx, tell) => {
    const { count } = await tx.apiKey.updateMany({ where: { id, revokedAt: null }, data: { revokedAt: new Date() } });
    if (count > 0) await tell('Revoked', key);
    return tx.apiKey.findUniqueOrThrow({ where: { id } });
  });
  tellAccess(platform, { userId: key.userId, apiKeyId: id });
  return revoked;
}
