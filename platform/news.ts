/** How long news gathers before those who wait are woken: what they then do carries more each. */
const GATHER_MS = 5;

/** Those who wait for news. */
export interface News {
  /** There is news: wakes all, a moment later. */
  tell(): void;
  /** Wakes all at once. */
  tellNow(): void;
  /** Resolves with the next news, after `withinMs` where that is a number, or when the signal aborts. */
  wait(withinMs: number | null, signal: AbortSignal): Promise<void>;
}

export function createNews(): News {
  const waiting = new Set<() => void>();
  let gathering: NodeJS.Timeout | undefined;
  const tellNow = (): void => {
    clearTimeout(gathering);
    gathering = undefined;
    for (const wake of waiting) wake();
  };
  return {
    tell() { gathering ??= setTimeout(tellNow, GATHER_MS); },
    tellNow,
    wait(withinMs, signal) {
      if (signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          waiting.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        const timer = withinMs === null ? undefined : setTimeout(wake, withinMs);
        waiting.add(wake);
        signal.addEventListener('abort', wake, { once: true });
      });
    },
  };
}
