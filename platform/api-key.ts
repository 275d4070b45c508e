import { notify } from '../bus/ask.ts';
import { accessChanged } from '../bus/app.ts';
import type { ApiKeyScope } from '../prisma/generated/client/enums.ts';
import type { ApiKey, Prisma } from '../prisma/generated/client/client.ts';
import { isUuid, requireAccount, requireApp } from './access.ts';
import type { Actor } from './access.ts';
import { createSecret } from './api-key-secret.ts';
import { once } from './idempotency.ts';
import type { Platform } from './platform.ts';
import { storedText } from './stored-text.ts';
import { InvalidInput, NotFound, SecretAlreadyShown } from './user-error.ts';

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
  requireAccount(actor, 'manageApiKeys');
  if (input.name.trim() === '' || input.name.length > 100 || storedText(input.name) !== input.name) throw new InvalidInput('A key\'s name has 1 to 100 characters.', { path: ['input', 'name'] });
  if (input.scopes.length === 0) throw new InvalidInput('Name at least one scope.', { path: ['input', 'scopes'] });
  if (input.expiresAt && input.expiresAt <= new Date()) throw new InvalidInput('This date of expiry has passed.', { path: ['input', 'expiresAt'] });
  const app = input.app == null ? null : await requireApp(platform.db, actor, input.app, 'read');
  const { secret, prefix, hash } = createSecret();
  const { idempotencyKey, ...rest } = input;
  const { id, repeated } = await platform.db.$transaction((tx) => once(tx, actor, 'createApiKey', idempotencyKey, rest, async () => {
    const key = await tx.apiKey.create({ data: { userId: actor.userId, name: input.name, prefix, hash, scopes: [...new Set(input.scopes)], appId: app?.id ?? null, expiresAt: input.expiresAt ?? null } });
    await tx.event.create({ data: { type: 'ApiKeyCreated', data: { name: key.name }, actorId: actor.userId, apiKeyId: actor.apiKeyId } });
    return key.id;
  }));
  if (repeated) throw new SecretAlreadyShown(id);
  return { apiKey: await platform.db.apiKey.findUniqueOrThrow({ where: { id } }), secret };
}

/** Revokes a key at once, everywhere: its subscriptions and pushes end. Doing it twice changes nothing. */
export async function revokeApiKey(platform: Platform, actor: Actor, id: string): Promise<ApiKey> {
  const key = isUuid(id) ? await platform.db.apiKey.findFirst({ where: { id, userId: actor.userId } }) : null;
  if (!key) throw new NotFound('API key', id, { path: ['input', 'apiKey'] });
  if (key.id !== actor.apiKeyId) requireAccount(actor, 'manageApiKeys');
  if (key.revokedAt) return key;
  const revoked = await platform.db.$transaction(async (tx) => {
    await tx.event.create({ data: { type: 'ApiKeyRevoked', data: { name: key.name }, actorId: actor.userId, apiKeyId: actor.apiKeyId } });
    return tx.apiKey.update({ where: { id }, data: { revokedAt: new Date() } });
  });
  notify(platform.bus, accessChanged, { userId: key.userId, apiKeyId: id, sessionId: null });
  return revoked;
}
