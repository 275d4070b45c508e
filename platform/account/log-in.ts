import type { Session, User } from '../../prisma/generated/client/client.ts';
import { lockAccount } from './account.ts';
import { LogInFailed, TwoFactorRequired, WrongCode } from './account-error.ts';
import { countCode, countPassword, forgiveCode, forgivePassword, guesserAt, workerOf } from './log-in-guess.ts';
import { isPassword } from './password.ts';
import type { Platform, Transaction } from '../platform.ts';
import { startSession } from './session.ts';
import type { Visitor } from './session.ts';
import { storedText } from '../stored-text.ts';
import { useRecoveryCode, useTotpCode } from './two-factor.ts';

export interface LogInInput { email: string; password: string; code?: string | null | undefined; recoveryCode?: string | null | undefined }

export interface LoggedIn { user: User; session: Session; secret: string }

/**
 * Logs a browser in. An unknown address costs the same time and answers the same as a wrong password. Throws LogInFailed, TwoFactorRequired,
 * WrongCode (these only to who knows the password), TooManyAttempts.
 */
export async function logIn(platform: Platform, input: LogInInput, visitor: Visitor): Promise<LoggedIn> {
  const email = storedText(input.email.trim().toLowerCase()).slice(0, 254);
  const found = await platform.db.user.findUnique({ where: { email } });
  const guesser = await guesserAt(platform.db, email, found, visitor);
  await countPassword(platform.db, guesser);
  const right = await isPassword(found?.passwordHash ?? null, input.password, platform.settings.passwordCost, workerOf(guesser));
  if (!right || !found?.emailConfirmedAt) throw new LogInFailed();
  await forgivePassword(platform.db, guesser);
  if (input.code != null || input.recoveryCode != null) await countCode(platform.db, guesser);
  const loggedIn = await platform.db.$transaction(async (tx) => {
    const user = await lockAccount(tx, found);
    if (!user) throw new LogInFailed();
    await useSecondFactor(platform, tx, user, input);
    return { user, ...await startSession(tx, user.id, visitor) };
  });
  await forgiveCode(platform.db, guesser);
  return loggedIn;
}

async function useSecondFactor({ box }: Platform, tx: Transaction, user: User, { code, recoveryCode }: LogInInput): Promise<void> {
  if (user.totpEnabledAt === null) return;
  if (code != null) {
    if (!await useTotpCode(tx, box, user, code)) throw new WrongCode();
    return;
  }
  if (recoveryCode == null) throw new TwoFactorRequired();
  if (!await useRecoveryCode(tx, user.id, recoveryCode)) throw new WrongCode('recoveryCode');
}
