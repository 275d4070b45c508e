import type { LogBatch, LogSource } from '../bus/log.ts';
import { emptyCriLine, parseCriLine } from '../cri/cri-line.ts';
import type { CriLine } from '../cri/cri-line.ts';
import type { ReadableLine } from '../cluster/log-sources.ts';
import type { Batch } from './batch.ts';
import { guessLevel } from './level.ts';
import type { LogPosition } from './position.ts';

/** A line up to this many bytes is kept whole; a longer one is split, and its parts are marked. */
export const MAX_LINE_BYTES = 64 * 1024;

const NEWLINE = 0x0a;

/** `drained`: all whole CRI lines are taken. `full`: the batch has no room. `cut`: lines are missing here, the next batch says so. */
export type FeedEnd = 'drained' | 'full' | 'cut';

/** Makes log lines of CRI lines: joins partial ones, splits long ones, counts by ordinals what is missing. */
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

/** Where a CRI line starts. */
interface Place { f: number; i: number; o: number; n: number }

/** The beginning of a line whose end has not come. */
interface Unfinished { at: number; pieces: Buffer[]; size: number; start: Place; emittedAtStart: number }

interface Reading {
  source: LogSource;
  readable: ReadableLine | undefined;
  /** Of the CRI line that is read next. */
  place: Place;
  unfinished: Record<'o' | 'e', Unfinished | null>;
  /** Lines given out since the reader began. */
  emitted: number;
  /** Lines that were given out before, and are read again for those that lie between them. */
  skip: number;
  lastAt: number;
  /** Why lines would be missing here. */
  gapReason: NonNullable<LogBatch['gap']>['reason'];
}

/** A reader that goes on at a position; null: at a source's beginning. */
export function createLineReader(source: LogSource, from: LogPosition | null, readable?: ReadableLine): LineReader {
  const line = emptyCriLine();
  const { f, i, o, n, k } = from ?? { f: -1, i: 0, o: 0, n: 0, k: 0 };
  const reading: Reading = { source, readable, place: { f, i, o, n }, unfinished: { o: null, e: null }, emitted: 0, skip: k, lastAt: 0, gapReason: 'RATE' };
  const take = (bytes: Buffer, start: number, end: number, batch: Batch): FeedEnd => {
    parseCriLine(bytes, start, end, line);
    return takeCriLine(reading, line, bytes, batch);
  };
  return {
    flush: (batch) => flush(reading, batch),
    enterFile(file, offset, isNew) {
      reading.place = { f: file.f, i: file.i, o: offset, n: reading.place.n };
      if (isNew) reading.gapReason = 'ROTATED';
    },
    feed(bytes, batch) {
      const began = reading.place.o;
      for (let start = 0; ;) {
        const end = bytes.indexOf(NEWLINE, start);
        if (end === -1) return 'drained';
        const stopped = take(bytes, start, end, batch);
        if (stopped !== 'drained') return stopped;
        start = end + 1;
        reading.place.o = began + start;
      }
    },
    feedTail(bytes, batch) {
      const stopped = take(bytes, 0, bytes.length, batch);
      if (stopped === 'drained') reading.place.o += bytes.length;
      return stopped;
    },
    offset: () => reading.place.o,
    position() {
      const { o: out, e: error } = reading.unfinished;
      const earliest = out && error ? (out.start.n < error.start.n ? out : error) : out ?? error;
      return earliest ? { ...earliest.start, k: reading.emitted - earliest.emittedAtStart } : { ...reading.place, k: reading.skip };
    },
  };
}

function takeCriLine(reading: Reading, line: CriLine, bytes: Buffer, batch: Batch): FeedEnd {
  const { place } = reading;
  if (Number.isNaN(line.at)) line.at = reading.lastAt === 0 ? Date.now() : reading.lastAt;
  reading.lastAt = line.at;
  if (line.ordinal !== null && line.ordinal > place.n) {
    // The rest of an unfinished line is among what is missing.
    if (!flush(reading, batch)) return 'full';
    if (batch.count > 0 || batch.gap) return 'cut';
    batch.gap = { lines: Math.max(0, line.ordinal - place.n - reading.skip), reason: reading.gapReason };
    reading.skip = 0;
  }
  if (line.ordinal !== null) place.n = line.ordinal;
  if (!takeText(reading, line, bytes, batch)) return 'full';
  reading.gapReason = 'RATE';
  place.n++;
  return 'drained';
}

/** Takes a CRI line's text; false: no room, nothing of it was taken (what was held before it may have been given out). */
function takeText(reading: Reading, { at, stream, partial, textStart, textEnd }: CriLine, bytes: Buffer, batch: Batch): boolean {
  const { unfinished } = reading;
  const size = textEnd - textStart;
  const before = unfinished[stream];
  if (before && before.size + size > MAX_LINE_BYTES && !emitUnfinished(reading, batch, stream, true)) return false;
  const held = unfinished[stream];
  if (!held && !partial) return emit(reading, batch, at, stream, bytes, textStart, textEnd, false);
  // A copy: the next read overwrites the buffer.
  const piece = Buffer.from(bytes.subarray(textStart, textEnd));
  if (!held) {
    unfinished[stream] = { at, pieces: [piece], size, start: { ...reading.place }, emittedAtStart: reading.emitted };
    return true;
  }
  held.pieces.push(piece);
  held.size += size;
  if (partial || emitUnfinished(reading, batch, stream, false)) return true;
  held.pieces.pop();
  held.size -= size;
  return false;
}

const flush = (reading: Reading, batch: Batch): boolean => emitUnfinished(reading, batch, 'o', false) && emitUnfinished(reading, batch, 'e', false);

function emitUnfinished(reading: Reading, batch: Batch, stream: 'o' | 'e', goesOn: boolean): boolean {
  const held = reading.unfinished[stream];
  if (!held) return true;
  if (!emit(reading, batch, held.at, stream, Buffer.concat(held.pieces), 0, held.size, goesOn)) return false;
  reading.unfinished[stream] = null;
  return true;
}

function emit(reading: Reading, batch: Batch, at: number, stream: 'o' | 'e', bytes: Buffer, start: number, end: number, goesOn: boolean): boolean {
  if (reading.skip > 0) reading.skip--;
  else {
    const written = bytes.toString('utf8', start, end);
    const text = reading.readable ? reading.readable(written) : written;
    if (text !== null && !batch.add(at, stream, guessLevel(reading.source, stream, text), text, goesOn)) return false;
  }
  reading.emitted++;
  return true;
}
