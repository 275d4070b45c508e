import type { Bus } from '../bus/connect.ts';
import { formatAccess } from '../bus/access-line.ts';
import type { LogContent, LogSourceFiles } from '../cluster/log-sources.ts';
import type { SourceMeta } from '../cri/cri-file.ts';
import { emptyCriLine, parseCriLine } from '../cri/cri-line.ts';
import { createBatch } from './batch.ts';
import type { Batch } from './batch.ts';
import { isCurrent, openNextFile, reopenFile } from './log-file.ts';
import type { FilePlace, LogFile } from './log-file.ts';
import { readPositionFile, writePositionFile } from './position.ts';
import type { LogPosition } from './position.ts';
import { AppGone, createPublisher } from './publish.ts';
import type { Publisher } from './publish.ts';
import type { Source } from './source.ts';
import { parseTraefik } from './traefik.ts';

type AccessContent = Extract<LogContent, { kind: 'access-log' }>;

/** An app's part of the access log: its last batch says up to where it has its lines. */
interface AppPart { meta: SourceMeta; publisher: Publisher; seq: number; stored: LogPosition | null }

interface Place extends FilePlace { o: number }

/** A line of an app, and where the next one starts. */
interface Request { appId: string; at: number; text: string; isError: boolean; next: number }

const NEWLINE = 0x0a;
/** Apps whose last batch is remembered; one that has been quiet is asked for again. */
const MAX_PARTS = 2_000;

/**
 * An Ingress controller's access log on its way into the apps' streams. What is read of the file is kept when each app has its part of it; after a
 * kill it is read again from there, and each app takes only what lies behind its own last batch: no line twice, none lost.
 */
export function createAccessSource(bus: Bus, files: LogSourceFiles, content: AccessContent): Source {
  const parts = new Map<string, AppPart | 'gone'>();
  let place: Place | null = null;
  let file: LogFile | null = null;
  let begun = false;
  /** Nothing is left to read in the file of our place. */
  let isRead = true;
  let saved = '';
  /** The file before which files may be gone unread: whoever has lines from before it is told. */
  let missedBefore = -1;

  const close = async (): Promise<void> => {
    const open = file;
    file = null;
    isRead = place === null;
    parts.clear();
    await open?.handle.close();
  };
  /** Goes on in the file of our place, where its rest is unread, or in the next. */
  const openNext = async (): Promise<LogFile | null> => {
    const { file: next, missed } = isRead ? await openNextFile(files.dirs(), place) : await reopenFile(files.dirs(), place as Place);
    if (!next) return null;
    if (missed) missedBefore = next.f;
    if (next.f !== place?.f) place = { f: next.f, i: next.i, o: 0 };
    isRead = false;
    return next;
  };
  const partOf = async (appId: string): Promise<AppPart | 'gone'> => {
    const known = parts.get(appId) ?? await openPart(bus, appId, content.sourceId);
    parts.delete(appId);
    parts.set(appId, known);
    if (parts.size > MAX_PARTS) parts.delete(parts.keys().next().value ?? '');
    return known;
  };
  const send = async (appId: string, requests: Request[], at: { f: number; i: number }): Promise<void> => {
    const part = await partOf(appId);
    if (part === 'gone') return;
    for (let from = 0; from < requests.length;) {
      const batch = createBatch(part.meta);
      if (part.stored && part.stored.f < missedBefore) batch.gap = { lines: null, reason: 'ROTATED' };
      from = fill(batch, requests, from, part.stored, at.f);
      const last = requests[from - 1];
      if (batch.count === 0 || !last) return;
      const position = { ...at, o: last.next, n: (part.stored?.n ?? 0) + batch.count, k: 0, s: part.stored?.n ?? 0 };
      part.seq = await part.publisher.publish(batch.encode(position), part.seq);
      part.stored = position;
    }
  };
  const takeChunk = async (current: LogFile, bytes: Buffer, offset: number): Promise<number> => {
    const { byApp, end } = readRequests(bytes, offset, content);
    for (const [appId, requests] of byApp) {
      await send(appId, requests, { f: current.f, i: current.i }).catch((error: unknown) => {
        if (!(error instanceof AppGone)) throw error;
        parts.set(appId, 'gone');
      });
    }
    return end;
  };
  return {
    close,
    savePosition: async () => {
      const text = JSON.stringify(place);
      if (!place || text === saved) return;
      await writePositionFile(files.positionFile, { position: { ...place, n: 0, k: 0, s: 0 }, done: false });
      saved = text;
    },
    turn: async (buffer) => {
      try {
        if (!begun) {
          place = (await readPositionFile(files.positionFile))?.position ?? null;
          [begun, isRead] = [true, place === null];
        }
        if (!file) {
          const ended = await files.state() !== 'live';
          file = await openNext();
          if (!file) return ended ? 'done' : 'idle';
        }
        const current = file;
        const offset = place?.o ?? 0;
        const live = await files.state() === 'live' && await isCurrent(files.dirs(), current);
        const { bytesRead } = await current.handle.read(buffer, 0, buffer.length, offset);
        const taken = await takeChunk(current, buffer.subarray(0, bytesRead), offset);
        place = { f: current.f, i: current.i, o: taken > 0 || bytesRead < buffer.length ? offset + taken : offset + bytesRead };
        if (bytesRead === buffer.length) return 'more';
        if (live) return 'idle';
        if (taken > 0) return 'more';
        [file, isRead] = [null, true];
        await current.handle.close();
        return 'more';
      } catch (error) {
        await close();
        throw error;
      }
    },
  };
}

/** What an app's stream knows of this log. */
async function openPart(bus: Bus, appId: string, sourceId: string): Promise<AppPart | 'gone'> {
  const meta: SourceMeta = { appId, source: 'ROUTER', sourceId, process: 'router', replica: null, release: null, build: null };
  const publisher = createPublisher(bus, meta);
  try {
    const { seq, position } = await publisher.last();
    return { meta, publisher, seq, stored: position };
  } catch (error) {
    if (error instanceof AppGone) return 'gone';
    throw error;
  }
}

/** Takes requests from the `from`-th on until the batch is full; those that the app has already are passed over. Answers the next one's index. */
function fill(batch: Batch, requests: Request[], from: number, stored: LogPosition | null, f: number): number {
  let index = from;
  for (; index < requests.length; index++) {
    const { at, text, isError, next } = requests[index] as Request;
    if (stored && (stored.f > f || (stored.f === f && stored.o >= next))) continue;
    if (!batch.add(at, isError ? 'e' : 'o', isError ? 'e' : 'i', text, false)) break;
  }
  return index;
}

/** The requests in whole lines of these bytes, by their apps; `end`: bytes of whole lines. */
function readRequests(bytes: Buffer, offset: number, content: AccessContent): { byApp: Map<string, Request[]>; end: number } {
  const byApp = new Map<string, Request[]>();
  const cri = emptyCriLine();
  let start = 0;
  for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
    parseCriLine(bytes, start, end, cri);
    const access = cri.partial ? null : parseTraefik(bytes.toString('utf8', cri.textStart, cri.textEnd));
    start = end + 1;
    if (!access) continue;
    const text = formatAccess({ ...access.line, replica: access.address === null ? null : content.replicaAt(access.address) });
    const requests = byApp.get(access.appId) ?? [];
    byApp.set(access.appId, requests);
    requests.push({ appId: access.appId, at: Number.isNaN(cri.at) ? Date.now() : cri.at, text, isError: access.line.status >= 500, next: offset + start });
  }
  return { byApp, end: start };
}
