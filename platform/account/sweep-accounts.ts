import type { Platform } from '../platform.ts';
import { sweepDeletedAccounts } from './delete-account.ts';

const DAY_MS = 24 * 3_600_000;

/** Forgets what has no use any more: old tries, used and expired tokens, ended sessions, accounts that nobody confirmed; and finishes deletions. */
export async function sweepAccounts(platform: Platform): Promise<void> {
  const { db } = platform;
  const ago = (days: number): Date => new Date(Date.now() - days * DAY_MS);
  await sweepDeletedAccounts(platform);
  await db.guess.deleteMany({ where: { since: { lt: ago(1) } } });
  await db.emailToken.deleteMany({ where: { expiresAt: { lt: ago(7) } } });
  await db.session.deleteMany({ where: { OR: [{ endedAt: { lt: ago(30) } }, { expiresAt: { lt: ago(30) } }] } });
  await db.user.deleteMany({ where: { emailConfirmedAt: null, deletedAt: null, createdAt: { lt: ago(7) }, apiKeys: { none: {} }, apps: { none: {} }, emailTokens: { none: { expiresAt: { gt: new Date() } } } } });
}
