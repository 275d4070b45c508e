/** Changes are gathered for so long before they are looked at. */
const SETTLE_MS = 10;

/** Something that is done again and again, never twice at once. */
export interface Repeated {
  /** Does it now; while it is under way, once more afterwards. */
  now(): Promise<void>;
  /** Does it a moment later, once for many calls. */
  soon(): void;
  /** Resolves when it is not under way any more, and never will be. */
  stop(): Promise<void>;
}

/** Does it every `everyMs` as well. Failures are handed to `onError`. */
export function repeat(act: () => Promise<void>, everyMs: number, onError: (error: unknown) => void): Repeated {
  let running: Promise<void> | undefined;
  let again = false;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const now = (): Promise<void> => {
    again = running !== undefined;
    return running ??= act().catch(onError).finally(() => {
      running = undefined;
      if (again) soon();
    });
  };
  const soon = (): void => { if (!stopped) timer ??= setTimeout(() => { timer = undefined; void now(); }, SETTLE_MS); };
  const regular = setInterval(() => { void now(); }, everyMs);
  return {
    now, soon,
    async stop() {
      stopped = true;
      clearInterval(regular);
      clearTimeout(timer);
      await running;
    },
  };
}
