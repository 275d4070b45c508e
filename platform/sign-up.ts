import type { Invitation, User } from '../prisma/generated/client/client.ts';
import { InvalidToken, RegistrationClosed } from './account-error.ts';
import { readEmail } from './email-address.ts';
import { issueToken, useToken } from './email-token.ts';
import { countGuess, countGuessFrom } from './guess.ts';
import { findOpenInvitation } from './invitation.ts';
import { mailTexts } from './mail-text.ts';
import { queueMail, tellCourier } from './mail.ts';
import { checkNewPassword, hashPassword, isPassword } from './password.ts';
import type { Platform, Transaction } from './platform.ts';
import type { Visitor } from './session.ts';
import { writeUserEvent } from './user-event.ts';

export interface SignUpInput { email: string; password: string; invitation?: string | null | undefined }

/** Whether the address can log in at once, as an invitation proved it. */
export interface SignedUp { email: string; confirmed: boolean }

/**
 * Makes an account, and mails a link to confirm its address. An address that has one gets another mail, and the answer is the same, after
 * the same work. Throws InvalidInput, RegistrationClosed, InvalidToken, TooManyAttempts.
 */
export async function signUp(platform: Platform, input: SignUpInput, visitor: Visitor): Promise<SignedUp> {
  const { registration, passwordCost } = platform.settings;
  if (registration === 'closed' || (registration === 'invitation' && input.invitation == null)) throw new RegistrationClosed(registration === 'invitation');
  const email = readEmail(input.email);
  checkNewPassword(input.password, email);
  await countGuessFrom(platform.db, 'mailFrom', visitor.address);
  await countGuess(platform.db, 'mail', email);
  const invitation = input.invitation == null ? null : await requireInvitation(platform, email, input.invitation);
  const passwordHash = await hashPassword(input.password, passwordCost);
  const known = await platform.db.user.findUnique({ where: { email } });
  const samePassword = await isPassword(known?.passwordHash ?? null, input.password, passwordCost);
  const confirmed = await platform.db.$transaction((tx) => writeSignUp(platform, tx, { email, passwordHash, invitation, known, samePassword }));
  tellCourier(platform);
  return { email, confirmed };
}

/** Throws InvalidToken where this is no invitation of this address that is still good. */
async function requireInvitation({ db }: Platform, email: string, token: string): Promise<Invitation> {
  const invitation = await findOpenInvitation(db, token);
  if (invitation?.email !== email) throw new InvalidToken('Sign up with the address that the invitation was sent to, or ask for a new one.');
  return invitation;
}

interface Decided { email: string; passwordHash: string; invitation: Invitation | null; known: User | null; samePassword: boolean }

async function writeSignUp(platform: Platform, tx: Transaction, { email, passwordHash, invitation, known, samePassword }: Decided): Promise<boolean> {
  const { count: made } = await tx.user.createMany({ data: [{ email, passwordHash, emailConfirmedAt: invitation ? new Date() : null }], skipDuplicates: true });
  await tx.$queryRaw`SELECT 1 FROM "User" WHERE email = ${email} FOR UPDATE`;
  const user = await tx.user.findUniqueOrThrow({ where: { email } });
  if (made === 0 && user.emailConfirmedAt) {
    await queueMail(tx, platform, { to: email, ...mailTexts.haveAccount(platform.settings.url) });
    return false;
  }
  const by = { userId: user.id, apiKeyId: null };
  if (made > 0) await writeUserEvent(tx, by, 'SignedUp', {});
  if (invitation) {
    // One to an app is accepted by who has logged in.
    if (invitation.appId === null) await tx.invitation.update({ where: { id: invitation.id }, data: { acceptedAt: new Date() } });
    if (made === 0) await tx.user.update({ where: { id: user.id }, data: { passwordHash, emailConfirmedAt: new Date() } });
    await writeUserEvent(tx, by, 'EmailConfirmed', {});
    return true;
  }
  // Whoever has the address must not confirm a password that somebody else chose before or after: of two, neither counts, and the reset link sets one.
  if (made === 0 && !(samePassword && known?.passwordHash === user.passwordHash)) await tx.user.update({ where: { id: user.id }, data: { passwordHash: null } });
  await queueMail(tx, platform, { to: email, ...mailTexts.confirmEmail(platform.settings.url, await issueToken(tx, user.id, 'CONFIRM_EMAIL', email)) });
  return false;
}

/** Confirms the address of a new account by the token of its mail. Throws InvalidToken. */
export async function confirmEmail(platform: Platform, token: string): Promise<User> {
  return platform.db.$transaction(async (tx) => {
    const { userId, email } = await useToken(tx, 'CONFIRM_EMAIL', token);
    const { count } = await tx.user.updateMany({ where: { id: userId, email, deletedAt: null }, data: { emailConfirmedAt: new Date() } });
    if (count === 0) throw new InvalidToken();
    await writeUserEvent(tx, { userId, apiKeyId: null }, 'EmailConfirmed', {});
    return tx.user.findUniqueOrThrow({ where: { id: userId } });
  });
}
