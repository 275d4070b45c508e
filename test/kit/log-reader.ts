import { leave } from './api-client.ts';
import { AppLogs } from './documents.ts';
import type { Slipway } from './slipway.ts';

export interface ReadLine { cursor: string; text: string; source: string; process: string | null; replica: string | null; release: number | null }
export interface ReadGap { lines: number | null; reason: string; afterLine: number }

export interface LogReader {
  lines: ReadLine[];
  gaps: ReadGap[];
  /** The last cursor seen, of a line, batch or gap. */
  cursor(): string | undefined;
  stop(): Promise<void>;
}

/** Follows an app's log over a real WebSocket from a cursor (or its beginning) and, after any lost connection, from where it was. */
export function followLogs(slipway: Slipway, app: string, after?: string): LogReader {
  let cursor = after;
  let going = true;
  let client = slipway.socket();
  const lines: ReadLine[] = [];
  const gaps: ReadGap[] = [];

  const readOnce = async (): Promise<void> => {
    for await (const result of client.iterate<{ appLogs: LogEventShape }>({ query: AppLogs.toString(), variables: { app, after: cursor, last: cursor ? undefined : 100_000 } })) {
      if (result.errors) throw new Error(JSON.stringify(result.errors));
      const event = result.data?.appLogs;
      if (!event || event.__typename === 'LogEnd') return;
      if (event.__typename === 'LogBatch') lines.push(...event.lines);
      if (event.__typename === 'LogGap') gaps.push({ lines: event.missing, reason: event.why, afterLine: lines.length });
      cursor = event.cursor;
    }
  };
  const loop = (async () => {
    while (going) {
      await readOnce().catch(() => undefined);
      if (!going) return;
      await leave(client);
      client = slipway.socket();
      await new Promise((resolve) => { setTimeout(resolve, 100); });
    }
  })();
  return { lines, gaps, cursor: () => cursor, stop: async () => { going = false; await leave(client); await loop; } };
}

type LogEventShape =
  | { __typename: 'LogBatch'; cursor: string; lines: ReadLine[] }
  | { __typename: 'LogGap'; cursor: string; missing: number | null; why: string }
  | { __typename: 'LogCaughtUp'; cursor: string }
  | { __typename: 'LogEnd'; reason: string };
