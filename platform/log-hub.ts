import { getLogBatch, LogStreamMissing, onConnection, onLogBatch } from '../bus/log-store.ts';
import { createLogHistory } from './log-history.ts';
import type { LogHistory } from './log-history.ts';
import { ALL, nextSeq, startOf } from './log-cursor.ts';
import type { LogPlace } from './log-cursor.ts';
import { decodeLogMessage } from './log-message.ts';
import type { LogMessage } from './log-message.ts';
import type { Platform } from './platform.ts';

/** Bytes of the newest messages that all readers of an app share; who is further behind reads the stream by themselves. */
const RING_BYTES = 2 * 1024 * 1024;
/** How long news gathers before readers are woken. */
const GATHER_MS = 5;
/** A message can be heard of before it can be read: how often, and after how long at first, it is looked for again. */
const RETRIES = 6;
const RETRY_MS = 2;
/** Everything is looked at this often, hint or not. */
const LOOK_MS = 5_000;
const CHECK_MS = 30_000;

export type HubEnd = 'APP_DELETED' | 'SERVER_RESTARTS';

/** One app's live log in this process. It exists while somebody reads. */
export interface LogHub {
  history: LogHistory;
  /** The place after the newest message that was read. */
  head(): LogPlace;
  /** The messages after a place, oldest first; null: it is too far back, read the history. */
  recent(place: LogPlace): readonly LogMessage[] | null;
  /** Resolves when there is news after `head`, when the hub has ended, after `withinMs`, or when the signal aborts. */
  news(head: LogPlace, withinMs: number, signal: AbortSignal): Promise<void>;
  ended(): HubEnd | null;
  /** Looks whether the app is there; called when something about it changed. */
  check(): Promise<void>;
  close(): void;
}

export async function openLogHub(platform: Platform, appId: string): Promise<LogHub> {
  const { bus, log } = platform;
  const ring: LogMessage[] = [];
  const waiting = new Set<() => void>();
  let ringBytes = 0;
  let end: HubEnd | null = null;
  let closed = false;
  let heard = 0;
  let tries = 0;
  let pumping = false;
  let retry: NodeJS.Timeout | undefined;
  let gathering: NodeJS.Timeout | undefined;

  // From before the stream is looked at, so that nothing falls between.
  const subscription = onLogBatch(bus, `logs.${appId}.>`, () => { heard++; tries = 0; pump(); });
  const stopListening = onConnection(bus, (state) => { if (state === 'back') look(); });
  let history: LogHistory;
  try {
    history = await createLogHistory(platform, appId);
  } catch (error) {
    subscription.unsubscribe();
    stopListening();
    throw error;
  }
  let head: LogPlace = { epoch: history.state().epoch, seq: history.state().lastSeq, index: ALL };

  function tell(): void {
    gathering ??= setTimeout(() => {
      gathering = undefined;
      for (const wake of [...waiting]) wake();
    }, GATHER_MS);
  }

  function keep(message: LogMessage): void {
    // A hole: what is behind it is history now.
    if (message.seq !== head.seq + 1) clear();
    ring.push(message);
    ringBytes += message.bytes;
    while (ringBytes > RING_BYTES && ring.length > 1) ringBytes -= (ring.shift() as LogMessage).bytes;
    head = { epoch: head.epoch, seq: message.seq, index: ALL };
    tell();
  }

  function clear(): void {
    ring.length = 0;
    ringBytes = 0;
  }

  /** Reads what is new. */
  function pump(): void {
    if (pumping || closed) return;
    pumping = true;
    clearTimeout(retry);
    readNew().catch(recover).finally(() => {
      pumping = false;
      // What was heard of and not found is on its way into the stream.
      if (heard === 0 || closed) return;
      if (tries < RETRIES) { retry = setTimeout(pump, RETRY_MS * 2 ** tries++); return; }
      // It went into another stream than we read, or was read before it was heard of.
      heard = 0;
      look();
    });
  }

  async function readNew(): Promise<void> {
    for (;;) {
      const batch = await getLogBatch(bus, appId, head.seq + 1);
      if (!batch || closed) return;
      heard = Math.max(0, heard - 1);
      keep(decodeLogMessage(head.epoch, batch));
    }
  }

  async function recover(error: unknown): Promise<void> {
    if (error instanceof LogStreamMissing) { await check(); await lookAtStream(); }
    else log.debug({ error, appId }, 'a log could not be read; it is tried again');
  }

  /** After a reconnect, and now and then: the stream may have been made anew. */
  async function lookAtStream(): Promise<void> {
    if (end || closed) return;
    const { epoch, lastSeq } = await history.refresh();
    if (epoch === head.epoch && lastSeq >= head.seq) return;
    clear();
    head = epoch === head.epoch ? { epoch, seq: lastSeq, index: ALL } : startOf(epoch);
    tell();
  }

  async function check(): Promise<void> {
    const app = await platform.db.app.findFirst({ where: { id: appId, deletedAt: null }, select: { id: true } });
    if (!app) finish('APP_DELETED');
  }

  function finish(reason: HubEnd): void {
    end ??= reason;
    for (const wake of [...waiting]) wake();
  }

  function later(error: unknown): void { log.debug({ error, appId }, 'a log could not be looked at; it is tried again'); }

  function look(): void { lookAtStream().then(pump, later); }

  const looking = setInterval(look, LOOK_MS);
  const checking = setInterval(() => { check().catch(later); }, CHECK_MS);
  return {
    history,
    head: () => head,
    recent(place) {
      if (place.epoch !== head.epoch) return null;
      const seq = nextSeq(place);
      if (seq > head.seq) return seq === head.seq + 1 ? [] : null;
      const first = ring[0];
      return first && first.seq <= seq ? ring.slice(seq - first.seq) : null;
    },
    news(known, withinMs, signal) {
      if (end || signal.aborted || known !== head) return Promise.resolve();
      return new Promise((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          waiting.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        const timer = setTimeout(wake, withinMs);
        waiting.add(wake);
        signal.addEventListener('abort', wake, { once: true });
      });
    },
    ended: () => end,
    check,
    close() {
      closed = true;
      clearInterval(looking);
      clearInterval(checking);
      clearTimeout(retry);
      clearTimeout(gathering);
      stopListening();
      subscription.unsubscribe();
      finish('SERVER_RESTARTS');
    },
  };
}
