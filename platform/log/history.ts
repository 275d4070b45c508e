import { getLogBatch, getLogStreamState } from '../../bus/log-store.ts';
import type { LogStreamState, StoredBatch } from '../../bus/log-store.ts';
import type { Platform } from '../platform.ts';
import { nextSeq, startOf, upTo } from './cursor.ts';
import type { LogPlace } from './cursor.ts';
import { decodeLogMessage } from './message.ts';
import type { LogMessage } from './message.ts';
import { createLogSegments } from './segments.ts';
import type { LogSegments } from './segments.ts';
import { ensureLogStream } from './stream.ts';

/** What comes after a place: messages (in order, of one epoch; none where the subject has none there), a hole, or nothing yet. Reading goes on at `to`. */
export type HistoryStep =
  | { kind: 'messages'; messages: LogMessage[]; to: LogPlace }
  | { kind: 'gap'; to: LogPlace; reason: 'RETENTION' | 'LOG_STORE_LOST' }
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
  /** The place before the first message that was stored at or after a time; null: before the oldest there is. */
  placeAt(time: Date | null): Promise<LogPlace>;
  /** The place before the oldest message that is not archived. */
  hotStart(): Promise<LogPlace>;
}

/** Messages read at once going back. */
const BACK = 32;
/** Bytes of messages read in one step going forward. */
const STEP_BYTES = 256 * 1024;

/** What the functions below share. */
interface Store {
  appId: string;
  segments: LogSegments;
  state: LogStreamState;
  get(seq: number, subject?: string | null): Promise<StoredBatch | null>;
  refresh(): Promise<LogStreamState>;
}

/** Makes the stream where it is missing. */
export async function createLogHistory(platform: Platform, appId: string): Promise<LogHistory> {
  const store: Store = {
    appId, segments: createLogSegments(platform, appId), state: await ensureLogStream(platform, appId),
    get: (seq, subject) => getLogBatch(platform.bus, appId, seq, subject ?? undefined),
    refresh: async () => store.state = await getLogStreamState(platform.bus, appId) ?? await ensureLogStream(platform, appId),
  };
  return {
    state: () => store.state,
    refresh: () => store.refresh(),
    after: (place, subject) => (place.epoch === store.state.epoch ? afterInStream(store, place, subject) : afterElsewhere(store, place, subject)),
    before: (epoch, seq) => before(store, epoch, seq),
    placeAt: async (time) => await store.segments.placeAt(time) ?? placeInStream(store, time),
    hotStart: async () => placeInStream(store, null),
  };
}

/** A place in an epoch that is not the stream's: the archive may know it. */
async function afterElsewhere({ segments, state }: Store, place: LogPlace, subject: string | null): Promise<HistoryStep> {
  const messages = await segments.after(place.epoch, nextSeq(place));
  if (messages) return inOrder(place, messages, subject);
  // An epoch is over where its archive ends: what its stream held besides is lost.
  const later = (await segments.epochs()).filter((epoch) => epoch > place.epoch);
  return { kind: 'gap', to: startOf(Math.min(state.epoch, ...later)), reason: 'LOG_STORE_LOST' };
}

async function afterInStream(store: Store, place: LogPlace, subject: string | null): Promise<HistoryStep> {
  const seq = nextSeq(place);
  const message = await store.get(seq, subject);
  if (message?.seq === seq) return more(store, place.epoch, message, subject);
  const { epoch, firstSeq, lastSeq } = await store.refresh();
  if (epoch !== place.epoch) return afterElsewhere(store, place, subject);
  if (message && subject !== null && seq >= firstSeq) return more(store, epoch, message, subject);
  // A sequence that the stream never gave out: it lost its newest messages.
  if (!message && seq > lastSeq + 1) return { kind: 'gap', to: upTo(epoch, lastSeq), reason: 'LOG_STORE_LOST' };
  if (!message && seq >= firstSeq) return { kind: 'end' };
  // Retention dropped what was here, after it was archived or before.
  const resumed = message && subject === null ? message.seq : firstSeq;
  const messages = await store.segments.after(epoch, seq);
  if (messages && (messages[0]?.seq ?? Infinity) < resumed) return inOrder(place, messages, subject);
  return { kind: 'gap', to: upTo(epoch, resumed - 1), reason: 'RETENTION' };
}

/** The message and those right after it, up to a step's size. */
async function more({ get }: Store, epoch: number, first: StoredBatch, subject: string | null): Promise<HistoryStep> {
  const messages = [decodeLogMessage(epoch, first)];
  let last = first.seq;
  for (let bytes = first.data.length; bytes < STEP_BYTES;) {
    const next = await get(last + 1, subject);
    if (!next || (subject === null && next.seq !== last + 1)) break;
    messages.push(decodeLogMessage(epoch, next));
    bytes += next.data.length;
    last = next.seq;
  }
  return { kind: 'messages', messages, to: upTo(epoch, last) };
}

/** Archived messages of a subject as a step; a hole before them is told first. */
function inOrder(place: LogPlace, messages: LogMessage[], subject: string | null): HistoryStep {
  const [first, last] = [messages[0], messages.at(-1)];
  if (!first || !last) return { kind: 'end' };
  if (first.seq > nextSeq(place)) return { kind: 'gap', to: upTo(place.epoch, first.seq - 1), reason: 'RETENTION' };
  return { kind: 'messages', messages: subject === null ? messages : messages.filter((message) => message.subject === subject), to: upTo(place.epoch, last.seq) };
}

async function before({ state, segments, get }: Store, epoch: number, seq: number): Promise<LogMessage[]> {
  if (epoch === state.epoch && seq > state.firstSeq) {
    const from = Math.max(state.firstSeq, seq - BACK);
    const found = await Promise.all(Array.from({ length: seq - from }, (_, index) => get(from + index)));
    // Where retention was faster, a later message answers.
    const messages = found.flatMap((batch, index) => (batch?.seq === from + index ? [decodeLogMessage(epoch, batch)] : []));
    if (messages.length > 0) return messages;
  }
  return segments.before(epoch, seq);
}

/** Messages are stored in the order of time: halves the stream until the place is found. */
async function placeInStream(store: Store, time: Date | null): Promise<LogPlace> {
  const { epoch, firstSeq, lastSeq } = await store.refresh();
  let [low, high] = [firstSeq, time ? lastSeq + 1 : firstSeq];
  while (time && low < high) {
    const middle = Math.floor((low + high) / 2);
    const message = await store.get(middle);
    if (!message || message.storedAt >= time.getTime()) high = middle; else low = message.seq + 1;
  }
  return upTo(epoch, low - 1);
}
