import { z } from 'zod';
import { readEnv } from './env.ts';

const SAMPLERS = ['always_on', 'always_off', 'traceidratio', 'parentbased_always_on', 'parentbased_always_off', 'parentbased_traceidratio'] as const;
const PROTOCOL = 'must be http/protobuf or http/json: others are not supported';

const flag = z.string().transform((text) => text.toLowerCase() === 'true');
const protocol = z.enum(['http/protobuf', 'http/json'], PROTOCOL);
const endpoint = z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL, as http://collector:4318' });
const milliseconds = z.coerce.number().int().positive();

const shape = {
  OTEL_SDK_DISABLED: flag.default(false),
  OTEL_TRACES_EXPORTER: z.enum(['otlp', 'none'], 'must be otlp or none: others are not supported').optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint.optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint.optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol.default('http/protobuf'),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol.optional(),
  OTEL_SERVICE_NAME: z.string().optional(),
  OTEL_TRACES_SAMPLER: z.enum(SAMPLERS, `must be one of ${SAMPLERS.join(', ')}`).default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number('must be a number from 0 to 1').min(0).max(1).default(1),
  /** Of requests from outside; inside the platform a trace always goes on. Baggage is let in, and nobody here reads it. */
  OTEL_PROPAGATORS: z.string().regex(/^(none|(tracecontext|baggage)(,(tracecontext|baggage))*)$/, 'must be none, or tracecontext and baggage with a comma between them: others are not supported').default('tracecontext,baggage'),
  OTEL_BSP_SCHEDULE_DELAY: milliseconds.default(5_000),
  OTEL_BSP_EXPORT_TIMEOUT: milliseconds.default(30_000),
  OTEL_BSP_MAX_QUEUE_SIZE: milliseconds.default(2_048),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: milliseconds.default(512),
};

/** How traces are told to a collector. */
export interface TraceSettings {
  protocol: z.output<typeof protocol>;
  /** Where to, for people. */
  endpoint: string;
  sampler: (typeof SAMPLERS)[number]; ratio: number;
  /** Null: each process has its own. */
  serviceName: string | null;
  delayMs: number; timeoutMs: number; queueSize: number; batchSize: number;
}

/** `exporting` null: no collector is named, or traces are turned off. `hearsClients`: a request's own `traceparent` counts. */
export interface TraceEnv { exporting: TraceSettings | null; hearsClients: boolean }

/** Reads OpenTelemetry's own variables; all mistakes are printed at once, and the process ends. Headers, time-outs and certificates are read by the exporter. */
export function readTraceEnv(source: NodeJS.ProcessEnv = process.env): TraceEnv {
  const env = readEnv(shape, source);
  const hearsClients = env.OTEL_PROPAGATORS.includes('tracecontext');
  const named = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_ENDPOINT;
  const isAsked = named !== undefined || env.OTEL_TRACES_EXPORTER === 'otlp';
  if (env.OTEL_SDK_DISABLED || env.OTEL_TRACES_EXPORTER === 'none' || !isAsked) return { exporting: null, hearsClients };
  return {
    hearsClients,
    exporting: {
      protocol: env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? env.OTEL_EXPORTER_OTLP_PROTOCOL, endpoint: named ?? 'http://localhost:4318',
      sampler: env.OTEL_TRACES_SAMPLER, ratio: env.OTEL_TRACES_SAMPLER_ARG, serviceName: env.OTEL_SERVICE_NAME ?? null,
      delayMs: env.OTEL_BSP_SCHEDULE_DELAY, timeoutMs: env.OTEL_BSP_EXPORT_TIMEOUT, queueSize: env.OTEL_BSP_MAX_QUEUE_SIZE, batchSize: env.OTEL_BSP_MAX_EXPORT_BATCH_SIZE,
    },
  };
}
