import { getLogBatch, getLogStreamState } from '../bus/log-store.ts';
import type { LogStreamState, StoredBatch } from '../bus/log-store.ts';
import { ALL, nextSeq, startOf } from './log-cursor.ts';
import type { LogPlace } from './log-cursor.ts';
import { decodeLogMessage } from './log-message.ts';
import type { LogMessage } from './log-message.ts';
import { getSegment } from './log-segment.ts';
import { ensureLogStream } from './log-stream.ts';
import type { Platform } from './platform.ts';

export type StoredGapReason = 'RETENTION' | 'LOG_STORE_LOST';

/** What comes after a place: messages (in order, of one epoch; none where the subject has none there), a hole, or nothing yet. Reading goes on at `to`. */
export type HistoryStep =
  | { kind: 'messages'; messages: LogMessage[]; to: LogPlace }
  | { kind: 'gap'; to: LogPlace; reason: StoredGapReason }
  | { kind: 'end' };

/** What is stored of an app's log: hot stream and archive as one sequence. Shared by all readers of the app. */
export interface LogHistory {
  /** The stream's state as it was last looked at. */
  state(): LogStreamState;
  refresh(): Promise<LogStreamState>;
  /** The first messages after a place; with a subject, of that one only. */
  after(place: LogPlace, subject: string | null): Promise<HistoryStep>;
  /** The messages before a sequence of an epoch, some of them, in order; empty: there are none. */
  before(epoch: number, seq: number): Promise<LogMessage[]>;
  /** The place before the first message that was stored at or after a time. */
  placeAt(time: Date): Promise<LogPlace>;
  /** The place before the oldest message there is. */
  oldest(): Promise<LogPlace>;
}

/** Messages read at once going back. */
const BACK = 32;
/** Bytes of messages read in one step going forward. */
const STEP_BYTES = 256 * 1024;

