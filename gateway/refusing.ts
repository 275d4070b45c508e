import { BusError } from '../bus/ask.ts';
import { UserError } from '../platform/user-error.ts';

/** Lets a use case's refusals travel: a UserError by its code, a database that is away as `UNAVAILABLE`. */
export function refusing<Q, A>(handle: (payload: Q) => Promise<A>): (payload: Q) => Promise<A> {
  return async (payload) => {
    try {
      return await handle(payload);
    } catch (error) {
      if (error instanceof UserError) throw new BusError(error.code, error.message, { cause: error });
      if (isDatabaseAway(error)) throw new BusError('UNAVAILABLE', 'The database is away; try again.', { cause: error });
      throw error;
    }
  };
}

/** Prisma's codes for a server that cannot be reached or gave up, PostgreSQL's classes for one that stops or starts (57P0x, 08xxx), and what `pg` says while one restarts. */
const AWAY_CODE = /^(P1001|P1002|P1008|P1017|P2024|P2028|ECONNREFUSED|ECONNRESET|EPIPE|ENOENT|57P0\d|08\d{3})$/;
const AWAY_WORDS = /Code: `(57P0\d|08\d{3})`|EPIPE|Can't reach database|Connection terminated|ECONNREFUSED|ECONNRESET|starting up|shutting down|timeout exceeded when trying to connect|administrator command|DatabaseNotReachable|ENOENT/;

export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return AWAY_CODE.test(code) || AWAY_WORDS.test(error.message) || ('cause' in error && isDatabaseAway(error.cause));
}
