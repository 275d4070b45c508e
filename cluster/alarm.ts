/** Rings are kept while nobody waits, so that none is missed between two looks. `next` throws the signal's reason. */
export interface Alarm { ring: () => void; next(withinMs: number): Promise<void> }

export function createAlarm(signal: AbortSignal): Alarm {
  let rung = false;
  let wake: (() => void) | null = null;
  return {
    ring: () => { rung = true; wake?.(); },
    next: async (withinMs) => {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(done, withinMs);
          function done(): void { clearTimeout(timer); signal.removeEventListener('abort', done); wake = null; resolve(); }
          wake = done;
          signal.addEventListener('abort', done, { once: true });
        });
      }
      rung = false;
      signal.throwIfAborted();
    },
  };
}
