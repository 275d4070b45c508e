import type { User } from '../../prisma/generated/client/client.ts';
import { requireAccount } from '../access.ts';
import type { Actor } from '../access.ts';
import type { Platform, Transaction } from '../platform.ts';
import { WrongPassword } from './account-error.ts';
import { countGuess, forgetGuesses } from './guess.ts';
import { isPassword } from './password.ts';

/** Whether this address is an account's: who only signed up for one, and has not confirmed it, has none. */
export async function hasAccount(db: Platform['db'] | Transaction, email: string): Promise<boolean> {
  return await db.user.findFirst({ where: { email, emailConfirmedAt: { not: null } }, select: { id: true } }) !== null;
}

/** The actor's own account, to see or change. Throws Forbidden. */
export async function ownAccount({ db }: Pick<Platform, 'db'>, actor: Actor): Promise<User> {
  requireAccount(actor, 'manageAccount');
  return db.user.findUniqueOrThrow({ where: { id: actor.userId } });
}

/** The same, for a sensitive change: by who knows the current password, where one is set. Throws Forbidden, WrongPassword, TooManyAttempts. */
export async function provenAccount(platform: Platform, actor: Actor, currentPassword: string | null | undefined): Promise<User> {
  const user = await ownAccount(platform, actor);
  if (user.passwordHash === null) return user;
  await countGuess(platform.db, 'own', user.id);
  if (!await isPassword(user.passwordHash, currentPassword ?? '', platform.settings.passwordCost, user.id)) throw new WrongPassword();
  await forgetGuesses(platform.db, 'own', user.id);
  return user;
}

/**
 * Locks the account's row until the commit, and reads it again; null where it is not the one that was decided on any more: deleted,
 * or with another password.
 */
export async function lockAccount(tx: Transaction, seen: Pick<User, 'id' | 'passwordHash'>): Promise<User | null> {
  await tx.$queryRaw`SELECT 1 FROM "User" WHERE id = ${seen.id}::uuid FOR UPDATE`;
  const user = await tx.user.findUnique({ where: { id: seen.id } });
  return user && !user.deletedAt && user.passwordHash === seen.passwordHash ? user : null;
}

/** The same of the actor's own. Throws WrongPassword where it has changed meanwhile. */
export async function lockOwn(tx: Transaction, seen: User): Promise<User> {
  const user = await lockAccount(tx, seen);
  if (!user) throw new WrongPassword();
  return user;
}
