import type { Session, User } from '../../prisma/generated/client/client.ts';
import { isUuid, requireAccount, visibleOwn } from '../access.ts';
import type { Actor } from '../access.ts';
import { hashSecret, randomSecret } from '../key/api-key-secret.ts';
import type { Platform, Transaction } from '../platform.ts';
import { storedText } from '../stored-text.ts';
import { tellAccess } from '../tell-access.ts';
import { InvalidInput, NotFound } from '../user-error.ts';
import { writeUserEvent } from '../user-event.ts';

/** `lastUsedAt` is this exact, so that a busy session is not a write a request. */
const USED_EVERY_MS = 60_000;

/** A session ends so long after its last use. */
const LIFETIME_MS = 30 * 24 * 3_600_000;

/** What is known of a browser or program, whoever uses it. `sessions`: secrets of those that this browser is, or was last, logged in with. */
export interface Visitor { address: string | null; userAgent: string; sessions: readonly string[] }

/** Who is logged in with the session whose secret has this SHA-256; null: unknown, expired or ended. A session may all that its user may. */
export async function findSessionActor({ db }: Pick<Platform, 'db'>, hash: Uint8Array): Promise<Actor | null> {
  const session = await db.session.findUnique({ where: { hash: new Uint8Array(hash) }, include: { user: true } });
  const actor = session && actorOf(session);
  const stale = new Date(Date.now() - USED_EVERY_MS);
  if (actor && session.lastUsedAt < stale) {
    await db.session.updateMany({ where: { id: session.id, lastUsedAt: { lt: stale } }, data: { lastUsedAt: new Date(), expiresAt: new Date(Date.now() + LIFETIME_MS) } });
  }
  return actor;
}

/** Who is logged in with the session at this moment; to look is no use of it. */
export async function readSessionActor(tx: Transaction, id: string): Promise<Actor | null> {
  const session = await tx.session.findUnique({ where: { id }, include: { user: true } });
  return session && actorOf(session);
}

function actorOf({ user, ...session }: Session & { user: User }): Actor | null {
  if (session.endedAt || session.expiresAt <= new Date() || user.deletedAt) return null;
  return { userId: user.id, email: user.email, apiKeyId: null, sessionId: session.id, scopes: ['ADMIN'], appId: null, administrator: user.administrator };
}

/** Logs a user in; the secret is what the browser's cookie holds. */
export async function startSession(tx: Transaction, userId: string, { address, userAgent }: Pick<Visitor, 'address' | 'userAgent'>): Promise<{ session: Session; secret: string }> {
  const secret = randomSecret();
  const session = await tx.session.create({
    data: { userId, hash: hashSecret(secret), userAgent: storedText(userAgent).slice(0, 300), address: storedText(address ?? '').slice(0, 100), expiresAt: new Date(Date.now() + LIFETIME_MS) },
  });
  await writeUserEvent(tx, { userId, apiKeyId: null }, 'LoggedIn', { sessionId: session.id });
  return { session, secret };
}

/** The user's sessions that have not ended, as a `where`. */
export const openSessions = (userId: string) => ({ userId, endedAt: null, expiresAt: { gt: new Date() } });

/** Ends all of a user's sessions but one. Call `tellEnded` with what it gives back, after the commit. */
export async function endSessions(tx: Transaction, { userId, apiKeyId }: Pick<Actor, 'userId' | 'apiKeyId'>, except: string | null): Promise<Session[]> {
  const ended = await tx.session.updateManyAndReturn({ where: { ...openSessions(userId), ...(except === null ? {} : { id: { not: except } }) }, data: { endedAt: new Date() } });
  for (const { id } of ended) await writeUserEvent(tx, { userId, apiKeyId }, 'SessionEnded', { sessionId: id });
  return ended;
}

/** Ends what lives by these sessions, everywhere. */
export function tellEnded(platform: Pick<Platform, 'bus'>, sessions: readonly Session[]): void {
  for (const { id, userId } of sessions) tellAccess(platform, { userId, sessionId: id });
}

/** Logs one browser of the actor's out. Doing it twice changes nothing. Throws NotFound, Forbidden. */
export async function endSession(platform: Platform, actor: Actor, id: string): Promise<Session> {
  requireAccount(actor, 'manageAccount');
  const session = isUuid(id) ? await platform.db.session.findFirst({ where: { AND: [visibleOwn(actor), { id }] } }) : null;
  if (!session) throw new NotFound('session', id, { path: ['input', 'session'] });
  const ended = await platform.db.$transaction(async (tx) => {
    const [row] = await tx.session.updateManyAndReturn({ where: { id, endedAt: null }, data: { endedAt: new Date() } });
    if (row) await writeUserEvent(tx, actor, 'SessionEnded', { sessionId: id });
    return row;
  });
  if (ended) tellEnded(platform, [ended]);
  return ended ?? platform.db.session.findUniqueOrThrow({ where: { id } });
}

/** Logs all browsers of the actor's out but the one that asks. Throws Forbidden. */
export async function endOtherSessions(platform: Platform, actor: Actor): Promise<Session[]> {
  requireAccount(actor, 'manageAccount');
  const ended = await platform.db.$transaction((tx) => endSessions(tx, actor, actor.sessionId));
  tellEnded(platform, ended);
  return ended;
}

/** Ends the session that asks. Throws Forbidden, InvalidInput where an API key asks. */
export async function logOut(platform: Platform, actor: Actor): Promise<Session> {
  requireAccount(actor, 'manageAccount');
  if (actor.sessionId === null) throw new InvalidInput('An API key asks, and no browser that is logged in.', { hint: 'revokeApiKey ends a key, endSession a session.' });
  return endSession(platform, actor, actor.sessionId);
}
