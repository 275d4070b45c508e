import type { z } from 'zod';
import { logBatch } from '../../bus/log.ts';
import type { LogLineTuple, LogSource } from '../../bus/log.ts';
import type { StoredBatch } from '../../bus/log-store.ts';
import { cursorPrefix, cursorSuffix } from './cursor.ts';

export const logLevels = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const;
export type LogLevel = (typeof logLevels)[number];
export const logStreams = ['STDOUT', 'STDERR'] as const;
export type LogStream = (typeof logStreams)[number];

/** One line as readers get it. Made once for all readers of the app. */
export interface LogLine {
  cursor: string;
  at: Date;
  source: LogSource;
  level: LogLevel;
  process: string | null;
  replica: string | null;
  release: number | null;
  stream: LogStream;
  text: string;
  /** The line goes on in the next one: it is longer than 64 KiB. */
  continues: boolean;
}

const logHead = logBatch.omit({ lines: true });
export type LogHead = z.infer<typeof logHead>;

/** One stored batch. Its lines are decoded when the first reader wants them, and then shared. */
export interface LogMessage {
  epoch: number; seq: number; subject: string; storedAt: number;
  /** Of its JSON. */
  bytes: number;
  head: LogHead;
  lines(): readonly LogLine[];
}

const levels: Record<LogLineTuple[2], LogLevel> = { d: 'DEBUG', i: 'INFO', w: 'WARN', e: 'ERROR' };
const decoder = new TextDecoder();

/** Decodes a batch. One that is not ours (it cannot come from our processes) has no lines and is logged by nobody: it must not stop a reader. */
export function decodeLogMessage(epoch: number, { seq, subject, storedAt, data }: StoredBatch): LogMessage {
  const { tuples, head } = decode(data);
  let raw: LogLineTuple[] | null = tuples;
  let lines: LogLine[] = [];
  return {
    epoch, seq, subject, storedAt, bytes: data.length, head,
    lines() {
      if (raw) { lines = makeLines(epoch, seq, head, raw); raw = null; }
      return lines;
    },
  };
}

function decode(data: Uint8Array): { head: LogHead; tuples: LogLineTuple[] } {
  try {
    const { lines, ...rest } = JSON.parse(decoder.decode(data)) as { lines: LogLineTuple[] };
    // Lines are not checked one by one: only processes with a credential for the subject write here.
    return { head: logHead.parse(rest), tuples: Array.isArray(lines) ? lines : [] };
  } catch {
    return { head: { source: 'PLATFORM', process: null, replica: null, release: null, build: null }, tuples: [] };
  }
}

function makeLines(epoch: number, seq: number, { source, process, replica, release }: LogHead, tuples: LogLineTuple[]): LogLine[] {
  const prefix = cursorPrefix(epoch, seq);
  let at = new Date(0);
  return tuples.map(([time, stream, level, text, continues], index) => {
    // Many lines share their millisecond, and then its Date.
    if (at.getTime() !== time) at = new Date(time);
    return { cursor: prefix + cursorSuffix(index + 1), at, source, level: levels[level], process, replica, release, stream: stream === 'e' ? 'STDERR' : 'STDOUT', text, continues: continues === 1 };
  });
}

/** What a reader wants to see; absent: all. */
export interface LogFilter {
  sources?: readonly LogSource[] | null;
  processes?: readonly string[] | null;
  replicas?: readonly string[] | null;
  releases?: readonly number[] | null;
  minLevel?: LogLevel | null;
  stream?: LogStream | null;
  /** Lines that have this in their text, in any case. */
  search?: string | null;
}

export interface LogMatcher {
  message(message: LogMessage): boolean;
  /** Null: every line of a matching message matches. */
  line: ((line: LogLine) => boolean) | null;
}

export function createLogMatcher(filter: LogFilter, since?: Date | null): LogMatcher {
  const { sources, processes, replicas, releases, minLevel, stream } = filter;
  const rank = minLevel ? logLevels.indexOf(minLevel) : 0;
  const search = filter.search?.toLowerCase() ?? '';
  const tests: ((line: LogLine) => boolean)[] = [];
  if (rank > 0) tests.push((line) => logLevels.indexOf(line.level) >= rank);
  if (stream) tests.push((line) => line.stream === stream);
  if (search !== '') tests.push((line) => line.text.toLowerCase().includes(search));
  if (since) tests.push((line) => line.at >= since);
  const isOneOf = <T>(list: readonly T[] | null | undefined, value: T | null): boolean => !list || (value !== null && list.includes(value));
  return {
    message: ({ head }) => isOneOf(sources, head.source) && isOneOf(processes, head.process) && isOneOf(replicas, head.replica) && isOneOf(releases, head.release),
    line: tests.length === 0 ? null : (line) => tests.every((test) => test(line)),
  };
}
