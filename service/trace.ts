import type { Logger } from './log.ts';
import { activeTrace, newTrace, withTrace } from './trace-context.ts';
import type { TraceContext } from './trace-context.ts';
import { readTraceEnv } from './trace-env.ts';

export type Attributes = Record<string, string | number | boolean | undefined>;

export interface SpanOptions {
  /** server: answers somebody; client: asks somebody; consumer: does what a message asked for; internal: a part of something. */
  kind: 'server' | 'client' | 'consumer' | 'internal';
  attributes?: Attributes;
  /** Instead of the trace that the code is in. */
  parent?: TraceContext | undefined;
  /** Other causes of the same. */
  links?: readonly TraceContext[];
  /** When it began, if it was not now. */
  startTime?: Date;
}

/** Something that goes on; it is told to the collector when it ends. */
export interface Span {
  trace: TraceContext;
  set(attributes: Attributes): void;
  /** It went wrong; `type` is a code or the name of an error, never its message. */
  fail(type: string): void;
  end(at?: Date): void;
}

/** What records spans. */
export interface Recorder {
  begin(name: string, options: SpanOptions): Span;
  /** Tells what is not told yet. */
  close(): Promise<void>;
}

let recorder: Recorder | null = null;
let hearsClients = true;

/** Whether spans are recorded: where not, nothing need be prepared for them. */
export const isTracing = (): boolean => recorder !== null;

/** Whether a trace that comes with a request from outside is gone on with. */
export const hearsClientTraces = (): boolean => hearsClients;

/**
 * Begins to record where OpenTelemetry's variables name a collector, and answers how to stop. Where they do not, its SDK is never loaded:
 * then a trace is an id that travels from process to process, so that one answer's id finds the log lines of all that took part in it.
 */
export async function startTracing(process: string, log: Logger): Promise<() => Promise<void>> {
  const env = readTraceEnv();
  ({ hearsClients } = env);
  if (!env.exporting) return async () => undefined;
  const opened = await (await import('./trace-export.ts')).openRecorder(process, env.exporting, log);
  recorder = opened;
  return opened.close;
}

/** Begins a span that its caller ends. Without a recorder it is a place in the trace only, and costs next to nothing. */
export function beginSpan(name: string, options: SpanOptions): Span {
  const parent = 'parent' in options ? options.parent : activeTrace();
  if (recorder) return recorder.begin(name, { ...options, parent });
  return { trace: parent ?? newTrace(), set: () => undefined, fail: () => undefined, end: () => undefined };
}

/** Runs `act` as one span, from its call to the end of what it promises. */
export async function inSpan<T>(name: string, options: SpanOptions, act: (span: Span) => Promise<T> | T): Promise<T> {
  const span = beginSpan(name, options);
  try {
    return await withTrace(span.trace, () => act(span));
  } catch (error) {
    span.fail(errorType(error));
    throw error;
  } finally {
    span.end();
  }
}

/** The same for a step of something that is traced: where nothing is, or nobody records, `act` is simply run. */
export function inStep<T>(name: string, options: SpanOptions, act: () => Promise<T>): Promise<T> {
  return recorder && activeTrace() ? inSpan(name, options, act) : act();
}

/** A word for an error that tells nothing of what was said in it. */
export function errorType(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && (typeof error.code === 'string' || typeof error.code === 'number') ? String(error.code) : error.name;
}
