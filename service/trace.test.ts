import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { startCollector } from '../test/kit/collector.ts';
import { until } from '../test/kit/wait.ts';

const loader = `
import { registerHooks } from 'node:module';
const loaded = new Set();
registerHooks({ resolve: (name, context, next) => { if (name.startsWith('@opentelemetry/')) loaded.add(name); return next(name, context); } });
globalThis.otel = () => [...loaded].sort();
if (process.env.PATIENT) { const later = setTimeout; globalThis.setTimeout = (act, ms, ...more) => later(act, ms === 1_000 ? 60_000 : ms, ...more); }
`;

/** A process that logs what of OpenTelemetry it has loaded, makes `spans` spans, and waits for its end. PATIENT: a second at its stop, in which a busy machine may stand still, is a minute. */
const program = (spans: number): string => `${loader}
const { run } = await import('./service/run.ts');
const { inSpan } = await import('./service/trace.ts');
const keep = setInterval(() => {}, 1000);
run('probe', async ({ log, onStop }) => {
  onStop(() => clearInterval(keep));
  for (let n = 0; n < ${spans}; n++) await inSpan('work', { kind: 'server', parent: undefined, attributes: { n } }, () => { if (n < 3) log.info({ n }, 'in a span'); });
  log.info({ otel: globalThis.otel(), rssMB: process.memoryUsage().rss / 1e6 }, 'made');
});
`;

interface Line { msg: string; level: string; otel?: string[]; traceId?: string; spanId?: string; rssMB?: number }

function start(t: { after(fn: () => void): void }, spans: number, env: Record<string, string>): { lines(): Line[]; printed(): string; made(): Promise<Line>; stop(): Promise<number | null>; ended: Promise<number | null> } {
  let printed = '';
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('OTEL_')));
  const child = spawn(process.execPath, ['--input-type=module', '-e', program(spans)], { cwd: join(import.meta.dirname, '..'), env: { ...clean, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { printed += chunk.toString(); });
  const ended = new Promise<number | null>((resolve) => { child.once('close', resolve); });
  t.after(() => { child.kill('SIGKILL'); });
  const lines = (): Line[] => printed.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}')).map((line) => JSON.parse(line) as Line);
  const find = (): Line | undefined => lines().find(({ msg }) => msg === 'made');
  return {
    lines, ended, printed: () => printed,
    made: async () => { await until(() => find() !== undefined, { within: 60_000, what: () => printed }); return find() as Line; },
    stop: () => { child.kill('SIGTERM'); return ended; },
  };
}

const scopeOf = (t: { after(fn: () => Promise<void>): void }) => ({ after: (fn: () => Promise<void>) => { t.after(fn); } });

