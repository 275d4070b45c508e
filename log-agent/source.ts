import type { LogContent, LogSourceFiles } from '../cluster/log-sources.ts';
import { faultPoint } from '../service/fault.ts';
import type { Batch } from './batch.ts';
import { createBatch, MAX_BATCH_BYTES } from './batch.ts';
import { createLineReader, MAX_LINE_BYTES } from './line-reader.ts';
import type { LineReader } from './line-reader.ts';
import { anyExists, isCurrent, openNextFile, reopenFile } from './log-file.ts';
import type { FilePlace, LogFile, NextFile } from './log-file.ts';
import { readPositionFile, writePositionFile } from './position.ts';
import type { LogPosition } from './position.ts';
import type { Publisher } from './publish.ts';

/** Bytes read at once: about what one batch takes. */
export const READ_BYTES = MAX_BATCH_BYTES;

/** `more`: take another turn. `idle`: all there is was sent; look again when the files change. `done`: the end was sent, nothing ever comes. */
export type TurnEnd = 'more' | 'idle' | 'done';

/** One source's files on their way into the stream, a batch a turn. */
export interface Source {
  /** Reads at most one batch, sends it, and waits until it is stored. After any error the next turn starts from what the stream knows. */
  turn(buffer: Buffer): Promise<TurnEnd>;
  /** Writes the position beside the files where it has changed. */
  savePosition(): Promise<void>;
  close(): Promise<void>;
}

interface Standing {
  reader: LineReader;
  file: LogFile | null;
  /** A file that was read to its end, or (`unread`) whose rest is to be read from this byte. */
  after: FilePlace & { unread: number | null } | null;
  stored: LogPosition | null;
  seq: number;
}

type LinesContent = Extract<LogContent, { kind: 'source' }>;

export function createSource(files: LogSourceFiles, content: LinesContent, publisher: Publisher): Source {
  const { meta } = content;
  let standing: Standing | null = null;
  let done = false;
  let saved: string | undefined;
  let known: LogPosition | null = null;

  const close = async (): Promise<void> => {
    const file = standing?.file;
    standing = null;
    await file?.handle.close();
  };
  const savePosition = async (): Promise<void> => {
    const text = JSON.stringify(known);
    if ((known === null && !done) || text === saved) return;
    await writePositionFile(files.positionFile, { position: known, done });
    saved = text;
  };

  async function send(at: Standing, batch: Batch): Promise<void> {
    const position = { ...at.reader.position(), s: at.stored?.n ?? 0 };
    at.seq = await publisher.publish(batch.encode(position), at.seq);
    faultPoint('log-agent.batch-published');
    at.stored = position;
    known = position;
  }

  return {
    close, savePosition,
    async turn(buffer) {
      if (done) return 'done';
      try {
        if (!standing) {
          const resumed = await resume(files, content, publisher, known);
          if (resumed === 'done') { done = true; return 'done'; }
          standing = resumed;
          known = resumed.stored;
        }
        const batch = createBatch(meta());
        const end = await fill(files, standing, batch, buffer);
        if (end === 'ended') batch.end = true;
        if (batch.count > 0 || batch.gap || batch.end) await send(standing, batch);
        if (end !== 'ended') return end;
        done = true;
        await close();
        await savePosition();
        return 'done';
      } catch (error) {
        await close();
        throw error;
      }
    },
  };
}

/** Finds where to read on: by the last batch in the stream; where retention dropped that one, by what we know ourselves or the position file. */
async function resume(files: LogSourceFiles, { meta, readable }: LinesContent, publisher: Publisher, known: LogPosition | null): Promise<Standing | 'done'> {
  const kept = await readPositionFile(files.positionFile);
  if (kept?.done) return 'done';
  const last = await publisher.last();
  if (last.ended) return 'done';
  const position = [kept?.position, known].reduce<LogPosition | null>((best, other) => (other && other.n > (best?.n ?? -1) ? other : best), last.position);
  const reader = createLineReader(meta().source, position, readable);
  const standing: Standing = { reader, file: null, after: null, stored: position, seq: last.seq };
  if (position) standing.after = { f: position.f, i: position.i, unread: position.o };
  return standing;
}

/** Whether more may come: to the open file, to the source. */
interface Outlook { live: boolean; ended: boolean; left: boolean; lost: boolean }

async function lookOut(files: LogSourceFiles, at: Standing): Promise<Outlook> {
  const state = await files.state();
  const untouched = at.file === null && at.after === null && at.stored === null;
  const lost = state === 'lost' || (state === 'ended' && untouched && !await anyExists(files.dirs()));
  return { ended: state !== 'live', left: state === 'left', lost, live: at.file !== null && await isCurrent(files.dirs(), at.file) };
}

/** Reads into the batch until it is full, something is missing, or all is read. `ended`: and nothing more will come. */
async function fill(files: LogSourceFiles, at: Standing, batch: Batch, buffer: Buffer): Promise<'more' | 'idle' | 'ended'> {
  // Looked at before a read that finds nothing: what was written before the file or the source ended is then read.
  let outlook: Outlook | null = null;
  for (;;) {
    if (!at.file) {
      outlook = await lookOut(files, at);
      const { file, missed, offset } = await openNext(files.dirs(), at.after);
      if (!file) return outlook.ended ? finish(at, batch, outlook) : 'idle';
      // What came before is sent first, with the position before the gap: whoever is killed in between finds the gap again.
      if (missed && (!at.reader.flush(batch) || batch.count > 0 || batch.gap)) { await file.handle.close(); return 'more'; }
      if (missed) batch.gap = { lines: null, reason: 'ROTATED' };
      at.file = file;
      at.reader.enterFile(file, offset, offset === 0);
      outlook = null;
    }
    const began = at.reader.offset();
    const { bytesRead } = await at.file.handle.read(buffer, 0, buffer.length, began);
    const bytes = buffer.subarray(0, bytesRead);
    if (at.reader.feed(bytes, batch) !== 'drained') return 'more';
    if (at.reader.offset() > began) { outlook = null; continue; }
    if (bytesRead === buffer.length) {
      // No CRI line is so long: something else wrote here. It is taken in pieces, so that reading goes on.
      if (at.reader.feedTail(bytes.subarray(0, MAX_LINE_BYTES), batch) !== 'drained') return 'more';
      continue;
    }
    if (!outlook) { outlook = await lookOut(files, at); continue; }
    if (outlook.live && !outlook.ended) return 'idle';
    if (bytesRead > 0 && at.reader.feedTail(bytes, batch) !== 'drained') return 'more';
    at.after = { f: at.file.f, i: at.file.i, unread: null };
    const { handle } = at.file;
    at.file = null;
    await handle.close();
  }
}

/** The file to read now, and from which byte. */
async function openNext(dirs: readonly string[], after: Standing['after']): Promise<NextFile & { offset: number }> {
  if (after?.unread == null) return { ...await openNextFile(dirs, after), offset: 0 };
  const { isSame, ...next } = await reopenFile(dirs, after);
  return { ...next, offset: isSame ? after.unread : 0 };
}

function finish(at: Standing, batch: Batch, { lost, left }: Outlook): 'more' | 'idle' | 'ended' {
  if (!at.reader.flush(batch)) return 'more';
  if (left) return 'idle';
  if (!lost) return 'ended';
  // Somebody deleted the files of a source that had not ended.
  if (batch.count > 0) return 'more';
  batch.gap = { lines: null, reason: 'SOURCE_LOST' };
  return 'ended';
}
