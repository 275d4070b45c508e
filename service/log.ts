import pino from 'pino';
import type { Logger } from 'pino';

export type { Logger };

/** The log of one process: JSON lines on stdout; the supervisor makes them readable on a terminal. Never pass it a secret. */
export function createLog(process: string): Logger {
  return pino({
    name: process,
    level: globalThis.process.env.SLIPWAY_LOG_LEVEL ?? 'info',
    base: { process },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { error: pino.stdSerializers.err },
    redact: { paths: ['*.apiKey', '*.secret', '*.password', '*.config', '*.authorization'], censor: '[redacted]' },
  }, pino.destination({ dest: 1, sync: true }));
}
