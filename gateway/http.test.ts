import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { startGateway } from '../test/kit/gateway.ts';
import type { TestGateway, TestUser } from '../test/kit/gateway.ts';
import { until } from '../test/kit/wait.ts';
import { createPurses } from './budget.ts';
import { keyOfHeader, keyOfParams } from './credentials.ts';
import { measureQuery } from './measure-query.ts';
import { countNesting, countTokens } from './measure-text.ts';
import { parse } from 'graphql';

describe('the gateway\'s door', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let gateway: TestGateway;
  let user: TestUser;
  before(async () => {
    gateway = await startGateway({ after: (fn) => { cleanups.push(fn); } }, { limits: { tokens: 300, cost: 1_000 } });
    user = await gateway.createUser();
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const post = (body: string, headers: Record<string, string> = {}) =>
    gateway.http('/graphql', { method: 'POST', body, headers: { 'content-type': 'application/json', authorization: `Bearer ${user.secret}`, ...headers } });

  it('is alive, ready, counted, and has a page for people', async () => {
    assert.equal((await gateway.http('/healthz')).status, 200);
    // What it needs has two seconds to answer it: on a machine that is busy it may come to say so only later.
    let ready = '';
    await until(async () => { ready = (await gateway.http('/readyz')).text; return isDeepStrictEqual(JSON.parse(ready), { ready: true, database: 'ok', nats: 'ok' }); }, { within: 60_000, what: () => `it is ready, and not ${ready}` });
    assert.match((await gateway.http('/metrics')).text, /slipway_http_requests_total\{path="\/healthz",status="200"\} 1/);
    assert.match((await gateway.http('/')).text, /\/graphql/);
    assert.equal((await gateway.http('/nothing/here')).status, 404);
    assert.equal((await gateway.http('/__proto__')).status, 404);
  });

  it('gives browsers GraphiQL with an example, without a file from elsewhere', async () => {
    const page = await gateway.http('/graphql', { headers: { accept: 'text/html' } });
    assert.equal(page.status, 200);
    assert.match(page.text, /query Overview/);
    assert.doesNotMatch(page.text, /<(script|link|img)[^>]+(src|href)="?https?:/);
    const { exampleQuery } = await import('./example-query.ts');
    const answer = await gateway.query<{ viewer: object }>(user, exampleQuery);
    assert.equal(answer.errors, undefined);
    assert.deepEqual(answer.data.viewer, { email: user.actor.email });
  });

  it('answers malformed requests with what is wrong', async () => {
    const cases: [string, Record<string, string>, number, RegExp][] = [
      ['{ nonsense', {}, 400, /JSON/],
      ['{}', {}, 400, /query/],
      ['null', {}, 400, /./],
      ['[]', {}, 400, /batch is empty/],
      ['', {}, 400, /empty/],
      ['[1]', {}, 400, /Operation 0 of the batch/],
      ['{"query":"{viewer{email}}","variable":{}}', {}, 400, /unknown parameter .*variable/],
      ['{"query":"{viewer{email}}","variables":"{}"}', {}, 400, /variables.* must be an object/],
      ['{"query":5}', {}, 400, /query.* must be a string/],
      ['--x', { 'content-type': 'multipart/form-data; boundary=x' }, 415, /no multipart/],
      ['{"query":"{viewer{email}}"}', { 'content-type': 'application/json; charset=latin1' }, 415, /UTF-8/],
      ['{"query":"{viewer{email}}"}', { 'content-encoding': 'gzip' }, 415, /content-encoding/],
      ['{"query":"{viewer{email}}"}', { accept: 'image/png' }, 406, /accept one/],
      ['{"query":"{viewer{email}}"}', { accept: 'multipart/mixed' }, 406, /accept one/],
      ['{"query":"subscription { appEvents(app: \\"x\\") { __typename } }"}', {}, 406, /text\/event-stream/],
      ['{"query":"{ viewer { "}', {}, 200, /Syntax Error/],
      ['{"query":"{ nonsense }"}', {}, 200, /Cannot query field/],
      ['{"query":"{ release(app: 1, version: \\"x\\") { id } }"}', {}, 200, /Int cannot represent/],
      ['query={viewer{email}}', { 'content-type': 'application/x-www-form-urlencoded' }, 415, /JSON/],
      ['{"query":"{ viewer { email } }"}', { 'content-type': 'text/plain' }, 415, /JSON/],
    ];
    for (const [body, headers, status, message] of cases) {
      const answer = await post(body, headers);
      assert.equal(answer.status, status, `${body}: ${answer.status} ${answer.text}`);
      assert.match(answer.text, message, body);
    }
    // What is wrong in an argument or a variable has a code as well.
    for (const [query, message, variables] of [['{ apps(first: -1) { totalCount } }', /non-negative/, {}], ['{ apps(after: "nonsense") { totalCount } }', /cursor/, {}], ...['0000-01-01T00:00:00Z', '9999-12-31T23:59:59-14:00', 'soon'].map((moment) => [`subscription { appLogs(app: "x", since: "${moment}") { __typename } }`, /no moment/, {}] as const), ['query ($version: Int!) { release(app: "x", version: $version) { id } }', /Int cannot/, { version: 'x' }]] as const) {
      const { errors } = await gateway.query(user, query, variables);
      assert.match(errors?.[0]?.message ?? '', message, query);
      assert.ok(errors?.[0]?.extensions?.code, `${query}: ${JSON.stringify(errors)}`);
    }
    for (const [path, message] of [['variables=%7B', /variables.* of the URL is no JSON/], ['extensions=5', /extensions.* must be/], ['query=', /no .*query/]] as const) {
      const answer = await gateway.http(`/graphql?query=%7Bviewer%7Bemail%7D%7D&${path}`.replace('query=%7Bviewer%7Bemail%7D%7D&query=', 'query='));
      assert.equal(answer.status, 400, answer.text);
      assert.match(answer.text, message);
    }
    assert.equal((await gateway.http('/graphql', { method: 'PATCH' })).headers.allow, 'GET, POST');
    const mutation = await gateway.http(`/graphql?query=${encodeURIComponent('mutation { createApp(input: { name: "by-get" }) { __typename } }')}`, { headers: { authorization: `Bearer ${user.secret}` } });
    assert.equal(mutation.status, 405);
  });

  it('refuses a body over 1 MiB, told or untold', async () => {
    const body = JSON.stringify({ query: '{ viewer { email } }', variables: { x: 'x'.repeat(1_100_000) } });
    for (const headers of [{}, { 'transfer-encoding': 'chunked' }] as Record<string, string>[]) {
      const answer = await post(body, headers);
      assert.equal(answer.status, 413);
      const { code, limit, maximum, actual } = (JSON.parse(answer.text) as { errors: { extensions: { code: string; limit: string; maximum: number; actual: number } }[] }).errors[0]!.extensions;
      assert.deepEqual([code, limit, maximum], ['LIMIT_EXCEEDED', 'body', 1024 * 1024]);
      assert.ok(actual > maximum);
    }
  });

  it('outlives what is no HTTP', async () => {
    const answer = await new Promise<string>((resolve) => {
      let text = '';
      connect(gateway.socketPath).on('data', (chunk: Buffer) => { text += chunk.toString(); }).on('close', () => { resolve(text); }).on('error', () => { resolve(text); }).end('\0\0nonsense\r\n\r\n');
    });
    assert.match(answer, /^HTTP\/1.1 400/);
    assert.equal((await gateway.http('/healthz')).status, 200);
  });

  it('outlives paths that are no URL', async () => {
    for (const path of ['//', '///x', '//:80', '/\\', 'http://[', '*']) assert.ok([200, 404].includes((await gateway.http(path)).status), path);
    const answer = await new Promise<string>((resolve) => {
      let text = '';
      connect(gateway.socketPath).on('data', (chunk: Buffer) => { text += chunk.toString(); }).on('close', () => { resolve(text); }).on('error', () => { resolve(text); })
        .end('GET // HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    });
    assert.match(answer, /^HTTP\/1.1 404/);
  });

  it('tells what each answer cost', async () => {
    const { extensions } = await gateway.query(user, '{ viewer { email } }');
    assert.equal(extensions.cost.requested, 2);
    assert.ok(extensions.cost.remaining > 9_000_000);
    assert.ok(new Date(extensions.cost.resetAt).getTime() > 0);
  });

  it('refuses what is over a limit: which, and by how much', async () => {
    const many = Array.from({ length: 60 }, (_, index) => `a${index}: email`).join(' ');
    const deep = `{ app(name: "x") ${'{ releases { nodes { app '.repeat(6)} { id } ${'} } }'.repeat(6)} }`;
    const cases: [string, string, number][] = [
      [`{ viewer { ${many} } }`, 'aliases', 60],
      [deep, 'depth', 20],
      [`{ ${Array.from({ length: 6 }, (_, index) => `a${index}: __schema { types { name } }`).join(' ')} }`, 'aliases', 60],
      [`{ viewer { ${'email '.repeat(400)} } }`, 'tokens', 405],
      ['{ apps(first: 100) { nodes { releases(first: 100) { nodes { id } } } } }', 'cost', 10_101],
      [`{ ${Array.from({ length: 25 }, (_, index) => `a${index}: viewer { email }`).join(' ')} }`, 'roots', 25],
    ];
    for (const [query, limit, actual] of cases) {
      const { errors } = await gateway.query(user, query);
      const { code, limit: which, maximum, actual: found } = errors?.[0]?.extensions ?? {};
      assert.deepEqual([code, which, found], ['LIMIT_EXCEEDED', limit, actual], JSON.stringify(errors));
      assert.ok((maximum as number) < actual);
      assert.match(errors?.[0]?.message ?? '', new RegExp(String(maximum)));
    }
  });

  it('masks what nobody foresaw, behind a trace id', async () => {
    const { db } = gateway.platform;
    await db.$executeRaw`ALTER TABLE "BuildStep" RENAME TO "Gone"`;
    try {
      const app = await gateway.query<{ createApp: { app: { id: string } } }>(user, 'mutation { createApp(input: { name: "masked" }) { ... on CreateAppPayload { app { id } } } }');
      assert.ok(app.data.createApp.app.id);
      const { errors, data } = await gateway.query<{ app: unknown }>(user, '{ app(name: "masked") { builds { nodes { steps { name } } } } }');
      assert.equal(data?.app ?? null, null);
      assert.equal(errors?.[0]?.extensions.code, 'INTERNAL');
      assert.match(String(errors?.[0]?.extensions.traceId), /^[0-9a-f]{32}$/);
      assert.doesNotMatch(JSON.stringify(errors), /BuildStep|prisma/i);
    } finally {
      await db.$executeRaw`ALTER TABLE "Gone" RENAME TO "BuildStep"`;
    }
  });
});

describe('a key that spends too much', () => {
  it('is refused with 429 and when to come back, and gets its answer later', async (t) => {
    const gateway = await startGateway({ after: (fn) => { t.after(fn); } }, { costPerMinute: 600 });
    const user = await gateway.createUser();
    const query = '{ apps(first: 99) { nodes { id name } } }';
    const first = await gateway.query(user, query);
    assert.equal(first.errors, undefined);
    let refused = first;
    for (let tries = 0; tries < 10 && !refused.errors; tries++) refused = await gateway.query(user, query);
    assert.equal(refused.status, 429);
    assert.equal(refused.errors?.[0]?.extensions.limit, 'rate');
    assert.equal((await gateway.query(await gateway.createUser(), query)).errors, undefined, 'another key has its own purse');
    const anonymous = async (address: string): Promise<number> => (await gateway.http('/graphql', { method: 'POST', body: JSON.stringify({ query }), headers: { 'content-type': 'application/json', 'x-forwarded-for': address } })).status;
    let status = 401;
    for (let tries = 0; tries < 10 && status === 401; tries++) status = await anonymous('203.0.113.7');
    assert.equal(status, 429);
    assert.equal(await anonymous('203.0.113.8'), 401, 'so has each address of those without a key');
  });

  it('has a purse that fills up again steadily', () => {
    let now = 0;
    const purses = createPurses(600, () => now);
    assert.deepEqual(purses.spend('a', 600), { ok: true, remaining: 0, resetAt: new Date(60_000) });
    assert.equal(purses.spend('a', 1).ok, false);
    now = 1_000;
    assert.deepEqual(purses.spend('a', 10), { ok: true, remaining: 0, resetAt: new Date(61_000) });
    now = 1_000_000;
    assert.equal(purses.spend('a', 0).remaining, 600);
  });
});

describe('the size of a query', () => {
  const cases: [string, ReturnType<typeof measureQuery>][] = [
    ['{ a }', { depth: 1, aliases: 0, roots: 1, breadth: 1 }],
    ['{ a { b { c } } x: d }', { depth: 3, aliases: 1, roots: 2, breadth: 2 }],
    ['{ ...F } fragment F on Query { a { ...G } } fragment G on A { b: c }', { depth: 2, aliases: 1, roots: 1, breadth: 1 }],
    ['{ a { ... on X { b { c } } } }', { depth: 3, aliases: 0, roots: 1, breadth: 1 }],
    ['{ __schema { types { fields { type { ofType { name } } } } } a }', { depth: 1, aliases: 0, roots: 2, breadth: 2 }],
    ['{ a: __schema { types { b: fields { name } } } c: __typename }', { depth: 0, aliases: 20, roots: 1, breadth: 1 }],
    ['query A { a } query B { a { b } }', { depth: 2, aliases: 0, roots: 1, breadth: 1 }],
  ];
  for (const [query, size] of cases) it(query, () => { assert.deepEqual(measureQuery(parse(query)), size); });

  it('of fragments that double thirty times is measured at once', () => {
    const fragments = Array.from({ length: 30 }, (_, index) => `fragment F${index} on Q { ...F${index + 1} ...F${index + 1} }`).join(' ');
    assert.equal(measureQuery(parse(`{ ...F0 } ${fragments} fragment F30 on Q { x: a }`)).aliases, 2 ** 30);
  });

  it('counts tokens without comments', () => { assert.equal(countTokens('{ a # b c d\n }'), 3); });

  it('counts how deep brackets are in one another, but not in strings', () => {
    for (const [text, nesting] of [['{ a(b: [1]) { c } }', 3], ['{ a(b: "((((") }', 2], ['', 0]] as const) assert.equal(countNesting(text), nesting, text);
  });
});

describe('credentials', () => {
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
  const headers: [string | undefined, string | null][] = [
    [undefined, null], ['Bearer slip_x', 'slip_x'], ['bearer  slip_x ', 'slip_x'], [basic('me:slip_x'), 'slip_x'], [basic('slip_x'), 'slip_x'], [basic(':a:b'), 'a:b'], ['Digest x', ''], ['', ''],
  ];
  for (const [header, key] of headers) it(`of "${header}"`, () => { assert.equal(keyOfHeader(header), key); });
  const params: [Record<string, unknown> | undefined, string | null][] = [
    [undefined, null], [{}, null], [{ apiKey: 'slip_x' }, 'slip_x'], [{ Authorization: 'Bearer slip_x' }, 'slip_x'], [{ apiKey: 5 }, null],
  ];
  for (const [given, key] of params) it(`of params ${JSON.stringify(given)}`, () => { assert.equal(keyOfParams(given), key); });
});
