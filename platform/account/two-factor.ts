import { randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import type { User } from '../../prisma/generated/client/client.ts';
import type { Actor } from '../access.ts';
import { lockOwn, ownAccount, provenAccount } from './account.ts';
import { WrongCode } from './account-error.ts';
import { hashSecret } from '../key/api-key-secret.ts';
import { countGuess, forgetGuesses } from './guess.ts';
import { mailTexts } from '../mail-text.ts';
import { queueMail, tellCourier } from '../mail.ts';
import type { Platform, Transaction } from '../platform.ts';
import { totpContext } from '../encryption/sealed-row.ts';
import type { SecretBox } from '../encryption/secret-box.ts';
import { InvalidInput } from '../user-error.ts';
import { writeUserEvent } from '../user-event.ts';

/** RFC 4226 recommends 160 bits; what every authenticator app takes is SHA-1, six digits, thirty seconds. */
const SECRET_BYTES = 20;
const PERIOD_SECONDS = 30;
/** A code of the step before or after counts too: clocks differ, and people are slow. */
const WINDOW = 1;
const RECOVERY_CODES = 10;

function totpOf(secret: Secret, email: string, url: string): TOTP {
  return new TOTP({ issuer: `Slipway (${new URL(url).host})`, label: email, secret, algorithm: 'SHA1', digits: 6, period: PERIOD_SECONDS });
}

/** The time step that this code is of; null: it is none of now. */
function stepOf(box: SecretBox, user: Pick<User, 'id' | 'totpSecret'>, code: string): number | null {
  if (user.totpSecret === null) return null;
  const secret = new Secret({ buffer: new Uint8Array(box.open(user.totpSecret, totpContext(user.id))).buffer });
  const token = code.replace(/\s/g, '');
  if (!/^\d{6}$/.test(token)) return null;
  const timestamp = Date.now();
  const delta = TOTP.validate({ token, secret, algorithm: 'SHA1', digits: 6, period: PERIOD_SECONDS, timestamp, window: WINDOW });
  return delta === null ? null : Math.floor(timestamp / 1000 / PERIOD_SECONDS) + delta;
}

/** Whether the code is good; then neither it nor an older one is again. */
export async function useTotpCode(tx: Transaction, box: SecretBox, user: Pick<User, 'id' | 'totpSecret'>, code: string): Promise<boolean> {
  const step = stepOf(box, user, code);
  if (step === null) return false;
  const { count } = await tx.user.updateMany({ where: { id: user.id, totpLastStep: { lt: step } }, data: { totpLastStep: step } });
  return count > 0;
}

const hashCode = (code: string): Uint8Array<ArrayBuffer> => hashSecret(code.toLowerCase().replace(/[^a-z2-7]/g, ''));

/** Whether this is one of the user's recovery codes; then it is used up. */
export async function useRecoveryCode(tx: Transaction, userId: string, code: string): Promise<boolean> {
  const { count } = await tx.recoveryCode.updateMany({ where: { userId, hash: hashCode(code), usedAt: null }, data: { usedAt: new Date() } });
  return count > 0;
}

/** New codes in place of all older ones: 80 random bits each, so that SHA-256 is enough to keep them by. */
async function replaceRecoveryCodes(tx: Transaction, userId: string): Promise<string[]> {
  const codes = Array.from({ length: RECOVERY_CODES }, () => new Secret({ buffer: new Uint8Array(randomBytes(10)).buffer }).base32.toLowerCase().match(/.{4}/g)?.join('-') ?? '');
  await tx.recoveryCode.deleteMany({ where: { userId } });
  await tx.recoveryCode.createMany({ data: codes.map((code) => ({ userId, hash: hashCode(code) })) });
  return codes;
}

/** Begins to set two-factor log-in up: the secret for the authenticator app, and the same as a URI. Not in force before `confirmTwoFactor`. */
export async function enableTwoFactor(platform: Platform, actor: Actor, { currentPassword }: { currentPassword?: string | null | undefined }): Promise<{ secret: string; uri: string }> {
  const user = await provenAccount(platform, actor, currentPassword);
  if (user.passwordHash === null) throw new InvalidInput('A second factor takes a first: set a password before.', { hint: 'setPassword sets one.' });
  const secret = new Secret({ size: SECRET_BYTES });
  await platform.db.$transaction(async (tx) => {
    const { totpEnabledAt } = await lockOwn(tx, user);
    if (totpEnabledAt) throw new InvalidInput('Two-factor log-in is on already.', { hint: 'To use another app, turn it off first.' });
    await tx.user.update({ where: { id: user.id }, data: { totpSecret: platform.box.seal(secret.bytes, totpContext(user.id)) } });
    await writeUserEvent(tx, actor, 'TwoFactorStarted', {});
  });
  return { secret: secret.base32, uri: totpOf(secret, user.email, platform.settings.url).toString() };
}

/** Turns two-factor log-in on by the app's first code; the recovery codes are answered once. Throws InvalidInput, WrongCode, TooManyAttempts, Forbidden. */
export async function confirmTwoFactor(platform: Platform, actor: Actor, { code }: { code: string }): Promise<string[]> {
  const seen = await ownAccount(platform, actor);
  if (seen.totpEnabledAt) throw new InvalidInput('Two-factor log-in is on already.');
  if (seen.totpSecret === null) throw new InvalidInput('There is nothing to confirm.', { hint: 'enableTwoFactor gives the secret for the app.' });
  await countGuess(platform.db, 'own', seen.id);
  const codes = await platform.db.$transaction(async (tx) => {
    const user = await lockOwn(tx, seen);
    if (user.totpEnabledAt || !await useTotpCode(tx, platform.box, user, code)) throw new WrongCode();
    await tx.user.update({ where: { id: user.id }, data: { totpEnabledAt: new Date() } });
    await writeUserEvent(tx, actor, 'TwoFactorEnabled', {});
    await queueMail(tx, platform, { to: user.email, ...mailTexts.twoFactorEnabled(platform.settings.url) });
    return replaceRecoveryCodes(tx, user.id);
  });
  await forgetGuesses(platform.db, 'own', seen.id);
  tellCourier(platform);
  return codes;
}

const notOn = (): InvalidInput => new InvalidInput('Two-factor log-in is off.', { hint: 'enableTwoFactor begins to set it up.' });

/** Turns two-factor log-in off; secret and recovery codes go. Throws InvalidInput, WrongPassword, TooManyAttempts, Forbidden. */
export async function disableTwoFactor(platform: Platform, actor: Actor, { currentPassword }: { currentPassword?: string | null | undefined }): Promise<User> {
  const seen = await provenAccount(platform, actor, currentPassword);
  const off = await platform.db.$transaction(async (tx) => {
    const user = await lockOwn(tx, seen);
    if (!user.totpEnabledAt) throw notOn();
    await tx.recoveryCode.deleteMany({ where: { userId: user.id } });
    await writeUserEvent(tx, actor, 'TwoFactorDisabled', {});
    await queueMail(tx, platform, { to: user.email, ...mailTexts.twoFactorDisabled(platform.settings.url) });
    return tx.user.update({ where: { id: user.id }, data: { totpEnabledAt: null, totpSecret: null } });
  });
  tellCourier(platform);
  return off;
}

/** Ten new recovery codes, answered once; the old ones are good for nothing. Throws InvalidInput, WrongPassword, TooManyAttempts, Forbidden. */
export async function regenerateRecoveryCodes(platform: Platform, actor: Actor, { currentPassword }: { currentPassword?: string | null | undefined }): Promise<string[]> {
  const seen = await provenAccount(platform, actor, currentPassword);
  return platform.db.$transaction(async (tx) => {
    const user = await lockOwn(tx, seen);
    if (!user.totpEnabledAt) throw notOn();
    await writeUserEvent(tx, actor, 'RecoveryCodesReplaced', {});
    return replaceRecoveryCodes(tx, user.id);
  });
}
