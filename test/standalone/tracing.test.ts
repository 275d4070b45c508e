import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { createPrisma } from '../../prisma/client.ts';
import { createApp } from '../kit/app.ts';
import type { TestApp } from '../kit/app.ts';
import { startCollector } from '../kit/collector.ts';
import type { CollectedSpan, Collector } from '../kit/collector.ts';
import { createDatabase } from '../kit/postgres.ts';
import { nodeForApps } from '../kit/repository.ts';
import { sampleApp } from '../kit/sample-app.ts';
import { startSlipway } from '../kit/slipway.ts';
import type { Slipway } from '../kit/slipway.ts';
import { until } from '../kit/wait.ts';

const SECRET = 'only-for-the-collector';
/** What two processes' times may be apart: some go by a clock that is never set, and others not. */
const CLOCKS_MS = 50;
const newId = (): string => randomBytes(16).toString('hex');
const traceparent = (traceId: string): string => `00-${traceId}-00f067aa0ba902b7-01`;

/** A buildpack that tells the names of its environment. */
const tellingPack = { '.buildpacks': './pack\n', 'pack/bin/detect': '#!/bin/sh\necho telling\n', 'pack/bin/compile': '#!/bin/sh\nenv | cut -d= -f1 | sed "s/^/has /"\n' };

interface LogLine { process: string; traceId?: string; spanId?: string; msg: string }
/** Whole lines alone: the last may have come in part. */
const linesOf = (slipway: Slipway, traceId: string): LogLine[] => slipway.output().split('\n').slice(0, -1).filter((line) => line.includes(traceId)).map((line) => JSON.parse(line) as LogLine);

/** An answer may come before the line of another process that tells of it. */
const logged = (slipway: Slipway, traceId: string, msg: string): Promise<void> =>
  until(() => linesOf(slipway, traceId).some((line) => line.msg === msg), { within: 60_000, what: () => `"${msg}" in the log under ${traceId}` });

const pushIn = async (app: TestApp, traceId: string, files: Record<string, string>): Promise<string> => {
  await app.repository.commit(files);
  await app.repository.git('config', 'http.extraHeader', `traceparent: ${traceparent(traceId)}`);
  const { code, output } = await app.repository.push();
  assert.equal(code, 0, output);
  return output;
};

