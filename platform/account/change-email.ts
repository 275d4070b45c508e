import type { User } from '../../prisma/generated/client/client.ts';
import { isUniqueViolation } from '../../prisma/client.ts';
import type { Actor } from '../access.ts';
import { actorNow } from '../actor-now.ts';
import { hasAccount, lockOwn, ownAccount, provenAccount } from './account.ts';
import { InvalidToken } from './account-error.ts';
import { readEmail } from './email-address.ts';
import { issueToken, useToken } from './email-token.ts';
import { countGuess } from './guess.ts';
import { mailTexts } from '../mail-text.ts';
import { queueMail, tellCourier } from '../mail.ts';
import type { Platform } from '../platform.ts';
import { tellRights } from '../tell-access.ts';
import { InvalidInput } from '../user-error.ts';
import { writeUserEvent } from '../user-event.ts';

export interface RequestEmailChangeInput { email: string; currentPassword?: string | null | undefined }

/**
 * Mails a link to the new address; the old one stays until it is followed. An address that has an account gets another mail, and the answer
 * is the same. Throws InvalidInput, WrongPassword, TooManyAttempts, Forbidden.
 */
export async function requestEmailChange(platform: Platform, actor: Actor, input: RequestEmailChangeInput): Promise<string> {
  const seen = await provenAccount(platform, actor, input.currentPassword);
  const email = readEmail(input.email);
  if (email === seen.email) throw new InvalidInput('This is your address already.', { path: ['input', 'email'] });
  await countGuess(platform.db, 'mail', `of ${seen.id}`);
  await countGuess(platform.db, 'mail', email);
  await platform.db.$transaction(async (tx) => {
    const user = await lockOwn(tx, seen);
    const token = await issueToken(tx, user.id, 'CHANGE_EMAIL', email);
    const taken = await hasAccount(tx, email);
    await queueMail(tx, platform, { to: email, ...(taken ? mailTexts.addressInUse(platform.settings.url) : mailTexts.confirmNewEmail(platform.settings.url, token)) });
    await writeUserEvent(tx, actor, 'EmailChangeRequested', {});
  });
  tellCourier(platform);
  return email;
}

/**
 * Makes the new address the actor's by the token of its mail, and tells the old one; links that went to the old one are invalid. Who only reads
 * the mail cannot: it may have been asked for by a stranger, whose account would then have their address. Throws InvalidToken, WrongPassword, Forbidden.
 */
export async function confirmEmailChange(platform: Platform, actor: Actor, token: string): Promise<User> {
  const seen = await ownAccount(platform, actor);
  const user = await platform.db.$transaction(async (tx) => {
    const { userId, email } = await useToken(tx, 'CHANGE_EMAIL', token);
    if (userId !== actor.userId) throw new InvalidToken('Log in to the account that asked for this address, and open the link again.');
    await actorNow(tx, actor);
    const before = await lockOwn(tx, seen);
    // Anybody can have signed up with it; who has not confirmed that has no account, and nothing that could be lost.
    await tx.user.deleteMany({ where: { email, emailConfirmedAt: null } });
    const after = await tx.user.update({ where: { id: userId }, data: { email, emailConfirmedAt: new Date() } });
    await tx.emailToken.deleteMany({ where: { userId } });
    await writeUserEvent(tx, actor, 'EmailChanged', {});
    await queueMail(tx, platform, { to: before.email, ...mailTexts.emailChanged(platform.settings.url, email) });
    return after;
  }).catch((error: unknown) => {
    // Somebody signed up with it meanwhile, and has read a mail there too.
    if (isUniqueViolation(error)) throw new InvalidToken('This address has an account of its own by now; use another one.');
    throw error;
  });
  // Who lives by this account has its old address in mind.
  tellRights(platform, user.id);
  tellCourier(platform);
  return user;
}
