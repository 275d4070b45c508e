import { encodeLogCursor } from './cursor.ts';
import type { LogPlace } from './cursor.ts';
import type { LogLine } from './message.ts';

export const logGapReasons = ['RETENTION', 'LOG_STORE_LOST', 'ROTATED', 'SOURCE_LOST', 'RATE'] as const;
export type LogGapReason = (typeof logGapReasons)[number];
export const logEndReasons = ['COMPLETE', 'APP_DELETED', 'SERVER_RESTARTS'] as const;
export type LogEndReason = (typeof logEndReasons)[number];

/** What a reader of a log is told. */
export type LogEvent =
  | { type: 'LogBatch'; cursor: string; lines: readonly LogLine[] }
  | { type: 'LogGap'; cursor: string; from: string | null; to: string | null; lines: number | null; reason: LogGapReason }
  | { type: 'LogCaughtUp'; cursor: string }
  | { type: 'LogEnd'; reason: LogEndReason };

/** Limits of one event: many small messages become one, so that a busy log costs few executions; a large one becomes several, so that a slow reader's frame stays small. */
export const EVENT_LINES = 500;
const EVENT_CHARACTERS = 128 * 1024;

/** Batches of the lines, in order; `end` is the place after all of them. */
export function toBatches(lines: readonly LogLine[], end: LogPlace): LogEvent[] {
  const batches: LogEvent[] = [];
  let start = 0;
  let characters = 0;
  for (const [index, line] of lines.entries()) {
    characters += line.text.length;
    const next = lines[index + 1];
    if (next && index + 1 - start < EVENT_LINES && characters + next.text.length <= EVENT_CHARACTERS) continue;
    const own = start === 0 && !next ? lines : lines.slice(start, index + 1);
    batches.push({ type: 'LogBatch', cursor: next ? line.cursor : encodeLogCursor(end), lines: own });
    start = index + 1;
    characters = 0;
  }
  return batches;
}

/** Lines are missing between two places. */
export const toGap = (from: LogPlace, to: LogPlace, lines: number | null, reason: LogGapReason): LogEvent =>
  ({ type: 'LogGap', cursor: encodeLogCursor(to), from: encodeLogCursor(from), to: encodeLogCursor(to), lines, reason });
