import type { ApiKey } from '../../prisma/generated/client/client.ts';
import { isUuid, requireAccount, requireApp } from '../access.ts';
import type { Actor } from '../access.ts';
import { changeKeys, checkLifetime } from './api-key.ts';
import { createSecret } from './api-key-secret.ts';
import type { Require } from '../app/change-app-as.ts';
import { once } from '../idempotency.ts';
import type { Platform, Transaction } from '../platform.ts';
import { tellAccess } from '../tell-access.ts';
import { InvalidInput, NotFound, SecretAlreadyShown } from '../user-error.ts';

export interface RotateApiKeyInput { apiKey: string; overlapSeconds?: number | null | undefined; idempotencyKey?: string | null | undefined }

const DAY_SECONDS = 86_400;
const MOST_OVERLAP_SECONDS = 7 * DAY_SECONDS;

/**
 * Makes a key that has the name, scopes, app and expiry of one of the actor's own, which ends when the overlap is over: until then both are good.
 * Throws InvalidInput, Forbidden, NotFound, SecretAlreadyShown for a repeat.
 */
export async function rotateApiKey(platform: Platform, actor: Actor, input: RotateApiKeyInput): Promise<{ apiKey: ApiKey; replaced: ApiKey; secret: string }> {
  const require: Require<ApiKey> = (db, now) => requireOwnKey(db, now, input.apiKey);
  const old = await require(platform.db, actor);
  const overlapSeconds = input.overlapSeconds ?? DAY_SECONDS;
  if (overlapSeconds < 0 || overlapSeconds > MOST_OVERLAP_SECONDS) throw new InvalidInput(`An overlap has 0 to ${MOST_OVERLAP_SECONDS} seconds (7 days).`, { path: ['input', 'overlapSeconds'] });
  const { secret, prefix, hash } = createSecret();
  const { id, repeated } = await changeKeys(platform, actor, old, require, (tx, tell) => once(tx, actor, 'rotateApiKey', input.idempotencyKey, { apiKey: old.id, overlapSeconds }, async () => {
    await checkLifetime(tx, actor, old.expiresAt);
    const { userId, name, scopes, appId, expiresAt } = old;
    const key = await tx.apiKey.create({ data: { userId, name, scopes, appId, expiresAt, prefix, hash } });
    const overlapEnds = new Date(Date.now() + overlapSeconds * 1000);
    const { count } = await tx.apiKey.updateMany({
      where: { id: old.id, revokedAt: null, replacedById: null, OR: [{ expiresAt: null }, { expiresAt: { gt: new Date() } }] },
      data: { replacedById: key.id, expiresAt: expiresAt && expiresAt < overlapEnds ? expiresAt : overlapEnds },
    });
    if (count === 0) throw new InvalidInput('This key was rotated before, or has ended; only a key that is in use can be rotated.', { path: ['input', 'apiKey'], hint: 'Rotate the key that replaced it, or make a new one.' });
    await tell('Rotated', old);
    return key.id;
  }));
  if (repeated) throw new SecretAlreadyShown(id);
  if (overlapSeconds === 0) tellAccess(platform, { userId: old.userId, apiKeyId: old.id });
  const find = (key: string): Promise<ApiKey> => platform.db.apiKey.findUniqueOrThrow({ where: { id: key } });
  return { apiKey: await find(id), replaced: await find(old.id), secret };
}

async function requireOwnKey(db: Transaction, actor: Actor, id: string): Promise<ApiKey> {
  requireAccount(actor, 'manageApiKeys');
  const key = isUuid(id) ? await db.apiKey.findFirst({ where: { id, userId: actor.userId } }) : null;
  if (!key) throw new NotFound('API key', id, { path: ['input', 'apiKey'] });
  // A deploy key of who may not push any more is good for nothing, and its app is told of what happens to it.
  if (key.appId !== null && key.scopes.includes('PUSH')) await requireApp(db, actor, key.appId, 'push', ['input', 'apiKey']);
  return key;
}
