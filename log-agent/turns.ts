import { READ_BYTES } from './source.ts';
import type { Source, TurnEnd } from './source.ts';

/** Batches under way at once, of different sources: what bounds the agent's memory. */
const AT_ONCE = 4;
/** How long lines gather before they are sent, where nothing is under way. */
const GATHER_MS = 5;
/** Pauses after a turn that failed: NATS is away, or the disk. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** Gives sources their turns one after the other, so that one that floods gets no more of them than the others. */
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

/** A source between its turns. */
interface Entry { source: Source; state: 'resting' | 'gathering' | 'waiting' | 'reading'; dirty: boolean; pause: number; timer?: NodeJS.Timeout }

export function createTurns(events: TurnEvents): Turns {
  const entries = new Map<Source, Entry>();
  const queue: Entry[] = [];
  const buffers: Buffer[] = Array.from({ length: AT_ONCE }, () => Buffer.allocUnsafeSlow(READ_BYTES));
  const running = new Set<Promise<void>>();
  let stopped = false;
  let held = false;

  function enqueue(entry: Entry, afterMs: number): void {
    if (stopped) return;
    entry.state = afterMs > 0 ? 'gathering' : 'waiting';
    if (afterMs > 0) { entry.timer = setTimeout(() => { enqueue(entry, 0); }, afterMs); return; }
    queue.push(entry);
    pump();
  }

  function pump(): void {
    while (!stopped && !held && queue.length > 0 && buffers.length > 0) {
      const entry = queue.shift() as Entry;
      const buffer = buffers.pop() as Buffer;
      const turn = take(entry, buffer).then((nextMs) => {
        buffers.push(buffer);
        running.delete(turn);
        if (nextMs === 'never') entries.delete(entry.source);
        else if (nextMs !== 'when woken') enqueue(entry, nextMs);
        pump();
      });
      running.add(turn);
    }
  }

  /** One turn; answers when the next one is due. */
  async function take(entry: Entry, buffer: Buffer): Promise<number | 'when woken' | 'never'> {
    entry.state = 'reading';
    entry.dirty = false;
    let end: TurnEnd;
    try {
      end = await entry.source.turn(buffer);
    } catch (error) {
      entry.state = 'resting';
      entry.pause = Math.min(Math.max(entry.pause * 2, FIRST_PAUSE_MS), LONGEST_PAUSE_MS);
      return events.onError(entry.source, error) ? entry.pause * (0.75 + Math.random() / 2) : 'never';
    }
    entry.state = 'resting';
    entry.pause = 0;
    if (end === 'more') return 0;
    if (end === 'idle') return entry.dirty ? GATHER_MS : 'when woken';
    events.onDone(entry.source);
    return 'never';
  }

  return {
    wake(source) {
      const entry = entries.get(source) ?? { source, state: 'resting', dirty: false, pause: 0 };
      entries.set(source, entry);
      if (entry.state === 'reading') entry.dirty = true;
      else if (entry.state === 'resting') enqueue(entry, GATHER_MS);
    },
    hold(wanted) {
      held = wanted;
      pump();
    },
    async stop() {
      stopped = true;
      for (const { timer } of entries.values()) clearTimeout(timer);
      await Promise.all(running);
    },
  };
}
