import { comparePlaces, decodeLogCursor } from './cursor.ts';
import type { LogPlace } from './cursor.ts';
import { findLastPlace } from './last.ts';
import { logHubs } from './hubs.ts';
import { createLogMatcher } from './message.ts';
import type { LogFilter, LogLine } from './message.ts';
import { followLog } from './read.ts';
import type { LogEvent } from './event.ts';
import type { BuildLog } from './read.ts';
import { logSubject } from '../../bus/log.ts';
import type { Platform } from '../platform.ts';

export interface LogPageRequest {
  appId: string;
  build?: BuildLog;
  first?: number | null;
  last?: number | null;
  after?: string | null;
  before?: string | null;
  filter?: LogFilter | null;
  /** The place before all that is archived of the app (findArchiveStarts); null: nothing is. */
  archiveStart: LogPlace | null;
}

export type LogGapEvent = Extract<LogEvent, { type: 'LogGap' }>;

export interface LogPage { lines: LogLine[]; gaps: LogGapEvent[]; hasNextPage: boolean; hasPreviousPage: boolean }

const DEFAULT_LINES = 100;
export const MOST_PAGE_LINES = 1_000;

/** Stored lines between two cursors: the first ones where `first` or `after` is given, else the last ones. The same cursors as the live log's. */
export async function readLogPage(platform: Platform, request: LogPageRequest): Promise<LogPage> {
  const { hub, release } = await logHubs(platform).hold(request.appId);
  try {
    const oldest = request.archiveStart ?? await hub.history.hotStart();
    const before = request.before ? decodeLogCursor(request.before) : null;
    const count = Math.min(request.first ?? request.last ?? DEFAULT_LINES, MOST_PAGE_LINES);
    const forward = request.first != null || (request.last == null && request.after != null);
    const after = request.after ? decodeLogCursor(request.after) : null;
    if (forward) return await readForward(platform, request, after ?? oldest, before, count, after !== null);
    const end = before ? { ...before, index: before.index - 1 } : hub.head();
    const matcher = createLogMatcher(request.filter ?? {});
    const { build } = request;
    const own = build ? { ...matcher, message: (message: Parameters<typeof matcher.message>[0]) => message.subject === logSubject(request.appId, 'BUILD', build.id) } : matcher;
    const found = await findLastPlace(hub.history, end, count, own);
    const start = after && comparePlaces(after, found) > 0 ? after : found;
    return await readForward(platform, request, start, before, count, comparePlaces(oldest, start) < 0);
  } finally {
    release();
  }
}

async function readForward(platform: Platform, { appId, build, filter }: LogPageRequest, start: LogPlace, before: LogPlace | null, count: number, hasPreviousPage: boolean): Promise<LogPage> {
  const page: LogPage = { lines: [], gaps: [], hasNextPage: false, hasPreviousPage };
  const events = await followLog(platform, { appId, build, after: start, filter, signal: new AbortController().signal, isRestart: () => false });
  const isPast = (cursor: string): boolean => before !== null && comparePlaces(decodeLogCursor(cursor), before) >= 0;
  for await (const event of events) {
    if (event.type === 'LogCaughtUp' || event.type === 'LogEnd') break;
    if (event.type === 'LogGap') {
      if (!isPast(event.cursor)) page.gaps.push(event);
      continue;
    }
    const rest = before === null ? event.lines : event.lines.filter((line) => !isPast(line.cursor));
    page.lines.push(...rest.slice(0, count - page.lines.length));
    page.hasNextPage = rest.length < event.lines.length || page.lines.at(-1) !== rest.at(-1) || (page.lines.length === count && before !== null);
    if (page.hasNextPage || page.lines.length >= count) break;
  }
  // A full page may be followed by more that was not looked at.
  page.hasNextPage ||= page.lines.length >= count;
  return page;
}

