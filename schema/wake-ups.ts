/** Tells a reader of rows that there may be new ones, so that nobody polls fast. A ring that is lost costs only time: readers look anyway, rarely. */
export interface WakeUps {
  /** Rings from now on for this app; close it when done. */
  bell(appId: string): Bell;
}

export interface Bell {
  /** Resolves once it rang since the last wait, after `withinMs`, or when the signal aborts. */
  wait(withinMs: number, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** Bells that ring when `ring` is called with their app. */
export function createWakeUps(): WakeUps & { ring(appId: string): void } {
  const ringers = new Map<string, Set<() => void>>();
  return {
    ring: (appId) => { for (const ringer of ringers.get(appId) ?? []) ringer(); },
    bell: (appId) => {
      let rang = false;
      let wake: (() => void) | undefined;
      const ringer = (): void => { rang = true; wake?.(); };
      const own = ringers.get(appId) ?? new Set();
      ringers.set(appId, own.add(ringer));
      return {
        wait: async (withinMs, signal) => {
          if (!rang && !signal.aborted) {
            await new Promise<void>((resolve) => {
              const timer = setTimeout(resolve, withinMs);
              wake = () => { clearTimeout(timer); signal.removeEventListener('abort', ringer); resolve(); };
              signal.addEventListener('abort', ringer, { once: true });
            });
            wake = undefined;
          }
          rang = false;
        },
        close: () => {
          own.delete(ringer);
          if (own.size === 0) ringers.delete(appId);
        },
      };
    },
  };
}