/** An answer that failed for a reason that nobody foresaw. */
async function failedAnswer(slipway: Slipway, databaseUrl: string, app: TestApp, headers: Record<string, string>): Promise<{ code: string; traceId: string }> {
  const db = createPrisma(databaseUrl, 1);
  await db.$executeRaw`ALTER TABLE "BuildStep" RENAME TO "Gone"`;
  try {
    const body = JSON.stringify({ query: 'query Steps($name: String!) { app(name: $name) { builds { nodes { steps { name } } } } }', variables: { name: app.name } });
    const { text } = await slipway.get('/graphql', { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${slipway.apiKey}`, ...headers }, body });
    const { errors } = JSON.parse(text) as { errors: { extensions: { code: string; traceId: string } }[] };
    return errors[0]?.extensions ?? { code: 'none', traceId: '' };
  } finally {
    await db.$executeRaw`ALTER TABLE "Gone" RENAME TO "BuildStep"`;
    await db.$disconnect();
  }
}

describe('a platform with a collector', () => {
  const cleanups: (() => Promise<void>)[] = [];
  const scope = { after: (fn: () => Promise<void>) => { cleanups.push(fn); } };
  let collector: Collector;
  let slipway: Slipway;
  let app: TestApp;
  let databaseUrl: string;
  let printed: string;
  const traceId = newId();
  const spansOf = (id: string): CollectedSpan[] => collector.spans.filter((span) => span.traceId === id);
  /** A span ends after those within it, and may be told of later. */
  const untilWithParent = async (id: string, wanted: string): Promise<CollectedSpan> => {
    const find = (): CollectedSpan | undefined => spansOf(id).find(({ name }) => name === wanted);
    await until(() => spansOf(id).some(({ spanId }) => spanId === find()?.parentSpanId), { within: 60_000, what: () => `${wanted} and its parent in ${JSON.stringify(spansOf(id))}` });
    return find() ?? assert.fail();
  };
  const has = (process: string, name: RegExp): boolean => spansOf(traceId).some((span) => span.resource['slipway.process'] === process && name.test(span.name));

  before(async () => {
    collector = await startCollector(scope);
    databaseUrl = await createDatabase(scope);
    slipway = await startSlipway(scope, {
      DATABASE_URL: databaseUrl, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_HEADERS: `api-key=${SECRET}`, OTEL_BSP_SCHEDULE_DELAY: '200', OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    });
    app = await createApp(scope, slipway);
    printed = await pushIn(app, traceId, sampleApp('one', await nodeForApps(scope), tellingPack));
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  it('tells it of one push as one trace, from the router to the replica', async () => {
    const wanted: [string, RegExp][] = [
      ['router', /^POST \/git$/], ['git', /git-receive-pack$/], ['git', /^push$/], ['git', /^ask push\.request-build$/], ['gateway', /^answer push\.request-build$/], ['gateway', /^(PUT|POST) \/blobs$/],
      ['build', /^build$/], ['build', /^build step /], ['gateway', /^answer build\.finished$/], ['local-node', /^start build$/], ['controller', /^reconcile$/], ['local-node', /^answer node\.apply$/], ['local-node', /^start replica$/],
    ];
    await until(() => wanted.every(([process, name]) => has(process, name)), { within: 60_000, what: () => `${wanted.filter(([process, name]) => !has(process, name)).join('; ')}; there are ${spansOf(traceId).map((span) => `${String(span.resource['slipway.process'])}: ${span.name}`).sort().join('; ')}` });
    const orphans = (): unknown[] => {
      const own = new Set(spansOf(traceId).map(({ spanId }) => spanId));
      return spansOf(traceId).filter(({ parentSpanId }) => parentSpanId !== '00f067aa0ba902b7' && !own.has(parentSpanId)).map(({ name, resource }) => [resource['slipway.process'], name]);
    };
    // A span ends after those within it, and another process tells of it in a time of its own.
    await until(() => orphans().length === 0, { within: 60_000, what: () => `the parents of ${JSON.stringify(orphans())}` });
    const build = spansOf(traceId).find(({ name }) => name === 'build');
    assert.equal(build?.attributes['slipway.app'], app.name);
    assert.equal(spansOf(traceId).filter(({ name }) => name === 'build').length, 1);
    assert.ok(build && build.end > build.start && Math.abs(build.end - Date.now()) < 300_000, `${build?.start} to ${build?.end}`);
    assert.equal(build?.attributes['slipway.build.status'], 'SUCCEEDED');
    assert.equal(build?.resource['service.name'], 'slipway-build');
    assert.equal(build?.resource['deployment.environment.name'], 'test');
    for (const step of spansOf(traceId).filter(({ name }) => name.startsWith('build step '))) assert.ok(build && step.start >= build.start - CLOCKS_MS && step.end <= build.end + CLOCKS_MS && step.start <= step.end, `${step.name}: ${step.start - build.start} to ${step.end - build.end} (of ${build.end - build.start} ms), ${step.end - step.start}`);
  });

  it('tells of a query by its kind and name, and nothing of its text, variables or keys', async () => {
    const id = newId();
    const body = JSON.stringify({ query: 'query Overview($name: String!) { app(name: $name) { id } other: app(name: "literal-secret") { id } }', variables: { name: 'variable-secret' } });
    await slipway.get('/graphql?token=query-secret', { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${slipway.apiKey}`, traceparent: traceparent(id), tracestate: 'vendor=7' }, body });
    const query = await untilWithParent(id, 'query Overview');
    assert.deepEqual(query.attributes, { 'graphql.operation.type': 'query', 'graphql.operation.name': 'Overview' });
    const http = spansOf(id).find(({ spanId }) => spanId === query.parentSpanId);
    assert.deepEqual([http?.name, http?.kind, http?.attributes['http.response.status_code'], http?.resource['slipway.process']], ['POST /graphql', 2, 200, 'gateway']);
    const all = JSON.stringify(collector.spans);
    for (const secret of ['literal-secret', 'variable-secret', 'query-secret', slipway.apiKey, SECRET]) assert.ok(!all.includes(secret), secret);
  });

  it('tells of an operation of a WebSocket in the trace of the socket, a subscription from the moment its events can come', async () => {
    const id = newId();
    class Traced extends WebSocket { constructor(url: string | URL, protocols?: string | string[]) { super(url, protocols, { headers: { traceparent: traceparent(id) } }); } }
    const client = createClient({ url: `ws://127.0.0.1:${slipway.port}/graphql`, webSocketImpl: Traced, connectionParams: { apiKey: slipway.apiKey }, retryAttempts: 0 });
    try {
      for await (const answer of client.iterate({ query: 'query OverSocket { viewer { email } }' })) assert.equal(answer.errors, undefined);
      const events = client.iterate({ query: 'subscription Live($app: String!) { appEvents(app: $app) { __typename } }', variables: { app: app.name } });
      const first = events.next();
      await until(() => ['query OverSocket', 'subscription Live'].every((name) => spansOf(id).some((span) => span.name === name)), { within: 60_000, what: () => JSON.stringify(spansOf(id)) });
      await events.return?.();
      await first;
    } finally { await client.dispose(); }
    const operation = await untilWithParent(id, 'query OverSocket');
    const socket = spansOf(id).find(({ spanId }) => spanId === operation.parentSpanId);
    assert.deepEqual([socket?.name, socket?.kind, socket?.parentSpanId], ['WebSocket /graphql', 2, '00f067aa0ba902b7']);
  });

  it('answers what failed with the id under which the log and the collector have it', async () => {
    const id = newId();
    assert.deepEqual(await failedAnswer(slipway, databaseUrl, app, { traceparent: traceparent(id) }).then(({ code, traceId: answered }) => [code, answered]), ['INTERNAL', id]);
    await logged(slipway, id, 'a request failed');
    const [line] = linesOf(slipway, id);
    assert.deepEqual([line?.process, line?.msg], ['gateway', 'a request failed']);
    await until(() => spansOf(id).some(({ name, failed }) => name === 'query Steps' && failed) && spansOf(id).some(({ spanId }) => spanId === line?.spanId), { within: 60_000, what: () => `${line?.spanId} in ${JSON.stringify(spansOf(id))}` });
  });

  it('gives builds and apps none of its settings', async () => {
    assert.match(printed, /has PATH/);
    assert.doesNotMatch(printed, /OTEL/);
    for (const key of ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_SERVICE_NAME']) assert.equal(await app.read(`/env?key=${key}`), '');
  });

  it('passes a trace of an app on as it came, and begins none for it', async () => {
    const id = newId();
    const seen = async (headers: Record<string, string>): Promise<unknown> => (JSON.parse((await slipway.get('/headers', { app: app.name, headers })).text) as Record<string, unknown>).traceparent;
    assert.equal(await seen({ traceparent: traceparent(id) }), traceparent(id));
    assert.equal(await seen({}), undefined);
    await until(() => spansOf(id).some(({ name, attributes }) => name === 'GET app' && attributes['slipway.app'] === app.name), { within: 60_000, what: () => 'the router tells of it' });
    assert.equal(spansOf(id)[0]?.attributes['url.path'], undefined);
  });

  it('serves, deploys and stops as always while the collector fails, or says nothing, and tells of that once', async () => {
    collector.behave('failing');
    await pushIn(app, newId(), { 'version.txt': 'two\n' });
    collector.behave('silent');
    await pushIn(app, newId(), { 'version.txt': 'three\n' });
    assert.equal(await app.read(), 'version three ');
    const told = (): string[] => slipway.output().split('\n').slice(0, -1).filter((line) => line.includes('traces cannot be told'));
    await until(() => told().length > 0, { within: 60_000, what: () => 'it is told of' });
    const processes = told().map((line) => (JSON.parse(line) as LogLine).process);
    assert.equal(new Set(processes).size, processes.length, told().join('\n'));
    assert.ok(!told().join('').includes(SECRET));
  });
});

describe('a platform without a collector', () => {
  it('lets the id of a push and of an answer be found in the logs of all that took part', async (t) => {
    const databaseUrl = await createDatabase({ after: (fn) => { t.after(fn); } });
    const slipway = await startSlipway(t, { DATABASE_URL: databaseUrl });
    const app = await createApp(t, slipway);
    const id = newId();
    await pushIn(app, id, sampleApp('one', await nodeForApps(t)));
    await logged(slipway, id, 'built');
    assert.deepEqual(linesOf(slipway, id).filter(({ process }) => process === 'build').map(({ msg }) => msg), ['building', 'built']);
    const { code, traceId } = await failedAnswer(slipway, databaseUrl, app, {});
    assert.equal(code, 'INTERNAL');
    assert.match(traceId, /^[0-9a-f]{32}$/);
    await logged(slipway, traceId, 'a request failed');
    assert.deepEqual(linesOf(slipway, traceId).map(({ process, msg, spanId }) => [process, msg, spanId]), [['gateway', 'a request failed', undefined]]);
  });
});
