import { BusError } from '../../bus/ask.ts';

/** A push is refused: `message` is for the person who pushes, `reason` for git's one line about the branch. */
export class Refused extends Error {
  readonly reason: string;
  constructor(message: string, reason: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** The pushed tree cannot be stored as it is: its owner has to change it. */
export const invalidSource = (message: string, what: string, cause?: unknown): Refused => new Refused(message, `SOURCE_INVALID: ${what}`, { cause });

const isUnavailable = (error: unknown): boolean => error instanceof BusError && error.code === 'UNAVAILABLE';

export const NOT_READY = 'The platform is not ready (its database or its message server is away). Nothing was changed; try again in a moment.';

/** What the pusher is told of an error; what is no refusal but our own mistake is thrown on. */
export function toRefused(error: unknown, isStopping: boolean): Refused {
  if (error instanceof Refused) return error;
  if (isStopping) return new Refused('The git server is being restarted. A build that has begun goes on; push again to see how.', 'the git server is being restarted, push again');
  if (isUnavailable(error)) return new Refused(NOT_READY, 'the platform is not ready, try again');
  if (error instanceof BusError && error.code !== 'INTERNAL' && error.code !== 'BAD_REQUEST') return new Refused(error.message, 'refused by the platform');
  throw error;
}
