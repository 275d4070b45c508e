import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

/** Where in which trace something happens (W3C Trace Context), whether or not anybody records it. */
export interface TraceContext {
  /** 32 hex digits. */
  traceId: string;
  /** 16 hex digits: the span that what happens here is a part of. */
  spanId: string;
  sampled: boolean;
  /** The `tracestate` of whoever began the trace, passed on as it came. */
  state: string | null;
  /** The span is one that this process records. */
  recorded: boolean;
}

const active = new AsyncLocalStorage<TraceContext | undefined>();

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
/** Longer ones may be dropped by whoever passes them on. */
const LONGEST_STATE = 512;

/** The trace that the code is in now. */
export const activeTrace = (): TraceContext | undefined => active.getStore();

/** Runs `act`, and all that it begins, in this trace; undefined: in none. */
export const withTrace = <T>(trace: TraceContext | undefined, act: () => T): T => active.run(trace, act);

/** Runs what outlives its cause: a watch or a loop that a request began is no part of it. */
export const outsideTrace = <T>(act: () => T): T => active.run(undefined, act);

export const newTraceId = (): string => randomBytes(16).toString('hex');

/** The beginning of a trace that nobody records. */
export const newTrace = (): TraceContext => ({ traceId: newTraceId(), spanId: randomBytes(8).toString('hex'), sampled: false, state: null, recorded: false });

/** A trace by its headers `traceparent` and `tracestate`; undefined where there is none, or what is there is none. */
export function parseTrace(traceparent: string | undefined, tracestate?: string): TraceContext | undefined {
  const [, version, traceId = '', spanId = '', flags = '', more] = TRACEPARENT.exec(traceparent ?? '') ?? [];
  // Later versions may say more at the end; version 00 may not.
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  const state = tracestate !== undefined && tracestate !== '' && tracestate.length <= LONGEST_STATE && /^[\x20-\x7e]+$/.test(tracestate) ? tracestate : null;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1, state, recorded: false };
}

/** The headers by which a trace goes on in another process. */
export function traceHeaders(trace: TraceContext | undefined = activeTrace()): Record<string, string> {
  if (!trace) return {};
  return { traceparent: `00-${trace.traceId}-${trace.spanId}-${trace.sampled ? '01' : '00'}`, ...(trace.state === null ? {} : { tracestate: trace.state }) };
}
