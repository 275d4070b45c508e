import type { User } from '../../prisma/generated/client/client.ts';
import { hasAccount } from './account.ts';
import { InvalidToken, RegistrationClosed } from './account-error.ts';
import { hashSecret } from '../key/api-key-secret.ts';
import { atLeast } from './at-least.ts';
import { readEmail } from './email-address.ts';
import { findToken, issueToken } from './email-token.ts';
import { countGuess, countGuessFrom } from './guess.ts';
import { findOpenInvitation } from '../people/invitation.ts';
import { mailTexts } from '../mail-text.ts';
import { queueMail, tellCourier } from '../mail.ts';
import { checkNewPassword, hashPassword } from './password.ts';
import type { Platform, Transaction } from '../platform.ts';
import type { Visitor } from './session.ts';
import { writeUserEvent } from '../user-event.ts';

const HAS_ACCOUNT = 'This address has an account: log in, or set a new password.';

/** Longer than either of the two mails takes, so that the time of the answer does not tell which one is sent. */
const ANSWER_MS = 300;

/**
 * Mails a link by which whoever reads it makes the account. An address that has one gets another mail, and the answer is the same.
 * Throws InvalidInput, RegistrationClosed, TooManyAttempts.
 */
export async function signUp(platform: Platform, input: { email: string }, visitor: Visitor): Promise<string> {
  const { registration } = platform.settings;
  if (registration !== 'open') throw new RegistrationClosed(registration === 'invitation');
  const email = readEmail(input.email);
  await countGuessFrom(platform.db, 'mailFrom', visitor.address);
  await countGuess(platform.db, 'mail', email);
  await atLeast(ANSWER_MS, () => platform.db.$transaction((tx) => writeSignUp(platform, tx, email)));
  tellCourier(platform);
  return email;
}

async function writeSignUp(platform: Platform, tx: Transaction, email: string): Promise<void> {
  const { url } = platform.settings;
  const { id, emailConfirmedAt } = await ensureUser(tx, email);
  const text = emailConfirmedAt ? mailTexts.haveAccount(url) : mailTexts.confirmEmail(url, await issueToken(tx, id, 'CONFIRM_EMAIL', email));
  await queueMail(tx, platform, { to: email, ...text });
}

/** The row of this address, locked until the commit. */
async function ensureUser(tx: Transaction, email: string): Promise<User> {
  const [made] = await tx.user.createManyAndReturn({ data: [{ email }], skipDuplicates: true });
  if (made) await writeUserEvent(tx, { userId: made.id, apiKeyId: null }, 'SignedUp', {});
  await tx.$queryRaw`SELECT 1 FROM "User" WHERE email = ${email} FOR UPDATE`;
  return tx.user.findUniqueOrThrow({ where: { email } });
}

export interface ConfirmEmailInput { token: string; password: string }

/**
 * Makes the account by the token of a sign-up's mail or of an invitation. The password is chosen here and not at the sign-up: anybody can sign
 * up with any address, and whoever reads its mails must not confirm a password of theirs. Throws InvalidToken, InvalidInput, RegistrationClosed, TooManyAttempts.
 */
export async function confirmEmail(platform: Platform, { token, password }: ConfirmEmailInput): Promise<User> {
  if (platform.settings.registration === 'closed') throw new RegistrationClosed(false);
  const email = await addressOf(platform.db, token);
  checkNewPassword(password, email);
  // Once more below; here, so that a link that is good for nothing costs nothing.
  if (await hasAccount(platform.db, email)) throw new InvalidToken(HAS_ACCOUNT);
  const passwordHash = await hashPassword(password, platform.settings.passwordCost, email);
  return platform.db.$transaction(async (tx) => {
    const user = await ensureUser(tx, await addressOf(tx, token));
    if (user.emailConfirmedAt) throw new InvalidToken(HAS_ACCOUNT);
    // One to an app is accepted by who has logged in.
    await tx.invitation.updateMany({ where: { hash: hashSecret(token), appId: null }, data: { acceptedAt: new Date() } });
    await tx.emailToken.deleteMany({ where: { userId: user.id } });
    await writeUserEvent(tx, { userId: user.id, apiKeyId: null }, 'EmailConfirmed', {});
    return tx.user.update({ where: { id: user.id }, data: { passwordHash, emailConfirmedAt: new Date() } });
  });
}

/** The address that the token was mailed to. Throws InvalidToken. */
async function addressOf(db: Platform['db'] | Transaction, token: string): Promise<string> {
  const found = await findToken(db, 'CONFIRM_EMAIL', token) ?? await findOpenInvitation(db, token);
  if (!found) throw new InvalidToken();
  return found.email;
}
