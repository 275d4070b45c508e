import type { EmailToken } from '../../prisma/generated/client/client.ts';
import type { EmailTokenPurpose } from '../../prisma/generated/client/enums.ts';
import { hashSecret, randomSecret } from '../key/api-key-secret.ts';
import type { Platform, Transaction } from '../platform.ts';
import { InvalidToken } from './account-error.ts';

const HOUR_MS = 3_600_000;
const lifetimes: Record<EmailTokenPurpose, number> = { CONFIRM_EMAIL: 72 * HOUR_MS, CHANGE_EMAIL: 72 * HOUR_MS, RESET_PASSWORD: HOUR_MS };

/** A new token for a link in a mail to this address; it takes the place of the user's older ones for the same purpose. */
export async function issueToken(tx: Transaction, userId: string, purpose: EmailTokenPurpose, email: string): Promise<string> {
  const token = randomSecret();
  await tx.emailToken.deleteMany({ where: { userId, purpose } });
  await tx.emailToken.create({ data: { userId, purpose, email, hash: hashSecret(token), expiresAt: new Date(Date.now() + lifetimes[purpose]) } });
  return token;
}

const usable = (purpose: EmailTokenPurpose, token: string) => ({ hash: hashSecret(token), purpose, usedAt: null, expiresAt: { gt: new Date() } });

/** The token as it is, not used up; null: there is none that is good for this. */
export async function findToken(db: Platform['db'] | Transaction, purpose: EmailTokenPurpose, token: string): Promise<EmailToken | null> {
  return db.emailToken.findFirst({ where: usable(purpose, token) });
}

/** The same. Throws InvalidToken. */
export async function readToken(db: Platform['db'] | Transaction, purpose: EmailTokenPurpose, token: string): Promise<EmailToken> {
  const row = await findToken(db, purpose, token);
  if (!row) throw new InvalidToken();
  return row;
}

/** Uses the token up: of two at once, one gets it. Throws InvalidToken. */
export async function useToken(tx: Transaction, purpose: EmailTokenPurpose, token: string): Promise<EmailToken> {
  const [row] = await tx.emailToken.updateManyAndReturn({ where: usable(purpose, token), data: { usedAt: new Date() } });
  if (!row) throw new InvalidToken();
  return row;
}
