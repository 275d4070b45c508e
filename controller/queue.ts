export interface Queue {
  /** Has the key worked on: again after the work on it that is under way, and no sooner than its back-off allows. Urgent ones come before all that are not. */
  add(key: string, urgent: boolean): void;
  /** Keys wait, and nothing is begun, while it answers false; call `next` when that may have changed. */
  next(): void;
  /** Resolves when no work is under way. */
  drained(): Promise<void>;
  /** Forgets what waits; nothing is begun any more. */
  close(): void;
}

export interface QueueOptions {
  concurrency: number;
  mayBegin(): boolean;
  work(key: string): Promise<void>;
  /** How many ms it is to wait at least before it is tried again; null: it is not tried again by itself. */
  onFailure(error: unknown, key: string, pauseMs: number): number | null;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 15_000;
/** A key that failed and was added again waits so long, not its whole back-off: what is new may have mended it. */
const SHORTEST_PAUSE_MS = 1_000;

interface Failure { pauseMs: number; /** On the clock of `performance.now()`. */ dueAt: number; notBefore: number; timer: NodeJS.Timeout }

/** Work by keys: one at a time for each, several at once, each key waiting once at most; one that failed is tried again after a growing pause with jitter. */
export function createQueue({ concurrency, mayBegin, work, onFailure }: QueueOptions): Queue {
  const urgent = new Set<string>();
  const other = new Set<string>();
  const running = new Map<string, Promise<void>>();
  const failures = new Map<string, Failure>();
  let closed = false;

  /** The first of them that is not under way. */
  const take = (waiting: Set<string>): string | undefined => {
    for (const key of waiting) if (!running.has(key)) { waiting.delete(key); return key; }
    return undefined;
  };
  const next = (): void => {
    while (!closed && running.size < concurrency && mayBegin()) {
      const key = take(urgent) ?? take(other);
      if (key === undefined) return;
      other.delete(key);
      running.set(key, run(key).finally(() => { running.delete(key); next(); }));
    }
  };
  const run = async (key: string): Promise<void> => {
    try {
      await work(key);
      failures.delete(key);
    } catch (error) { fail(error, key); }
  };
  const fail = (error: unknown, key: string): void => {
    const pauseMs = Math.min((failures.get(key)?.pauseMs ?? FIRST_PAUSE_MS / 2) * 2, LONGEST_PAUSE_MS);
    const atLeast = onFailure(error, key, pauseMs);
    if (atLeast === null) { failures.delete(key); return; }
    if (closed) return;
    const now = performance.now();
    const waitMs = Math.max(pauseMs * (0.75 + Math.random() / 2), atLeast);
    failures.set(key, { pauseMs, dueAt: now + waitMs, notBefore: now + Math.max(Math.min(waitMs, SHORTEST_PAUSE_MS), atLeast), timer: setTimeout(() => { wait(key, true); }, waitMs) });
  };
  /** Brings its next try forward, but not before its time. */
  const hasten = (failure: Failure, key: string, isUrgent: boolean): void => {
    if (failure.dueAt <= failure.notBefore) return;
    clearTimeout(failure.timer);
    failure.dueAt = failure.notBefore;
    failure.timer = setTimeout(() => { wait(key, isUrgent); }, failure.notBefore - performance.now());
  };
  const wait = (key: string, isUrgent: boolean): void => {
    if (isUrgent) { other.delete(key); urgent.add(key); } else if (!urgent.has(key)) other.add(key);
    next();
  };
  return {
    add: (key, isUrgent) => {
      if (closed) return;
      const failure = failures.get(key);
      if (failure && performance.now() < failure.notBefore) { hasten(failure, key, isUrgent); return; }
      clearTimeout(failure?.timer);
      wait(key, isUrgent);
    },
    next,
    drained: async () => { while (running.size > 0) await Promise.all(running.values()); },
    close: () => {
      closed = true;
      for (const { timer } of failures.values()) clearTimeout(timer);
    },
  };
}
