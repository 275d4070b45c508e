import { logSubject } from '../../bus/log.ts';
import { ALL, encodeLogCursor } from './cursor.ts';
import type { LogPlace } from './cursor.ts';
import { EVENT_LINES, toBatches, toGap } from './event.ts';
import type { LogEndReason, LogEvent } from './event.ts';
import type { HistoryStep } from './history.ts';
import type { LogHub } from './hub.ts';
import { createLogMatcher } from './message.ts';
import type { LogLine, LogMatcher, LogMessage } from './message.ts';
import type { BuildLog, LogRequest } from './read.ts';

/** How often a build without news is looked at. */
const LOOK_MS = 3_000;

export interface LogReader {
  /** The next event; null: there is none after the last one. */
  next(): Promise<LogEvent | null>;
}

/** Where one reader stands. */
interface Reading {
  hub: LogHub;
  build: BuildLog | undefined;
  /** Of the build; null: all of the app's. */
  subject: string | null;
  matcher: LogMatcher;
  place: LogPlace;
  /** Made, and not yet given out. */
  events: LogEvent[];
  caughtUp: boolean;
  over: boolean;
  /** Of a build: the ordinal that its next batch begins with, where it is known. */
  expected: number | null;
  signal: AbortSignal;
}

/** One reader of a hub, from a place on, until its signal or the request's aborts. */
export function createLogReader(hub: LogHub, request: LogRequest, start: LogPlace, left: AbortSignal): LogReader {
  const { build, appId, after } = request;
  const reading: Reading = {
    hub, build, subject: build ? logSubject(appId, 'BUILD', build.id) : null, matcher: createLogMatcher(request.filter ?? {}, after ? null : request.since),
    place: start, events: [], caughtUp: false, over: false, expected: after ? null : 0, signal: AbortSignal.any([request.signal, left]),
  };
  return {
    async next() {
      for (;;) {
        const event = reading.events.shift();
        if (event) return event;
        if (reading.over || left.aborted) return null;
        if (request.signal.aborted && !request.isRestart(request.signal.reason)) return null;
        const ended = request.signal.aborted ? 'SERVER_RESTARTS' : hub.ended();
        if (ended) end(reading, ended); else await readOn(reading);
      }
    },
  };
}

function end(reading: Reading, reason: LogEndReason): void {
  reading.events.push({ type: 'LogEnd', reason });
  reading.over = true;
}

/** Takes one step: what is new, what is stored, or a wait. */
async function readOn(reading: Reading): Promise<void> {
  const { hub, place, subject, events } = reading;
  // Before the history is asked, so that what comes meanwhile is news.
  const head = hub.head();
  const recent = hub.recent(place);
  if (recent && recent.length > 0) { take(reading, recent, head); return; }
  if (!recent) {
    const step = await hub.history.after(place, subject);
    if (step.kind !== 'end') { takeStep(reading, step); return; }
    // Nothing of the build lies between here and what was the newest message before we asked.
    if (subject !== null && head.epoch === place.epoch && head.seq > place.seq) { reading.place = head; return; }
  }
  if (!reading.caughtUp) {
    reading.caughtUp = true;
    events.push({ type: 'LogCaughtUp', cursor: encodeLogCursor(place) });
    return;
  }
  await idle(reading, head);
}

/** Waits for what comes after `head`; looks how the build is first. */
async function idle(reading: Reading, head: LogPlace): Promise<void> {
  const { hub, build, place, signal, events } = reading;
  const status = build ? await build.status() : 'open';
  if (status === 'open') { await hub.news(head, LOOK_MS, signal); return; }
  if (status === 'lost') events.push(toGap(place, place, null, hub.history.state().firstSeq > 1 ? 'RETENTION' : 'SOURCE_LOST'));
  end(reading, 'COMPLETE');
}

function takeStep(reading: Reading, step: Exclude<HistoryStep, { kind: 'end' }>): void {
  if (step.kind === 'messages') { take(reading, step.messages, step.to); return; }
  // A build's lines are counted: its next batch tells whether any of them are missing.
  const isCounted = reading.subject !== null && reading.expected !== null && step.reason === 'RETENTION';
  if (!isCounted) reading.events.push(toGap(reading.place, step.to, null, step.reason));
  reading.place = step.to;
}

/** Turns messages into events, and goes behind them. Lines of several messages become one batch. */
function take(reading: Reading, messages: readonly LogMessage[], to: LogPlace): void {
  const { subject, matcher, events } = reading;
  let parts: (readonly LogLine[])[] = [];
  let count = 0;
  const flush = (): void => {
    if (count > 0) events.push(...toBatches(parts.length === 1 ? parts[0] as readonly LogLine[] : parts.flat(), reading.place));
    parts = [];
    count = 0;
  };
  for (const message of messages) {
    const before = reading.place;
    // The entries of the message that were read before.
    const read = before.epoch === message.epoch && before.seq === message.seq ? before.index + 1 : 0;
    const after = { epoch: message.epoch, seq: message.seq, index: ALL };
    if ((subject === null || message.subject === subject) && matcher.message(message)) {
      const gaps = gapsBefore(reading, message);
      if (read === 0 && gaps.length > 0) { flush(); events.push(...gaps); }
      const lines = linesAfter(message, read, matcher);
      if (lines.length > 0) parts.push(lines);
      count += lines.length;
      reading.place = after;
      if (subject !== null && message.head.end) { flush(); end(reading, 'COMPLETE'); return; }
      if (count >= EVENT_LINES) { flush(); return; }
    }
    reading.place = after;
  }
  reading.place = to;
  flush();
}

/** What is missing before a message: lines of the build that retention dropped, and what its source itself tells. Counts a build's lines on. */
function gapsBefore(reading: Reading, message: LogMessage): LogEvent[] {
  const { place } = reading;
  const { gap, position } = message.head;
  const events: LogEvent[] = [];
  if (reading.subject !== null && typeof position?.s === 'number' && typeof position.n === 'number') {
    const missing = reading.expected === null ? 0 : position.s - reading.expected;
    if (missing > 0) events.push(toGap(place, place, missing, 'RETENTION'));
    reading.expected = position.n;
  }
  if (gap) events.push(toGap(place, { epoch: message.epoch, seq: message.seq, index: 0 }, gap.lines, gap.reason));
  return events;
}

function linesAfter(message: LogMessage, read: number, { line }: LogMatcher): readonly LogLine[] {
  const all = message.lines();
  const rest = read > 1 ? all.slice(read - 1) : all;
  return line ? rest.filter(line) : rest;
}
