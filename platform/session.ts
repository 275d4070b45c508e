import type { Actor } from './access.ts';
import type { Platform } from './platform.ts';

/** `lastUsedAt` is this exact, so that a busy session is not a write a request. */
const USED_EVERY_MS = 60_000;

/** Who is logged in with the session whose secret has this SHA-256; null: unknown, expired or ended. A session may all that its user may. */
export async function findSessionActor({ db }: Pick<Platform, 'db'>, hash: Uint8Array): Promise<Actor | null> {
  const session = await db.session.findUnique({ where: { hash: new Uint8Array(hash) }, include: { user: true } });
  if (!session || session.endedAt || session.expiresAt <= new Date() || session.user.deletedAt) return null;
  const stale = new Date(Date.now() - USED_EVERY_MS);
  if (session.lastUsedAt < stale) await db.session.updateMany({ where: { id: session.id, lastUsedAt: { lt: stale } }, data: { lastUsedAt: new Date() } });
  const { id, userId, user } = session;
  return { userId, email: user.email, apiKeyId: null, sessionId: id, scopes: ['ADMIN'], appId: null, administrator: user.administrator };
}
