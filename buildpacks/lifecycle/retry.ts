import { setTimeout as pause } from 'node:timers/promises';

/** Something that is away and may come back. */
export class UnavailableError extends Error {}

/** A minute of the gateway's absence: a restart is over by then. */
const ATTEMPTS = 9;

/** Tries again, with growing pauses (about a minute in all), what failed with UnavailableError. */
export async function retry<T>(what: string, attempt: () => Promise<T>, firstPauseMs = 250): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      if (tries === ATTEMPTS) throw new Error(`${error.message} Gave up on ${what} after ${tries} attempts.`, { cause: error });
      await pause(firstPauseMs * 2 ** (tries - 1) * (0.75 + Math.random() / 2));
    }
  }
}
