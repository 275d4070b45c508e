import type { ApiKey, User } from '../../prisma/generated/client/client.ts';
import type { Actor } from '../access.ts';
import type { Platform, Transaction } from '../platform.ts';

/** `lastUsedAt` is this exact, so that a busy key is not a write a request. */
const USED_EVERY_MS = 60_000;

/** Who asks by an API key. */
export type KeyActor = Actor & { apiKeyId: string };

type KeyOfUser = ApiKey & { user: User };

/** Who holds the key with this SHA-256 (looked up by an index of hashes, so timing tells nothing of the secret); null: unknown, expired or revoked. */
export async function findActor({ db }: Pick<Platform, 'db'>, hash: Uint8Array, address: string | null): Promise<KeyActor | null> {
  const key = await db.apiKey.findUnique({ where: { hash: new Uint8Array(hash) }, include: { user: true } });
  return key && useKey(db, key, address);
}

/** The same by the key's id, for one who showed the secret before: the key may have ended since. */
export async function findActorByKey({ db }: Pick<Platform, 'db'>, apiKeyId: string): Promise<KeyActor | null> {
  const key = await db.apiKey.findUnique({ where: { id: apiKeyId }, include: { user: true } });
  return key && useKey(db, key, null);
}

/** Who holds the key at this moment; to look is no use of it. */
export async function readKeyActor(tx: Transaction, apiKeyId: string): Promise<KeyActor | null> {
  const key = await tx.apiKey.findUnique({ where: { id: apiKeyId }, include: { user: true } });
  return key && holderOf(key);
}

function holderOf({ user, ...key }: KeyOfUser): KeyActor | null {
  if (key.revokedAt || (key.expiresAt && key.expiresAt <= new Date()) || user.deletedAt) return null;
  return { userId: user.id, email: user.email, apiKeyId: key.id, sessionId: null, scopes: key.scopes, appId: key.appId, administrator: user.administrator };
}

async function useKey(db: Platform['db'], key: KeyOfUser, address: string | null): Promise<KeyActor | null> {
  const holder = holderOf(key);
  const stale = new Date(Date.now() - USED_EVERY_MS);
  if (holder && (!key.lastUsedAt || key.lastUsedAt < stale)) {
    await db.apiKey.updateMany({ where: { id: key.id, OR: [{ lastUsedAt: null }, { lastUsedAt: { lt: stale } }] }, data: { lastUsedAt: new Date(), ...(address === null ? {} : { lastUsedFrom: address }) } });
  }
  return holder;
}
