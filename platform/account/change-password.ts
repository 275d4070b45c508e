import type { User } from '../../prisma/generated/client/client.ts';
import type { Actor } from '../access.ts';
import { lockOwn, ownAccount, provenAccount } from './account.ts';
import { InvalidToken } from './account-error.ts';
import { atLeast } from './at-least.ts';
import { readEmail } from './email-address.ts';
import { issueToken, readToken, useToken } from './email-token.ts';
import { countGuess, countGuessFrom, forgetGuesses } from './guess.ts';
import { forgetPasswords, guesserAt } from './log-in-guess.ts';
import { mailTexts } from '../mail-text.ts';
import { queueMail, tellCourier } from '../mail.ts';
import { checkNewPassword, hashPassword } from './password.ts';
import type { Platform, Transaction } from '../platform.ts';
import { endSessions, tellEnded } from './session.ts';
import type { Visitor } from './session.ts';
import { InvalidInput } from '../user-error.ts';
import { writeUserEvent } from '../user-event.ts';

/** Longer than a known address takes, so that the time of the answer tells nothing. */
const ANSWER_MS = 300;

/** Mails a link to set a new password, if there is such an account; the answer is the same where there is none. Throws InvalidInput, TooManyAttempts. */
export async function requestPasswordReset(platform: Platform, input: { email: string }, visitor: Visitor): Promise<string> {
  const email = readEmail(input.email);
  await countGuessFrom(platform.db, 'mailFrom', visitor.address);
  await countGuess(platform.db, 'mail', email);
  await atLeast(ANSWER_MS, async () => {
    const user = await platform.db.user.findUnique({ where: { email } });
    // Who never confirmed the address has no account; where nobody may sign up, a reset makes none either.
    if (!user || (user.emailConfirmedAt === null && platform.settings.registration !== 'open')) return;
    await platform.db.$transaction(async (tx) => {
      await queueMail(tx, platform, { to: email, ...mailTexts.resetPassword(platform.settings.url, await issueToken(tx, user.id, 'RESET_PASSWORD', email)) });
      await writeUserEvent(tx, { userId: user.id, apiKeyId: null }, 'PasswordResetRequested', {});
    });
    tellCourier(platform);
  });
  return email;
}

/** Sets a new password by the token of a mail, which also proves the address; all sessions end. A second factor stays. Throws InvalidToken, InvalidInput, TooManyAttempts. */
export async function resetPassword(platform: Platform, { token, password }: { token: string; password: string }, visitor: Visitor): Promise<User> {
  const { email } = await readToken(platform.db, 'RESET_PASSWORD', token);
  checkNewPassword(password, email);
  const passwordHash = await hashPassword(password, platform.settings.passwordCost, email);
  const { user, ended } = await platform.db.$transaction(async (tx) => {
    const { userId } = await useToken(tx, 'RESET_PASSWORD', token);
    const seen = await tx.user.findFirst({ where: { id: userId, email, deletedAt: null } });
    if (!seen) throw new InvalidToken();
    // A link to confirm the address may be with somebody who chose another password.
    await tx.emailToken.deleteMany({ where: { userId, purpose: 'CONFIRM_EMAIL' } });
    if (!seen.emailConfirmedAt) {
      await tx.user.update({ where: { id: userId }, data: { emailConfirmedAt: new Date() } });
      await writeUserEvent(tx, { userId, apiKeyId: null }, 'EmailConfirmed', {});
    }
    return writePassword(platform, tx, seen, { userId, apiKeyId: null, sessionId: null }, passwordHash);
  });
  await forgetPasswords(platform.db, await guesserAt(platform.db, email, user, visitor));
  await forgetGuesses(platform.db, 'own', user.id);
  tellEnded(platform, ended);
  tellCourier(platform);
  return user;
}

export interface ChangePasswordInput { currentPassword: string; newPassword: string }

/** Changes the actor's password; their other sessions end. Throws InvalidInput, WrongPassword, TooManyAttempts, Forbidden. */
export async function changePassword(platform: Platform, actor: Actor, { currentPassword, newPassword }: ChangePasswordInput): Promise<User> {
  const seen = await provenAccount(platform, actor, currentPassword);
  if (seen.passwordHash === null) throw new InvalidInput('No password is set, so there is none to change.', { hint: 'setPassword sets one.' });
  return replacePassword(platform, actor, seen, newPassword, 'newPassword');
}

/** Sets a password where there is none, as of the platform's first user. Throws InvalidInput, Forbidden. */
export async function setPassword(platform: Platform, actor: Actor, { password }: { password: string }): Promise<User> {
  const seen = await ownAccount(platform, actor);
  if (seen.passwordHash !== null) throw new InvalidInput('A password is set already.', { hint: 'changePassword changes it, and asks for it.' });
  return replacePassword(platform, actor, seen, password, 'password');
}

async function replacePassword(platform: Platform, actor: Actor, seen: User, password: string, field: string): Promise<User> {
  checkNewPassword(password, seen.email, field);
  const passwordHash = await hashPassword(password, platform.settings.passwordCost, seen.id);
  const { user, ended } = await platform.db.$transaction(async (tx) => writePassword(platform, tx, await lockOwn(tx, seen), actor, passwordHash));
  tellEnded(platform, ended);
  tellCourier(platform);
  return user;
}

async function writePassword(platform: Platform, tx: Transaction, { id, email }: User, by: Pick<Actor, 'userId' | 'apiKeyId' | 'sessionId'>, passwordHash: string) {
  const user = await tx.user.update({ where: { id }, data: { passwordHash } });
  await tx.emailToken.deleteMany({ where: { userId: id, purpose: 'RESET_PASSWORD' } });
  await writeUserEvent(tx, by, 'PasswordChanged', {});
  await queueMail(tx, platform, { to: email, ...mailTexts.passwordChanged(platform.settings.url) });
  return { user, ended: await endSessions(tx, by, by.sessionId) };
}
