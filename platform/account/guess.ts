import { createHash } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import type { Platform, Transaction } from '../platform.ts';
import { TooManyAttempts } from './account-error.ts';

type Db = Platform['db'] | Transaction;

interface Limit { most: number; seconds: number }

/** What can be tried again and again, and how often within which time. */
const limits = {
  /** Passwords at one account from one source: a network, or a browser that was logged in to it before. */
  source: { most: 10, seconds: 15 * 60 },
  /** The same from all sources together, which bounds who guesses from many: NIST's SP 800-63B allows as many. */
  account: { most: 100, seconds: 15 * 60 },
  /** Codes of one account at its log-in, from all sources together. */
  code: { most: 10, seconds: 15 * 60 },
  /** Passwords and codes of one account, by whoever is logged in to it or has a key of it. */
  own: { most: 10, seconds: 15 * 60 },
  /** Log-ins from one address, whoever's: many people may be behind it. */
  address: { most: 100, seconds: 15 * 60 },
  /** Mails to one address that anybody can have sent. */
  mail: { most: 5, seconds: 60 * 60 },
  /** The same, asked for from one address. */
  mailFrom: { most: 30, seconds: 60 * 60 },
} as const satisfies Record<string, Limit>;
export type GuessKind = keyof typeof limits;

const subjectOf = (kind: GuessKind, of: string): string => createHash('sha256').update(`${kind} ${of}`).digest('hex');

/** Counts one try before it is made, so that many at once do not pass together. Throws TooManyAttempts. The database's clock counts. */
export async function countGuess(db: Db, kind: GuessKind, of: string): Promise<void> {
  const { most, seconds } = limits[kind];
  const [row] = await db.$queryRaw<{ count: number; since: Date }[]>`
    INSERT INTO "Guess" AS guess (subject, count, since) VALUES (${subjectOf(kind, of)}, 1, now())
    ON CONFLICT (subject) DO UPDATE SET
      count = CASE WHEN guess.since < now() - make_interval(secs => ${seconds}) THEN 1 ELSE guess.count + 1 END,
      since = CASE WHEN guess.since < now() - make_interval(secs => ${seconds}) THEN now() ELSE guess.since END
    RETURNING count, since`;
  if (row && row.count > most) throw new TooManyAttempts(new Date(row.since.getTime() + seconds * 1000));
}

/** The same of who asks; null (the address is not known) is not counted. */
export async function countGuessFrom(db: Db, kind: 'address' | 'mailFrom', address: string | null): Promise<void> {
  if (address !== null) await countGuess(db, kind, networkOf(address));
}

/** The secret was known: what was tried before it does not count any more. */
export async function forgetGuesses(db: Db, kind: GuessKind, of: string): Promise<void> {
  await db.guess.deleteMany({ where: { subject: subjectOf(kind, of) } });
}

/** One of the tries was none, as its secret was right. */
export async function takeBackGuess(db: Db, kind: GuessKind, of: string): Promise<void> {
  await db.guess.updateMany({ where: { subject: subjectOf(kind, of), count: { gt: 0 } }, data: { count: { decrement: 1 } } });
}

/** The same of who asks. */
export async function takeBackGuessFrom(db: Db, kind: 'address', address: string | null): Promise<void> {
  if (address !== null) await takeBackGuess(db, kind, networkOf(address));
}

/** An IPv4 address, or the /64 that one customer has of IPv6. */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6 ? parsed.parts.slice(0, 4).join(':') : parsed.toString();
}
