import { createAppHubs } from '../platform/app/app-hubs.ts';
import type { AppHubs } from '../platform/app/app-hubs.ts';
import { createNews } from '../platform/news.ts';
import type { Event, Prisma } from '../prisma/generated/client/client.ts';
import type { ApiContext } from './context.ts';
import { shareReads } from './share-reads.ts';

/** How often rows are looked at when no hint comes: hints get lost. */
const SWEEP_MS = 5_000;
/** After so long they are read again where that failed. */
const PAUSE_MS = 500;
/** Of so many of the newest events all readers of an app share one copy, and of so many bytes; who is further behind reads rows. */
const KEEP = 256;
const KEEP_BYTES = 1024 * 1024;
const PAGE = 100;

/** Rows in order, and the number up to which these are all. */
export interface EventPage { rows: readonly Event[]; upTo: number }

/** The newest events of one app in this process, read once for all who follow it. It exists while somebody does. */
export interface EventHub {
  /** All events after a number; null: that is too far back, read a page. */
  recent(after: number): EventPage | null;
  /** The next rows after a number that match; of those who ask for the same ones at once, one reads. */
  page(after: number, where: Prisma.EventWhereInput | null): Promise<EventPage>;
  /** Resolves when there are events after this number, or the signal aborts. */
  news(after: number, signal: AbortSignal): Promise<void>;
  close(): void;
}

const all = new WeakMap<ApiContext['wakeUps'], AppHubs<EventHub>>();

/** The event hubs of this process: one for each app that somebody follows. */
export function eventHubs({ wakeUps, platform }: Pick<ApiContext, 'wakeUps' | 'platform'>): AppHubs<EventHub> {
  const known = all.get(wakeUps);
  if (known) return known;
  const hubs = createAppHubs((appId) => openEventHub({ wakeUps, platform }, appId));
  all.set(wakeUps, hubs);
  return hubs;
}

async function openEventHub({ wakeUps, platform: { db, log } }: Pick<ApiContext, 'wakeUps' | 'platform'>, appId: string): Promise<EventHub> {
  const closed = new AbortController();
  const news = createNews();
  // It rings for what is written from here on, so that nothing falls between.
  const bell = wakeUps.bell(appId);
  const close = (): void => { closed.abort(); bell.close(); };
  try {
    const newest = await db.event.findMany({ where: { appId, number: { not: null } }, orderBy: { number: 'desc' }, take: KEEP });
    const ring = createEventRing(newest.reverse());
    const readOn = async (): Promise<boolean> => {
      const rows = await db.event.findMany({ where: { appId, number: { gt: ring.head() } }, orderBy: { number: 'asc' }, take: PAGE });
      for (const row of rows) ring.keep(row);
      if (rows.length > 0) news.tell();
      return rows.length === PAGE;
    };
    void follow(readOn, bell, closed.signal, (error) => { log.debug({ error, appId }, 'events could not be read; it is tried again'); });
    const read = async (after: number, where: Prisma.EventWhereInput | null): Promise<EventPage> => {
      // Before the rows are read: what comes meanwhile is in the ring.
      const head = ring.head();
      const rows = await db.event.findMany({ where: { AND: [{ appId, number: { gt: after } }, where ?? {}] }, orderBy: { number: 'asc' }, take: PAGE });
      const last = rows.at(-1)?.number ?? after;
      return { rows, upTo: rows.length === PAGE ? last : Math.max(last, head) };
    };
    const shared = shareReads((after) => read(Number(after), null));
    return {
      recent: (after) => ring.after(after), page: (after, where) => (where ? read(after, where) : shared(String(after))), close,
      news: (after, signal) => (ring.head() > after ? Promise.resolve() : news.wait(null, signal)),
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** Reads on whenever the bell rings, and rarely where it does not, until the signal aborts. */
async function follow(readOn: () => Promise<boolean>, bell: { wait(withinMs: number, signal: AbortSignal): Promise<void> }, signal: AbortSignal, onError: (error: unknown) => void): Promise<void> {
  while (!signal.aborted) {
    let within = SWEEP_MS;
    try {
      if (await readOn()) continue;
    } catch (error) {
      onError(error);
      within = PAUSE_MS;
    }
    await bell.wait(within, signal);
  }
}

interface EventRing { head(): number; keep(row: Event): void; after(number: number): EventPage | null }

/** The newest events, bounded in number and bytes. Numbers of an app have no holes, so that places are counted. */
function createEventRing(newest: readonly Event[]): EventRing {
  let rows: Event[] = [];
  let sizes: number[] = [];
  let bytes = 0;
  let head = 0;
  const keep = (row: Event): void => {
    const number = row.number ?? head;
    // Rows that went in between: what is before them is not told from here.
    if (number !== head + 1) { rows = []; sizes = []; bytes = 0; }
    head = number;
    const size = JSON.stringify(row.data).length;
    rows.push(row);
    sizes.push(size);
    bytes += size;
    while (rows.length > 1 && (rows.length > KEEP || bytes > KEEP_BYTES)) { rows.shift(); bytes -= sizes.shift() ?? 0; }
  };
  for (const row of newest) keep(row);
  return {
    head: () => head, keep,
    after: (number) => {
      if (number >= head) return { rows: [], upTo: number };
      const behind = head - number;
      return behind <= rows.length ? { rows: rows.slice(-behind), upTo: head } : null;
    },
  };
}
