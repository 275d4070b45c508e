import pino from 'pino';
import type { Logger } from 'pino';
import { activeTrace } from './trace-context.ts';

export type { Logger };

/** The log of one process: JSON lines on stdout, each with the trace that it was written in; the supervisor makes them readable on a terminal. Never pass it a secret. */
export function createLog(process: string): Logger {
  return pino({
    name: process,
    level: globalThis.process.env.SLIPWAY_LOG_LEVEL ?? 'info',
    base: { process },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    mixin: traceFields,
    serializers: { error: pino.stdSerializers.err },
    redact: { paths: ['*.apiKey', '*.secret', '*.password', '*.config', '*.authorization'], censor: '[redacted]' },
  }, pino.destination({ dest: 1, sync: true }));
}

/** A line of a trace is found by its id; one of a recorded span by that too. */
function traceFields(): object {
  const trace = activeTrace();
  if (!trace) return {};
  return trace.recorded ? { traceId: trace.traceId, spanId: trace.spanId } : { traceId: trace.traceId };
}
