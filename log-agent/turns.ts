import { READ_BYTES } from './source.ts';
import type { Source, TurnEnd } from './source.ts';

/** Batches under way at once, of different sources: what bounds the agent's memory. */
const AT_ONCE = 4;
/** How long lines gather before they are sent, where nothing is under way. */
const GATHER_MS = 5;
/** Pauses after a turn that failed: NATS is away, or the disk. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

export interface Turns {
  /** Something changed: the source gets a turn soon. */
  wake(source: Source): void;
  /** While NATS is away no turn begins: the files are the buffer. */
  hold(held: boolean): void;
  /** Takes no more turns; resolves when those under way have ended. */
  stop(): Promise<void>;
}

export interface TurnEvents {
  onDone(source: Source): void;
  /** Answers whether the source is to be tried again. */
  onError(source: Source, error: unknown): boolean;
}

interface Entry { state: 'resting' | 'gathering' | 'waiting' | 'reading'; dirty: boolean; pause: number; timer?: NodeJS.Timeout }

/** Gives sources their turns one after the other, so that one that floods gets no more of them than the others. */
export function createTurns({ onDone, onError }: TurnEvents): Turns {
  const entries = new Map<Source, Entry>();
  const queue: Source[] = [];
  const buffers: Buffer[] = Array.from({ length: AT_ONCE }, () => Buffer.allocUnsafeSlow(READ_BYTES));
  const running = new Set<Promise<void>>();
  let stopped = false;
  let held = false;

  const enqueue = (source: Source, entry: Entry): void => {
    entry.state = 'waiting';
    queue.push(source);
    pump();
  };
  const enqueueAfter = (source: Source, entry: Entry, ms: number): void => {
    entry.state = 'gathering';
    entry.timer = setTimeout(() => { enqueue(source, entry); }, ms);
  };

  function pump(): void {
    while (!stopped && !held && queue.length > 0 && buffers.length > 0) {
      const source = queue.shift() as Source;
      const entry = entries.get(source);
      if (!entry) continue;
      const buffer = buffers.pop() as Buffer;
      entry.state = 'reading';
      entry.dirty = false;
      const turn = source.turn(buffer).then((end) => { settle(source, entry, end); }, (error: unknown) => { fail(source, entry, error); }).finally(() => {
        buffers.push(buffer);
        running.delete(turn);
        pump();
      });
      running.add(turn);
    }
  }

  function settle(source: Source, entry: Entry, end: TurnEnd): void {
    entry.pause = 0;
    entry.state = 'resting';
    if (!entries.has(source) || stopped) return;
    if (end === 'done') { entries.delete(source); onDone(source); } else if (end === 'more') enqueue(source, entry);
    else if (entry.dirty) enqueueAfter(source, entry, GATHER_MS);
  }

  function fail(source: Source, entry: Entry, error: unknown): void {
    entry.state = 'resting';
    if (!entries.has(source) || stopped) return;
    if (!onError(source, error)) { entries.delete(source); return; }
    entry.pause = Math.min(Math.max(entry.pause * 2, FIRST_PAUSE_MS), LONGEST_PAUSE_MS);
    enqueueAfter(source, entry, entry.pause * (0.75 + Math.random() / 2));
  }

  return {
    wake(source) {
      if (stopped) return;
      const entry = entries.get(source) ?? { state: 'resting', dirty: false, pause: 0 };
      entries.set(source, entry);
      if (entry.state === 'reading') entry.dirty = true;
      else if (entry.state === 'resting') enqueueAfter(source, entry, GATHER_MS);
    },
    hold(wanted) {
      held = wanted;
      pump();
    },
    async stop() {
      stopped = true;
      for (const entry of entries.values()) clearTimeout(entry.timer);
      await Promise.all(running);
    },
  };
}
