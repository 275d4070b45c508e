import { z } from 'zod';
import { query } from './message.ts';

/** Sources of log lines. The subject of a batch is `logs.<appId>.<source>.<sourceId>`, in the app's own stream. */
export const logSource = z.enum(['BUILD', 'APP', 'ROUTER', 'PLATFORM']);
export type LogSource = z.infer<typeof logSource>;

/** A stream per app: its sequence is the app's own, its limits are the app's own, and its creation time is the epoch of cursors. */
export const logStreamName = (appId: string): string => `LOGS_${appId}`;

/** @param sourceId the build's id, the replica's id, the job's id, `router`, or the name of a platform process */
export const logSubject = (appId: string, source: LogSource, sourceId: string): string => `logs.${appId}.${source}.${sourceId}`;

/** One line: milliseconds since 1970, stream, level, text, and whether it is a part of a longer line that goes on in the next. */
export const logLine = z.tuple([z.number(), z.enum(['o', 'e']), z.enum(['d', 'i', 'w', 'e']), z.string(), z.literal(1).optional()]);
export type LogLineTuple = z.infer<typeof logLine>;

/** The payload of one message: lines of one source, in order. JSON. */
export const logBatch = z.object({
  source: logSource,
  process: z.string().nullable(), replica: z.string().nullable(), release: z.int().nullable(), build: z.string().nullable(),
  lines: z.array(logLine),
  /** Lines of this source that are missing before this batch, and why; `lines` null: nobody knows how many. */
  gap: z.object({ lines: z.int().nullable(), reason: z.enum(['ROTATED', 'SOURCE_LOST', 'RATE']) }).optional(),
  /** Where the reader of the source stands after this batch; the stream is where positions are kept. */
  position: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  /** The source has ended; nothing comes after this batch. */
  end: z.literal(true).optional(),
});
export type LogBatch = z.infer<typeof logBatch>;

/** Make the app's stream if it is not there (NATS may have lost its data). BusError `NOT_FOUND`: no such app; drop the lines. */
export const logEnsure = query('log.ensure', z.object({ appId: z.uuid() }), z.object({}));
