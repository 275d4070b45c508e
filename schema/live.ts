import type { ApiContext } from './context.ts';

/**
 * A subscription from a generator that gets a signal: it aborts when the client leaves or the context's does. A generator alone would
 * notice only at its next yield, and one that waits for rows may never come to it.
 */
export function live<T>(ctx: Pick<ApiContext, 'signal'>, generate: (signal: AbortSignal) => AsyncGenerator<T, void, void>): AsyncIterableIterator<T> {
  const left = new AbortController();
  const values = generate(AbortSignal.any([ctx.signal, left.signal]));
  return {
    [Symbol.asyncIterator]() { return this; },
    next: () => values.next(),
    return: async () => { left.abort(); return values.return(); },
    throw: async (error: unknown) => { left.abort(); return values.throw(error); },
  };
}

/** How long a live reader outlasts a database that does not answer. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 500;

/** Reads, again and again while it fails, for as long as a database needs to restart; then throws what it threw last. */
export async function readPatiently<T>(read: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await read();
    } catch (error) {
      if (signal.aborted || Date.now() > deadline) throw error;
    }
    await new Promise((resolve) => { setTimeout(resolve, PAUSE_MS); });
  }
}
