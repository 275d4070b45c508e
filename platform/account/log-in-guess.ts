import type { User } from '../../prisma/generated/client/client.ts';
import { hashSecret } from '../key/api-key-secret.ts';
import type { Platform } from '../platform.ts';
import { countGuess, countGuessFrom, forgetGuesses, networkOf, takeBackGuess, takeBackGuessFrom } from './guess.ts';
import type { Visitor } from './session.ts';

type Db = Platform['db'];

/** Who tries to log in to an account: a browser that was logged in to it before, or a stranger (null). Their guesses are counted apart, so that no stranger holds up a browser that is known. */
export interface Guesser { email: string; address: string | null; session: string | null }

/** @param user whose address it is, if it is anybody's */
export async function guesserAt(db: Db, email: string, user: Pick<User, 'id'> | null, { address, sessions }: Visitor): Promise<Guesser> {
  // Also looked for where there is no user, so that the time tells nothing of it.
  const had = sessions.length === 0 ? [] : await db.session.findMany({ where: { hash: { in: sessions.map(hashSecret) } }, select: { id: true, userId: true } });
  return { email, address, session: had.find(({ userId }) => userId === user?.id)?.id ?? null };
}

const circleOf = ({ email, session }: Guesser): string => `${session === null ? 'strangers' : 'known'} ${email}`;
const sourceOf = (guesser: Guesser): string => `${circleOf(guesser)} ${workerOf(guesser)}`;

/** Who asks for the work that a password takes. */
export const workerOf = ({ session, address }: Guesser): string => session ?? networkOf(address ?? 'unknown');

/** Counts a password before it is tried; what one source tries too often does not count for the account. Throws TooManyAttempts. */
export async function countPassword(db: Db, guesser: Guesser): Promise<void> {
  // Others behind the same address must not hold up a browser that is known either.
  if (guesser.session === null) await countGuessFrom(db, 'address', guesser.address);
  await countGuess(db, 'source', sourceOf(guesser));
  await countGuess(db, 'account', circleOf(guesser));
}

/** The password was right: what this source tried before does not count any more, and this was no guess. */
export async function forgivePassword(db: Db, guesser: Guesser): Promise<void> {
  if (guesser.session === null) await takeBackGuessFrom(db, 'address', guesser.address);
  await forgetGuesses(db, 'source', sourceOf(guesser));
  await takeBackGuess(db, 'account', circleOf(guesser));
}

/** There is another password now: what was tried at the old one does not count any more. */
export async function forgetPasswords(db: Db, guesser: Guesser): Promise<void> {
  await forgetGuesses(db, 'source', sourceOf(guesser));
  for (const circle of ['strangers', 'known']) await forgetGuesses(db, 'account', `${circle} ${guesser.email}`);
}

/** Counts a code before it is tried, by who knows the password. All strangers have these few together: six digits are soon guessed from many places. Throws TooManyAttempts. */
export async function countCode(db: Db, guesser: Guesser): Promise<void> {
  await countGuess(db, 'code', circleOf(guesser));
}

/** The code was right. */
export async function forgiveCode(db: Db, guesser: Guesser): Promise<void> {
  await forgetGuesses(db, 'code', circleOf(guesser));
}
