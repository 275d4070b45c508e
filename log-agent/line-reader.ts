import type { LogBatch, LogSource } from '../bus/log.ts';
import { emptyCriLine, parseCriLine } from '../cri/cri-line.ts';
import type { Batch } from './batch.ts';
import { guessLevel } from './level.ts';
import type { LogPosition } from './position.ts';

/** A line up to this many bytes is kept whole; a longer one is split, and its parts are marked. */
export const MAX_LINE_BYTES = 64 * 1024;

const NEWLINE = 0x0a;

/** Where a CRI line starts. */
interface Place { f: number; i: number; o: number; n: number }

/** The beginning of a line whose end has not come. */
interface Unfinished { at: number; pieces: Buffer[]; size: number; start: Place; emittedAtStart: number }

/** `drained`: all whole CRI lines are taken. `full`: the batch has no room. `cut`: lines are missing here, the next batch says so. */
export type FeedEnd = 'drained' | 'full' | 'cut';

type Gap = NonNullable<LogBatch['gap']>;

export interface LineReader {
  /** A file begins, or goes on at a byte. `isNew`: what is missing before it was rotated away. */
  enterFile(file: { f: number; i: number }, offset: number, isNew: boolean): void;
  /** Takes the CRI lines of bytes that lie at the reader's offset. */
  feed(bytes: Buffer, batch: Batch): FeedEnd;
  /** Takes bytes that will never get their newline: the end of a file that is no longer written. */
  feedTail(bytes: Buffer, batch: Batch): FeedEnd;
  /** Gives out unfinished lines as they are; false: the batch has no room. */
  flush(batch: Batch): boolean;
  offset(): number;
  /** Where to read on after all that was given out. */
  position(): Omit<LogPosition, 's'>;
}

/** Makes log lines of CRI lines: joins partial ones, splits long ones, counts by ordinals what is missing. Starts at `from`. */
export function createLineReader(source: LogSource, from: LogPosition | null): LineReader {
  const line = emptyCriLine();
  let place: Place = { f: from?.f ?? -1, i: from?.i ?? 0, o: from?.o ?? 0, n: from?.n ?? 0 };
  let skip = from?.k ?? 0;
  let emitted = 0;
  let lastAt = 0;
  let gapReason: Gap['reason'] = 'RATE';
  const unfinished: Record<'o' | 'e', Unfinished | null> = { o: null, e: null };

  function emit(batch: Batch, at: number, stream: 'o' | 'e', bytes: Buffer, start: number, end: number, goesOn: boolean): boolean {
    if (skip === 0) {
      const text = bytes.toString('utf8', start, end);
      if (!batch.add(at, stream, guessLevel(source, stream, text), text, goesOn)) return false;
    } else skip--;
    emitted++;
    return true;
  }

  function emitUnfinished(batch: Batch, stream: 'o' | 'e', goesOn: boolean): boolean {
    const held = unfinished[stream];
    if (!held) return true;
    if (!emit(batch, held.at, stream, Buffer.concat(held.pieces), 0, held.size, goesOn)) return false;
    unfinished[stream] = null;
    return true;
  }

  const flush = (batch: Batch): boolean => emitUnfinished(batch, 'o', false) && emitUnfinished(batch, 'e', false);

  /** Takes the parsed line; false: no room, nothing of it was taken (what was held before it may have been given out). */
  function take(bytes: Buffer, batch: Batch): boolean {
    const { stream, partial, textStart, textEnd } = line;
    const size = textEnd - textStart;
    let held = unfinished[stream];
    if (held && held.size + size > MAX_LINE_BYTES) {
      if (!emitUnfinished(batch, stream, true)) return false;
      held = null;
    }
    if (!partial && !held) return emit(batch, line.at, stream, bytes, textStart, textEnd, false);
    // The bytes are the reader's buffer, which the next read overwrites.
    const piece = Buffer.from(bytes.subarray(textStart, textEnd));
    if (partial && !held) unfinished[stream] = { at: line.at, pieces: [piece], size, start: { ...place }, emittedAtStart: emitted };
    else if (held) {
      held.pieces.push(piece);
      held.size += size;
      if (!partial && !emitUnfinished(batch, stream, false)) { held.pieces.pop(); held.size -= size; return false; }
    }
    return true;
  }

  function takeCriLine(bytes: Buffer, start: number, end: number, batch: Batch): FeedEnd {
    parseCriLine(bytes, start, end, line);
    if (Number.isNaN(line.at)) line.at = lastAt === 0 ? Date.now() : lastAt;
    lastAt = line.at;
    if (line.ordinal !== null && line.ordinal > place.n) {
      // The rest of an unfinished line is among what is missing.
      if (!flush(batch)) return 'full';
      if (batch.count > 0 || batch.gap) return 'cut';
      batch.gap = { lines: Math.max(0, line.ordinal - place.n - skip), reason: gapReason };
      skip = 0;
    }
    if (line.ordinal !== null) place.n = line.ordinal;
    if (!take(bytes, batch)) return 'full';
    gapReason = 'RATE';
    place.n++;
    return 'drained';
  }

  return {
    flush,
    enterFile({ f, i }, offset, isNew) {
      place = { f, i, o: offset, n: place.n };
      if (isNew) gapReason = 'ROTATED';
    },
    feed(bytes, batch) {
      const began = place.o;
      for (let start = 0; ;) {
        const end = bytes.indexOf(NEWLINE, start);
        if (end === -1) return 'drained';
        const stopped = takeCriLine(bytes, start, end, batch);
        if (stopped !== 'drained') return stopped;
        start = end + 1;
        place.o = began + start;
      }
    },
    feedTail(bytes, batch) {
      const stopped = takeCriLine(bytes, 0, bytes.length, batch);
      if (stopped === 'drained') place.o += bytes.length;
      return stopped;
    },
    offset: () => place.o,
    position() {
      const open = [unfinished.o, unfinished.e].filter((held) => held !== null);
      const earliest = open.reduce<Unfinished | null>((first, held) => (first === null || held.start.n < first.start.n ? held : first), null);
      return earliest ? { ...earliest.start, k: emitted - earliest.emittedAtStart } : { ...place, k: skip };
    },
  };
}