export async function createLogHistory(platform: Platform, appId: string): Promise<LogHistory> {
  const { bus, db } = platform;
  let state = await ensureLogStream(platform, appId);
  // One segment is kept decoded: readers that go through the archive share it, or pay for their own.
  let cached: { id: string; messages: Promise<LogMessage[] | null> } | null = null;

  async function refresh(): Promise<LogStreamState> {
    state = await getLogStreamState(bus, appId) ?? await ensureLogStream(platform, appId);
    return state;
  }

  function load(segment: { id: string; key: string; epoch: string }): Promise<LogMessage[] | null> {
    if (cached?.id !== segment.id) cached = { id: segment.id, messages: getSegment(platform, segment) };
    const { messages } = cached;
    messages.catch(() => { if (cached?.messages === messages) cached = null; });
    return messages;
  }

  /** The archived messages at or after a sequence; null: the archive has none there. */
  async function archived(epoch: number, seq: number): Promise<LogMessage[] | null> {
    const segment = await db.logSegment.findFirst({ where: { appId, epoch: String(epoch), lastSeq: { gte: seq } }, orderBy: { firstSeq: 'asc' } });
    const messages = segment && await load(segment);
    return messages?.filter((message) => message.seq >= seq) ?? null;
  }

  async function oldestEpochAfter(epoch: number): Promise<number> {
    const epochs = await db.logSegment.findMany({ where: { appId }, distinct: ['epoch'], select: { epoch: true } });
    return Math.min(state.epoch, ...epochs.map((row) => Number(row.epoch)).filter((other) => other > epoch));
  }

  /** A place in an epoch that is not the stream's: the archive may know it. */
  async function afterElsewhere(place: LogPlace, subject: string | null): Promise<HistoryStep> {
    const messages = await archived(place.epoch, nextSeq(place));
    if (messages) return inOrder(place, messages, subject);
    // An epoch is over where its archive ends: what its stream held besides is lost.
    const epoch = place.epoch > state.epoch ? state.epoch : await oldestEpochAfter(place.epoch);
    return { kind: 'gap', to: startOf(epoch), reason: 'LOG_STORE_LOST' };
  }

  async function afterInStream(place: LogPlace, subject: string | null): Promise<HistoryStep> {
    const seq = nextSeq(place);
    const message = await getLogBatch(bus, appId, seq, subject ?? undefined);
    if (message?.seq === seq) return more(place.epoch, message, subject);
    await refresh();
    if (state.epoch !== place.epoch) return afterElsewhere(place, subject);
    if (message && subject !== null && seq >= state.firstSeq) return more(place.epoch, message, subject);
    if (!message && seq > state.lastSeq + 1) return { kind: 'gap', to: upTo(place.epoch, state.lastSeq), reason: 'LOG_STORE_LOST' };
    if (!message && seq >= state.firstSeq) return { kind: 'end' };
    // Retention dropped what was here, after it was archived or before.
    const resumed = message && subject === null ? message.seq : state.firstSeq;
    const messages = await archived(place.epoch, seq);
    if (messages && (messages[0]?.seq ?? Infinity) < resumed) return inOrder(place, messages, subject);
    return { kind: 'gap', to: upTo(place.epoch, resumed - 1), reason: 'RETENTION' };
  }

  /** The message and those right after it, up to a step's size. */
  async function more(epoch: number, first: StoredBatch, subject: string | null): Promise<HistoryStep> {
    const messages = [decodeLogMessage(epoch, first)];
    let last = first.seq;
    for (let bytes = first.data.length; bytes < STEP_BYTES;) {
      const next = await getLogBatch(bus, appId, last + 1, subject ?? undefined);
      if (!next || (subject === null && next.seq !== last + 1)) break;
      messages.push(decodeLogMessage(epoch, next));
      bytes += next.data.length;
      last = next.seq;
    }
    return { kind: 'messages', messages, to: upTo(epoch, last) };
  }

  return {
    state: () => state,
    refresh,
    after: (place, subject) => (place.epoch === state.epoch ? afterInStream(place, subject) : afterElsewhere(place, subject)),
    async before(epoch, seq) {
      if (epoch === state.epoch && seq > state.firstSeq) {
        const from = Math.max(state.firstSeq, seq - BACK);
        const found = await Promise.all(Array.from({ length: seq - from }, (_, index) => getLogBatch(bus, appId, from + index)));
        // What retention drops meanwhile answers with a later message.
        const messages = found.filter((batch, index) => batch?.seq === from + index).map((batch) => decodeLogMessage(epoch, batch as NonNullable<typeof batch>));
        if (messages.length > 0) return messages;
      }
      const segment = await db.logSegment.findFirst({
        where: { appId, OR: [{ epoch: String(epoch), firstSeq: { lt: seq } }, { epoch: { lt: String(epoch) } }] }, orderBy: [{ epoch: 'desc' }, { firstSeq: 'desc' }],
      });
      const messages = segment && await load(segment);
      return messages?.filter((message) => message.epoch !== epoch || message.seq < seq) ?? [];
    },
    async placeAt(time) {
      const segment = await db.logSegment.findFirst({ where: { appId, lastAt: { gte: time } }, orderBy: [{ epoch: 'asc' }, { firstSeq: 'asc' }] });
      if (segment) return upTo(Number(segment.epoch), Number(segment.firstSeq) - 1);
      const { epoch, firstSeq, lastSeq } = await refresh();
      let [low, high] = [firstSeq, lastSeq + 1];
      while (low < high) {
        const middle = Math.floor((low + high) / 2);
        const message = await getLogBatch(bus, appId, middle);
        if (!message || message.storedAt >= time.getTime()) high = middle; else low = message.seq + 1;
      }
      return upTo(epoch, Math.max(low, 1) - 1);
    },
    async oldest() {
      const segment = await db.logSegment.findFirst({ where: { appId }, orderBy: [{ epoch: 'asc' }, { firstSeq: 'asc' }] });
      if (segment) return upTo(Number(segment.epoch), Number(segment.firstSeq) - 1);
      const { epoch, firstSeq } = await refresh();
      return upTo(epoch, firstSeq - 1);
    },
  };
}

const upTo = (epoch: number, seq: number): LogPlace => ({ epoch, seq, index: ALL });

/** Archived messages of a subject as a step; a hole before them is told first. */
function inOrder({ epoch, ...place }: LogPlace, messages: LogMessage[], subject: string | null): HistoryStep {
  const [first, last] = [messages[0], messages.at(-1)];
  if (!first || !last) return { kind: 'end' };
  if (first.seq > nextSeq({ epoch, ...place })) return { kind: 'gap', to: upTo(epoch, first.seq - 1), reason: 'RETENTION' };
  return { kind: 'messages', messages: subject === null ? messages : messages.filter((message) => message.subject === subject), to: upTo(epoch, last.seq) };
}
