import { logSubject } from '../bus/log.ts';
import { ALL, encodeLogCursor } from './log-cursor.ts';
import type { LogPlace } from './log-cursor.ts';
import type { HistoryStep, StoredGapReason } from './log-history.ts';
import { logHubs } from './log-hubs.ts';
import type { LogHub } from './log-hub.ts';
import { createLogMatcher } from './log-message.ts';
import type { LogFilter, LogLine, LogMatcher, LogMessage } from './log-message.ts';
import { findLastPlace } from './log-last.ts';
import type { Platform } from './platform.ts';

export const logGapReasons = ['RETENTION', 'LOG_STORE_LOST', 'ROTATED', 'SOURCE_LOST', 'RATE'] as const;
export type LogGapReason = (typeof logGapReasons)[number];
export const logEndReasons = ['COMPLETE', 'APP_DELETED', 'SERVER_RESTARTS'] as const;
export type LogEndReason = (typeof logEndReasons)[number];

export type LogEvent =
  | { type: 'LogBatch'; cursor: string; lines: readonly LogLine[] }
  | { type: 'LogGap'; cursor: string; from: string | null; to: string | null; lines: number | null; reason: LogGapReason }
  | { type: 'LogCaughtUp'; cursor: string }
  | { type: 'LogEnd'; reason: LogEndReason };

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

/** Lines in one event: many messages become one event, so that a busy log costs few executions. */
const MOST_LINES = 2_000;
/** How often a build without news is looked at. */
const LOOK_MS = 3_000;
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
  const signal = AbortSignal.any([request.signal, left.signal]);
  let reader: Reader;
  try {
    reader = createReader(hub, request, await findStart(hub, request), signal);
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
        if (!event) return await end();
        return { value: event, done: false };
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

interface Reader { next(): Promise<LogEvent | null> }

function createReader(hub: LogHub, request: LogRequest, start: LogPlace, signal: AbortSignal): Reader {
  const { build, appId } = request;
  const subject = build ? logSubject(appId, 'BUILD', build.id) : null;
  const matcher = createLogMatcher(request.filter ?? {}, request.after ? null : request.since);
  const events: LogEvent[] = [];
  let place = start;
  let caughtUp = false;
  let over = false;
  /** Of a build: the ordinal that its next batch begins with, where it is known. */
  let expected: number | null = request.after ? null : 0;

  const endWith = (reason: LogEndReason): void => { events.push({ type: 'LogEnd', reason }); over = true; };
  const gap = (cursor: LogPlace, from: LogPlace, lines: number | null, reason: LogGapReason, to: LogPlace = cursor): void => {
    events.push({ type: 'LogGap', cursor: encodeLogCursor(cursor), from: encodeLogCursor(from), to: encodeLogCursor(to), lines, reason });
  };

  /** Turns messages into events, and goes behind them. Lines of several messages become one batch. */
  function take(messages: readonly LogMessage[], to: LogPlace): void {
    let parts: (readonly LogLine[])[] = [];
    let count = 0;
    const flush = (): void => {
      if (count > 0) events.push({ type: 'LogBatch', cursor: encodeLogCursor(place), lines: parts.length === 1 ? parts[0] as readonly LogLine[] : parts.flat() });
      parts = [];
      count = 0;
    };
    for (const message of messages) {
      const before = place;
      const here = { epoch: message.epoch, seq: message.seq };
      const skipped = place.epoch === message.epoch && place.seq === message.seq ? place.index + 1 : 0;
      if ((subject === null || message.subject === subject) && matcher.message(message)) {
        const missing = subject === null ? 0 : continuity(message);
        if (missing > 0 && skipped === 0) { flush(); gap(before, before, missing, 'RETENTION'); }
        if (message.head.gap && skipped === 0) { flush(); gap({ ...here, index: 0 }, before, message.head.gap.lines, message.head.gap.reason); }
        const own = linesAfter(message, skipped, matcher);
        if (own.length > 0) parts.push(own);
        count += own.length;
        place = { ...here, index: ALL };
        if (subject !== null && message.head.end) { flush(); endWith('COMPLETE'); return; }
        if (count >= MOST_LINES) { flush(); return; }
      }
      place = { ...here, index: ALL };
    }
    place = to;
    flush();
  }

  /** How many lines of the build are missing before this message. */
  function continuity({ head: { position } }: LogMessage): number {
    const [s, n] = [position?.s, position?.n];
    if (typeof s !== 'number' || typeof n !== 'number') return 0;
    const missing = expected === null ? 0 : Math.max(0, s - expected);
    expected = n;
    return missing;
  }

  function takeStep(step: HistoryStep): void {
    if (step.kind === 'messages') take(step.messages, step.to);
    else if (step.kind === 'gap') {
      // A build's lines are counted: the next batch tells whether any of them are missing.
      if (subject === null || expected === null || step.reason !== 'RETENTION') gap(step.to, place, null, step.reason satisfies StoredGapReason);
      place = step.to;
    }
  }

  async function readOn(): Promise<void> {
    const head = hub.head();
    const recent = hub.recent(place);
    if (recent && recent.length > 0) { take(recent, head); return; }
    if (!recent) {
      const step = await hub.history.after(place, subject);
      if (step.kind !== 'end') { takeStep(step); return; }
      // Nothing of the build lies between here and what was the newest message before we looked.
      if (subject !== null && head.epoch === place.epoch && head.seq > place.seq) { place = head; return; }
    }
    if (!caughtUp) {
      caughtUp = true;
      events.push({ type: 'LogCaughtUp', cursor: encodeLogCursor(place) });
      return;
    }
    await idle(head);
  }

  /** Waits for what comes after `head`; looks how the build is first. */
  async function idle(head: LogPlace): Promise<void> {
    const status = await build?.status() ?? 'open';
    if (status === 'silent') endWith('COMPLETE');
    else if (status === 'lost') { gap(place, place, null, hub.history.state().firstSeq > 1 ? 'RETENTION' : 'SOURCE_LOST'); endWith('COMPLETE'); } else await hub.news(head, LOOK_MS, signal);
  }

  return {
    async next() {
      for (;;) {
        const event = events.shift();
        if (event) return event;
        if (over) return null;
        if (signal.aborted && !(request.signal.aborted && request.isRestart(request.signal.reason))) return null;
        const ended = request.signal.aborted ? 'SERVER_RESTARTS' : hub.ended();
        if (ended) endWith(ended); else await readOn();
      }
    },
  };
}

function linesAfter(message: LogMessage, skipped: number, { line }: LogMatcher): readonly LogLine[] {
  const all = message.lines();
  const rest = skipped > 1 ? all.slice(skipped - 1) : all;
  return line ? rest.filter(line) : rest;
}
