import { hostname } from 'node:os';
import { createTraceState, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace as api, TraceFlags } from '@opentelemetry/api';
import type { Context, SpanContext } from '@opentelemetry/api';
import { envDetector, detectResources, resourceFromAttributes } from '@opentelemetry/resources';
import { AlwaysOffSampler, AlwaysOnSampler, BatchSpanProcessor, ParentBasedSampler, TraceIdRatioBasedSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Sampler, SpanExporter } from '@opentelemetry/sdk-trace';
import type { Logger } from './log.ts';
import { outsideTrace } from './trace-context.ts';
import type { TraceContext } from './trace-context.ts';
import type { TraceSettings } from './trace-env.ts';
import type { Recorder, Span, SpanOptions } from './trace.ts';

/** What is not told at a stop within this time is lost: a collector that is away must not hold the process. */
const FLUSH_MS = 1_000;
/** A value longer than this is cut. */
const LONGEST_VALUE = 1_000;

const kinds: Record<SpanOptions['kind'], SpanKind> = { server: SpanKind.SERVER, client: SpanKind.CLIENT, consumer: SpanKind.CONSUMER, internal: SpanKind.INTERNAL };

/** Records spans with OpenTelemetry's SDK and sends them in batches. Only this file knows the SDK; it is loaded where a collector is named. */
export async function openRecorder(process: string, settings: TraceSettings, log: Logger): Promise<Recorder> {
  const exporter = tellingOnce(await openExporter(settings.protocol), settings.endpoint, log);
  const provider = new TracerProvider({
    resource: resourceOf(process, settings.serviceName), sampler: samplerOf(settings), spanLimits: { attributeValueLengthLimit: LONGEST_VALUE },
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: settings.delayMs, exportTimeoutMillis: settings.timeoutMs, maxQueueSize: settings.queueSize, maxExportBatchSize: Math.min(settings.batchSize, settings.queueSize) })],
  });
  const tracer = provider.getTracer('slipway');
  return {
    begin: (name, { kind, attributes = {}, parent, links = [], startTime }) => {
      const span = tracer.startSpan(name, {
        kind: kinds[kind], attributes, links: links.map((link) => ({ context: spanContextOf(link) })), ...(startTime ? { startTime } : {}),
      }, parent ? contextOf(parent) : ROOT_CONTEXT);
      const { traceId, spanId, traceFlags, traceState } = span.spanContext();
      const recorded: Span = {
        trace: { traceId, spanId, sampled: (traceFlags & TraceFlags.SAMPLED) !== 0, state: traceState?.serialize() ?? null, recorded: span.isRecording() },
        set: (more) => { span.setAttributes(more); },
        fail: (type) => { span.setStatus({ code: SpanStatusCode.ERROR }); span.setAttribute('error.type', type); },
        end: (at) => { if (span.isRecording()) span.end(at); },
      };
      return recorded;
    },
    close: async () => {
      if (exporter.isLost()) return;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => { timer = setTimeout(resolve, FLUSH_MS); });
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
      clearTimeout(timer);
    },
  };
}

async function openExporter(protocol: TraceSettings['protocol']): Promise<SpanExporter> {
  const { OTLPTraceExporter } = protocol === 'http/json' ? await import('@opentelemetry/exporter-trace-otlp-http') : await import('@opentelemetry/exporter-trace-otlp-proto');
  return new OTLPTraceExporter();
}

/** One line when the collector is lost and one when it is back, however many batches are lost between. */
function tellingOnce(exporter: SpanExporter, endpoint: string, log: Logger): SpanExporter & { isLost(): boolean } {
  let isLost = false;
  let lost = 0;
  return {
    export: (spans, done) => {
      exporter.export(spans, (result) => {
        const failed = result.error !== undefined || result.code !== 0;
        if (failed) lost += spans.length;
        outsideTrace(() => {
          // Its answer may be anything, and be anybody's: only what kind of error it was is told.
          if (failed && !isLost) log.warn({ collector: new URL(endpoint).origin, reason: result.error?.message.slice(0, 200) }, 'traces cannot be told to their collector; they are lost until it answers');
          if (!failed && isLost) log.info({ collector: new URL(endpoint).origin, lost }, 'traces are told to their collector again');
        });
        if (!failed) lost = 0;
        isLost = failed;
        done({ code: 0 });
      });
    },
    isLost: () => isLost,
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  };
}

function samplerOf({ sampler, ratio }: TraceSettings): Sampler {
  const isParentBased = sampler.startsWith('parentbased_');
  const root = { always_on: () => new AlwaysOnSampler(), always_off: () => new AlwaysOffSampler(), traceidratio: () => new TraceIdRatioBasedSampler(ratio) }[sampler.replace('parentbased_', '') as 'always_on' | 'always_off' | 'traceidratio']();
  return isParentBased ? new ParentBasedSampler({ root }) : root;
}

/** What OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME say counts more than ours. */
function resourceOf(process: string, serviceName: string | null): ReturnType<typeof resourceFromAttributes> {
  return resourceFromAttributes({ 'service.name': `slipway-${process}`, 'service.namespace': 'slipway', 'host.name': hostname() })
    .merge(detectResources({ detectors: [envDetector] }))
    .merge(resourceFromAttributes({ 'slipway.process': process, 'process.pid': globalThis.process.pid, ...(serviceName === null ? {} : { 'service.name': serviceName }) }));
}

const spanContextOf = ({ traceId, spanId, sampled, state, recorded }: TraceContext): SpanContext => ({
  traceId, spanId, traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE, isRemote: !recorded, ...(state === null ? {} : { traceState: createTraceState(state) }),
});

const contextOf = (trace: TraceContext): Context => api.setSpanContext(ROOT_CONTEXT, spanContextOf(trace));