describe('traces of a process', () => {
  it('load nothing of OpenTelemetry where no collector is named, or it is turned off; ids are in the log all the same', async (t) => {
    const cases: Record<string, string>[] = [
      {}, { OTEL_SERVICE_NAME: 'x' }, { OTEL_EXPORTER_OTLP_ENDPOINT: '' }, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_SDK_DISABLED: 'true' }, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_TRACES_EXPORTER: 'none' },
    ];
    for (const env of cases) {
      const probe = start(t, 2, env);
      assert.deepEqual((await probe.made()).otel, [], JSON.stringify(env));
      const inSpan = probe.lines().filter(({ msg }) => msg === 'in a span');
      assert.equal(new Set(inSpan.map(({ traceId }) => traceId)).size, 2);
      for (const { traceId, spanId } of inSpan) { assert.match(traceId ?? '', /^[0-9a-f]{32}$/); assert.equal(spanId, undefined); }
      assert.equal(await probe.stop(), 0);
    }
  });

  for (const protocol of ['http/protobuf', 'http/json']) {
    it(`are told by ${protocol}, what is left at the stop, with the collector's headers and the process's name`, async (t) => {
      const collector = await startCollector(scopeOf(t));
      const probe = start(t, 5, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: protocol, OTEL_EXPORTER_OTLP_HEADERS: 'api-key=k1', OTEL_RESOURCE_ATTRIBUTES: 'team=a', OTEL_BSP_SCHEDULE_DELAY: '600000', PATIENT: '1' });
      await probe.made();
      assert.equal(collector.spans.length, 0, 'the first batch is sent after ten minutes');
      assert.equal(await probe.stop(), 0);
      assert.deepEqual(collector.spans.map(({ name, kind, attributes }) => [name, kind, attributes.n]), [0, 1, 2, 3, 4].map((n) => ['work', 2, n]));
      const resource = collector.spans[0]?.resource ?? {};
      assert.deepEqual([resource['service.name'], resource['slipway.process'], resource.team], ['slipway-probe', 'probe', 'a']);
      assert.deepEqual([collector.requests[0]?.path, collector.requests[0]?.headers['api-key']], ['/v1/traces', 'k1']);
      const line = probe.lines().find(({ msg }) => msg === 'in a span');
      assert.deepEqual([line?.traceId, line?.spanId], [collector.spans[0]?.traceId, collector.spans[0]?.spanId]);
    });
  }

  it('are sampled as OTEL_TRACES_SAMPLER says, and named by OTEL_SERVICE_NAME', async (t) => {
    for (const [sampler, ratio, least, most] of [['always_off', '1', 0, 0], ['traceidratio', '0.5', 101, 299], ['parentbased_always_on', '0', 400, 400]] as const) {
      const collector = await startCollector(scopeOf(t));
      const probe = start(t, 400, { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/custom`, OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: ratio, OTEL_SERVICE_NAME: 'mine', PATIENT: '1' });
      await probe.made();
      await probe.stop();
      const count = collector.spans.length;
      assert.ok(count >= least && count <= most, `${sampler}: ${count}`);
      if (count === 0) continue;
      assert.equal(collector.spans[0]?.resource['service.name'], 'mine');
      assert.equal(collector.requests[0]?.path, '/custom');
    }
  });

  it('are lost with one line, within bounds, where the collector fails, is away or says nothing; the process stops in time', async (t) => {
    const collector = await startCollector(scopeOf(t));
    for (const [how, url] of [['failing', collector.url], ['away', 'http://127.0.0.1:1'], ['silent', collector.url]] as const) {
      collector.behave(how === 'silent' ? 'silent' : 'failing');
      const seen = collector.requests.length;
      const probe = start(t, 30_000, { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_BSP_SCHEDULE_DELAY: '20' });
      const { rssMB = Infinity } = await probe.made();
      assert.ok(rssMB < 300, `${rssMB} MB`);
      if (how === 'silent') await until(() => collector.requests.length > seen, { within: 60_000, what: () => 'it was asked' });
      else if (how === 'failing') await until(() => probe.lines().some(({ msg }) => msg.startsWith('traces cannot be told')), { within: 60_000, what: probe.printed });
      // A process that has to be ended by its own deadline ends with another code.
      assert.equal(await probe.stop(), 0, `${how}: ${probe.printed()}`);
      assert.ok(probe.lines().filter(({ level }) => level === 'warn').length <= 1, probe.printed());
    }
  });

  it('refuse settings that are wrong, all at once, and say what would be right', async (t) => {
    const probe = start(t, 0, { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_TRACES_EXPORTER: 'zipkin', OTEL_TRACES_SAMPLER: 'jaeger_remote', OTEL_TRACES_SAMPLER_ARG: '2', OTEL_PROPAGATORS: 'b3' });
    assert.equal(await probe.ended, 1);
    for (const line of [/ENDPOINT: must be an http/, /PROTOCOL: must be http\/protobuf or http\/json/, /EXPORTER: must be otlp or none/, /SAMPLER: must be one of always_on/, /SAMPLER_ARG: must be a number from 0 to 1/, /PROPAGATORS: must be none, or tracecontext/]) assert.match(probe.printed(), line);
  });
});

describe('the code that every process loads', () => {
  it('names OpenTelemetry in one file only, which is loaded on demand', () => {
    const source = (name: string): string => readFileSync(join(import.meta.dirname, name), 'utf8');
    assert.match(source('trace-export.ts'), /from '@opentelemetry\//);
    for (const name of ['trace.ts', 'trace-context.ts', 'trace-env.ts', 'http-trace.ts', 'log.ts', 'run.ts']) assert.doesNotMatch(source(name), /from '@opentelemetry\/|import .* from '\.\/trace-export/);
  });
});
