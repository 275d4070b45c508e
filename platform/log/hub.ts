import { getLogBatch, LogStreamMissing, onConnection, onLogBatch } from '../../bus/log-store.ts';
import { createNews } from '../news.ts';
import type { Platform } from '../platform.ts';
import { startOf, upTo } from './cursor.ts';
import type { LogPlace } from './cursor.ts';
import { createLogHistory } from './history.ts';
import type { LogHistory } from './history.ts';
import { decodeLogMessage } from './message.ts';
import type { LogMessage } from './message.ts';
import { createLogPump } from './pump.ts';
import { createLogRing } from './ring.ts';
import type { LogRing } from './ring.ts';

/** The stream, and the app's row, are looked at this often, hint or not. */
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
  const { bus, log, db } = platform;
  const news = createNews();
  let end: HubEnd | null = null;
  let opened: { history: LogHistory; ring: LogRing } | null = null;

  const finish = (reason: HubEnd): void => { end ??= reason; news.tellNow(); };
  const later = (error: unknown): void => { log.debug({ error, appId }, 'a log could not be looked at; it is tried again'); };
  const check = async (): Promise<void> => {
    if (!await db.app.findFirst({ where: { id: appId, deletedAt: null }, select: { id: true } })) finish('APP_DELETED');
  };
  const look = (): void => {
    if (opened && !end) lookAtStream(opened).then((isOther) => { if (isOther) news.tell(); pump.pump(); }, later);
  };
  const pump = createLogPump({
    readNext: async () => {
      const batch = opened && !end ? await getLogBatch(bus, appId, opened.ring.head().seq + 1) : null;
      if (!batch || !opened) return false;
      opened.ring.keep(decodeLogMessage(opened.ring.head().epoch, batch));
      news.tell();
      return true;
    },
    onLost: look,
    onError: (error) => { if (error instanceof LogStreamMissing) check().then(look, later); else later(error); },
  });

  // Heard from before the stream is looked at, so that nothing falls between.
  const subscription = onLogBatch(bus, `logs.${appId}.>`, () => { pump.heard(); });
  const stopListening = onConnection(bus, (state) => { if (state === 'back') look(); });
  const timers = [setInterval(look, LOOK_MS), setInterval(() => { check().catch(later); }, CHECK_MS)];
  const close = (): void => {
    for (const timer of timers) clearInterval(timer);
    pump.stop();
    stopListening();
    subscription.unsubscribe();
    finish('SERVER_RESTARTS');
  };
  try {
    const history = await createLogHistory(platform, appId);
    const ring = createLogRing(upTo(history.state().epoch, history.state().lastSeq));
    opened = { history, ring };
    pump.pump();
    return {
      history, check, close, head: () => ring.head(), recent: (place) => ring.after(place), ended: () => end,
      news: (head, withinMs, signal) => (end || head !== ring.head() ? Promise.resolve() : news.wait(withinMs, signal)),
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** After a reconnect, and now and then: whether the stream was made anew, or lost its newest messages. */
async function lookAtStream({ history, ring }: { history: LogHistory; ring: LogRing }): Promise<boolean> {
  const { epoch, lastSeq } = await history.refresh();
  const head = ring.head();
  if (epoch === head.epoch && lastSeq >= head.seq) return false;
  ring.restart(epoch === head.epoch ? upTo(epoch, lastSeq) : startOf(epoch));
  return true;
}
