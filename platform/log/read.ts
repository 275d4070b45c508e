import type { Platform } from '../platform.ts';
import type { LogPlace } from './cursor.ts';
import type { LogEvent } from './event.ts';
import type { LogHub } from './hub.ts';
import { logHubs } from './hubs.ts';
import { findLastPlace } from './last.ts';
import { createLogMatcher } from './message.ts';
import type { LogFilter } from './message.ts';
import { createLogReader } from './reader.ts';
import type { LogReader } from './reader.ts';

/** A build whose log is read: from its first line to its end. */
export interface BuildLog { id: string; queuedAt: Date; status(): Promise<BuildLogStatus> }
/** `open`: it goes on, or its last lines may be on their way. `silent`: it ended and never ran. `lost`: its lines should have come by now. */
export type BuildLogStatus = 'open' | 'silent' | 'lost';

export interface LogRequest {
  appId: string;
  build?: BuildLog;
  after?: LogPlace | null;
  last?: number | null;
  since?: Date | null;
  filter?: LogFilter | null;
  signal: AbortSignal;
  /** Whether the signal's reason is that the server stops: readers are told to come again. */
  isRestart(reason: unknown): boolean;
}

const DEFAULT_LAST = 100;
/** How far the clocks of database and NATS may be apart. */
const CLOCKS_MS = 60_000;

/**
 * Reads an app's log, or one build's: what is stored from a place on, then what comes. Nothing is read ahead: each `next` takes what
 * there is, so a slow reader holds no lines. `return` frees everything at once.
 */
export async function followLog(platform: Platform, request: LogRequest): Promise<AsyncIterableIterator<LogEvent>> {
  const { hub, release } = await logHubs(platform).hold(request.appId);
  const left = new AbortController();
  let reader: LogReader;
  try {
    reader = createLogReader(hub, request, await findStart(hub, request), left.signal);
  } catch (error) {
    release();
    throw error;
  }
  const stop = (): void => { left.abort(); release(); };
  const end = async (): Promise<IteratorResult<LogEvent>> => { stop(); return { value: undefined, done: true }; };
  const iterator: AsyncIterableIterator<LogEvent> = {
    [Symbol.asyncIterator]: () => iterator,
    async next() {
      try {
        const event = await reader.next();
        return event ? { value: event, done: false } : await end();
      } catch (error) {
        stop();
        throw error;
      }
    },
    return: end,
    throw: async (error: unknown) => { stop(); throw error; },
  };
  return iterator;
}

async function findStart(hub: LogHub, { build, after, last, since, filter }: LogRequest): Promise<LogPlace> {
  if (after) return after;
  if (build) return hub.history.placeAt(new Date(build.queuedAt.getTime() - CLOCKS_MS));
  if (since) return hub.history.placeAt(since);
  return findLastPlace(hub.history, hub.head(), last ?? DEFAULT_LAST, createLogMatcher(filter ?? {}));
}
