import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { serverAudits } from 'graphql-http';
import { startGateway } from '../test/kit/gateway.ts';
import type { TestGateway, TestUser } from '../test/kit/gateway.ts';
import { startLoopback } from '../test/kit/loopback.ts';
import { acceptedTypes, JSON_TYPE, RESPONSE_TYPE } from './content.ts';


describe('GraphQL over HTTP', () => {
  const cleanups: (() => Promise<void>)[] = [];
  const scope = { after: (fn: () => Promise<void>) => { cleanups.push(fn); } };
  let gateway: TestGateway;
  let user: TestUser;
  let url: string;
  before(async () => {
    gateway = await startGateway(scope, { corsOrigins: ['https://dashboard.example'] });
    [user, url] = await Promise.all([gateway.createUser(), startLoopback(scope, gateway.socketPath)]);
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const ask = (body: object | string, headers: Record<string, string> = {}) => fetch(`${url}/graphql`, {
    method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body), headers: { 'content-type': JSON_TYPE, accept: RESPONSE_TYPE, authorization: `Bearer ${user.secret}`, ...headers },
  });

  describe('passes the audit', () => {
    for (const { id, name } of serverAudits({ url: 'http://nowhere' })) {
      it(`${id}: ${name}`, async () => {
        const audit = serverAudits({ url: `${url}/graphql` }).find((each) => each.id === id);
        const result = await audit?.fn();
        assert.equal(result?.status, 'ok', result && 'reason' in result ? result.reason : '');
      });
    }
  });

  it('answers by the best media type that is asked for', () => {
    const cases: [string | undefined, Partial<ReturnType<typeof acceptedTypes>>][] = [
      [undefined, { json: JSON_TYPE, events: false, html: false }], ['', { json: JSON_TYPE }], ['*/*', { json: JSON_TYPE, events: false, html: false }], ['application/*', { json: JSON_TYPE }],
      [`${JSON_TYPE};q=0.5, ${RESPONSE_TYPE}`, { json: RESPONSE_TYPE }], [`${RESPONSE_TYPE};q=0.5, ${JSON_TYPE}`, { json: JSON_TYPE }],
      ['text/event-stream', { json: null, events: true }], [`${RESPONSE_TYPE}, ${JSON_TYPE}, text/event-stream, multipart/mixed`, { json: RESPONSE_TYPE, events: true }],
      ['text/event-stream;q=0', { events: false }], ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', { html: true }], [`${JSON_TYPE}, text/html`, { html: false }],
      ['image/png', { json: null, events: false }], [',,;q', { json: null, events: false }],
    ];
    for (const [accept, expected] of cases) {
      const found = acceptedTypes(accept);
      for (const [name, value] of Object.entries(expected)) assert.equal(found[name as keyof typeof found], value, `${accept}: ${name}`);
    }
  });

  it('has a status by the specification for what fails before, while and beside it is run', async () => {
    const cases: [string, Record<string, string>, number, number][] = [
      ['{', {}, 400, 200], ['{ nonsense }', {}, 400, 200], ['query A { viewer { email } } query B { viewer { email } }', {}, 400, 400],
      [`{ viewer { ${'email '.repeat(200)} } }`, {}, 400, 200], ['{ apps { totalCount } }', { authorization: '' }, 401, 401], ['mutation { createApp(input: { name: "NO" }) { __typename } }', {}, 200, 200],
      ['{ viewer { email } app(name: "x") { id } }', { authorization: '' }, 200, 200],
    ];
    for (const [query, headers, status, legacy] of cases) {
      for (const [accept, expected] of [[RESPONSE_TYPE, status], [JSON_TYPE, legacy]] as const) {
        const given: Record<string, string> = { accept, ...headers };
        const answer = await (given.authorization === '' ? fetch(`${url}/graphql`, { method: 'POST', body: JSON.stringify({ query }), headers: { 'content-type': JSON_TYPE, accept } }) : ask({ query }, given));
        const text = await answer.text();
        assert.equal(answer.status, expected, `${query} as ${accept}: ${text}`);
        assert.equal(answer.headers.get('content-type'), `${accept}; charset=utf-8`);
        assert.ok((JSON.parse(text) as { extensions: { cost: object } }).extensions.cost, text);
      }
    }
  });

  it('runs no mutation whose answer nobody would take', async () => {
    const refused = await ask({ query: 'mutation { createApp(input: { name: "unasked" }) { __typename } }' }, { accept: 'text/plain' });
    assert.equal(refused.status, 406);
    const { data } = await gateway.query<{ app: unknown }>(user, '{ app(name: "unasked") { id } }');
    assert.equal(data.app, null);
  });

  it('answers up to ten operations of a batch, which may cost as much as one, and no live ones', async () => {
    const viewer = { query: '{ viewer { email } }' };
    const answer = await ask([viewer, { query: '{ nonsense }' }, viewer]);
    const results = await answer.json() as { data?: object; errors?: object[]; extensions: { cost: { requested: number } } }[];
    assert.deepEqual(results.map(({ data, errors, extensions }) => [data !== undefined, errors !== undefined, extensions.cost.requested]), [[true, false, 2], [false, true, 0], [true, false, 2]]);
    assert.equal(answer.headers.get('slipway-cost'), '4');
    const tooMany = await ask(Array.from({ length: 11 }, () => viewer));
    assert.equal(tooMany.status, 413);
    assert.deepEqual(await limitOf(tooMany), ['batch', 10, 11]);
    const big = { query: '{ apps(first: 100) { nodes { releases(first: 60) { nodes { id } } } } }' };
    const costly = await (await ask([big, big])).json() as { errors?: { message: string; extensions: { limit: string; actual: number } }[] }[];
    assert.equal(costly[0]?.errors, undefined);
    assert.equal(costly[1]?.errors?.[0]?.extensions.limit, 'cost');
    assert.ok(costly[1]?.errors[0].extensions.actual > 10_000);
    const live = await (await ask([{ query: 'subscription { appEvents(app: "x") { __typename } }' }])).json() as { errors: { message: string }[] }[];
    assert.match(live[0]?.errors[0]?.message ?? '', /batch/);
  });

  it('says which limit a request breaks, and by how much', async () => {
    const config = (entries: string) => `mutation { setConfig(input: { app: "x", unset: [${entries}] }) { __typename } }`;
    const cases: [object | string, string, number, number][] = [
      [{ query: `{ viewer { ${'email '.repeat(101)} } }` }, 'breadth', 100, 101],
      [{ query: `{ viewer { ...F ...F ...G } } fragment F on User { ${'id '.repeat(26)} ...G } fragment G on User { ${'email '.repeat(26)} }` }, 'breadth', 100, 130],
      [{ query: `{ viewer { ${'... { email }'.repeat(30)} ${'... on User { email } '.repeat(30)} } }` }, 'repeats', 50, 58],
      [{ query: `{ viewer { id ${'@include(if: true) '.repeat(51)} } }` }, 'directives', 50, 51],
      [{ query: `{ viewer { ${Array.from({ length: 51 }, (_, at) => `...F${at}`).join(' ')} } } ${Array.from({ length: 51 }, (_, at) => `fragment F${at} on User { id }`).join(' ')}` }, 'fragments', 50, 51],
      [{ query: config('"A" '.repeat(1_001)) }, 'lists', 1_000, 1_001],
      [{ query: `{ ${'a{'.repeat(300)}a${'}'.repeat(301)}` }, 'nesting', 100, 301],
      [{ query: config('['.repeat(1_500) + ']'.repeat(1_500)) }, 'nesting', 100, 1_504],
      [{ query: 'mutation ($unset: [String!]) { setConfig(input: { app: "x", unset: $unset }) { __typename } }', variables: { unset: Array.from({ length: 1_001 }, () => 'A') } }, 'lists', 1_000, 1_001],
      [{ query: '{ viewer { id } }', variables: { x: Array.from({ length: 900 }, () => ({ a: 1, b: 2, c: 3, d: 4, e: 5 })) } }, 'variables', 5_000, 5_401],
      [`{"query":"{ viewer { id } }","variables":{"x":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`, 'variables', 5_000, 50_000],
      [`{"query":"{ viewer { id } }","variables":{"x":${'['.repeat(200)}${']'.repeat(200)}}}`, 'nesting', 100, 200],
    ];
    for (const [body, ...expected] of cases) {
      const answer = await ask(body);
      assert.equal(answer.status, 400);
      assert.deepEqual(await limitOf(answer), expected);
    }
  });

  it('tells the cost in headers too, by the draft of the IETF, of refusals as well', async () => {
    const answer = await ask({ query: '{ viewer { email } }' });
    assert.equal(answer.headers.get('slipway-cost'), '2');
    assert.equal(answer.headers.get('ratelimit-policy'), '"cost";q=10000000;w=60');
    assert.match(answer.headers.get('ratelimit') ?? '', /^"cost";r=\d+;t=\d+$/);
    for (const refused of [await ask('{'), await ask({}), await ask('x', { 'content-type': 'text/plain' }), await ask('{}', { authorization: 'Bearer slip_wrong' }), await ask('x'.repeat(1_100_000))]) {
      assert.ok(refused.status >= 400);
      assert.match(refused.headers.get('ratelimit') ?? '', /^"cost";r=\d+;t=\d+$/);
      assert.equal((await refused.json() as { extensions: { cost: { requested: number } } }).extensions.cost.requested, 0);
    }
  });

  it('does nothing that is asked behind what it refused and ended the connection for', async () => {
    const head = (length: number): string => `POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nauthorization: Bearer ${user.secret}\r\ncontent-length: ${length}\r\n\r\n`;
    const create = JSON.stringify({ query: 'mutation { createApp(input: { name: "smuggled" }) { __typename } }' });
    await ask({ query: '{ viewer { email } }' });
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(gateway.socketPath, () => { socket.write(head(1_100_000) + 'x'.repeat(1_100_000) + head(create.length) + create); });
      let got = '';
      socket.on('data', (chunk: Buffer) => { got += chunk.toString(); }).on('error', reject).on('close', () => { resolve(got); });
    });
    assert.match(answer, /^HTTP\/1\.1 413 /);
    assert.equal(answer.match(/HTTP\/1\.1/g)?.length, 1);
    // What comes later is done by then.
    assert.equal((await ask({ query: 'mutation { createApp(input: { name: "in-order" }) { __typename } }' })).status, 200);
    assert.equal(await gateway.platform.db.app.count({ where: { name: 'smuggled' } }), 0);
  });

  it('lets who sends too much read why, while they are still sending', async () => {
    for (let again = 0; again < 10; again++) {
      // Known from just before: it is refused at once.
      assert.equal((await ask({ query: '{ viewer { email } }' })).status, 200);
      const refused = await ask('x'.repeat(1_100_000));
      assert.equal(refused.status, 413);
      assert.match(await refused.text(), /"limit":"body"/);
    }
  });

  it('compresses what is long, as the client likes it, but nothing that a cookie came for', async () => {
    const query = '{ __schema { types { name description fields { name description } } } }';
    const raw = (headers: Record<string, string>, what = query): Promise<{ encoding: string | undefined; body: Buffer; vary: string }> => new Promise((resolve, reject) => {
      import('node:http').then(({ request }) => {
        const sent = request(`${url}/graphql`, { method: 'POST', headers: { 'content-type': JSON_TYPE, ...headers } }, (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
          response.on('end', () => { resolve({ encoding: response.headers['content-encoding'], body: Buffer.concat(chunks), vary: String(response.headers.vary) }); });
        });
        sent.on('error', reject).end(JSON.stringify({ query: what }));
      }, reject);
    });
    const plain = await raw({});
    assert.equal(plain.encoding, undefined);
    const text = (body: Buffer): string => body.toString().replace(/"extensions".*/, '');
    for (const [accept, encoding, unpack] of [['gzip', 'gzip', gunzipSync], ['br', 'br', brotliDecompressSync], ['gzip;q=0.1, br', 'br', brotliDecompressSync]] as const) {
      const packed = await raw({ 'accept-encoding': accept });
      assert.equal(packed.encoding, encoding);
      assert.equal(text(unpack(packed.body)), text(plain.body));
      assert.ok(packed.body.length < plain.body.length / 4);
      assert.match(packed.vary, /accept-encoding/);
    }
    for (const headers of [{ 'accept-encoding': 'zstd' }, { 'accept-encoding': 'gzip;q=0' }, { 'accept-encoding': 'gzip', cookie: 'any=1' }]) assert.equal((await raw(headers as Record<string, string>)).encoding, undefined);
    assert.equal((await raw({ 'accept-encoding': 'gzip' }, '{ __typename }')).encoding, undefined);
  });

  it('lets pages of the origins in the settings use it with a key, and no others', async () => {
    const preflight = (origin: string) => fetch(`${url}/graphql`, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type' } });
    const allowed = await preflight('https://dashboard.example');
    assert.equal(allowed.status, 204);
    assert.equal(allowed.headers.get('access-control-allow-origin'), 'https://dashboard.example');
    assert.match(allowed.headers.get('access-control-allow-headers') ?? '', /authorization/);
    assert.equal(allowed.headers.get('access-control-max-age'), '7200');
    const answer = await ask({ query: '{ viewer { email } }' }, { origin: 'https://dashboard.example' });
    assert.equal(answer.headers.get('access-control-allow-origin'), 'https://dashboard.example');
    assert.match(answer.headers.get('access-control-expose-headers') ?? '', /ratelimit/);
    assert.match(answer.headers.get('vary') ?? '', /origin/);
    for (const origin of ['https://evil.example', 'https://dashboard.example.evil.example', 'null', 'http://dashboard.example']) {
      assert.equal((await preflight(origin)).headers.get('access-control-allow-origin'), null, origin);
      assert.equal((await ask({ query: '{ viewer { email } }' }, { origin })).headers.get('access-control-allow-origin'), null, origin);
    }
    for (const each of [allowed, answer]) assert.equal(each.headers.get('access-control-allow-credentials'), null);
  });

  it('gives secure headers with every answer', async () => {
    for (const path of ['/', '/graphql', '/healthz', '/readyz', '/metrics', '/nothing', '/graphql/stream', '/blobs/x']) {
      const { headers } = await fetch(`${url}${path}`);
      assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
      assert.equal(headers.get('referrer-policy'), 'no-referrer', path);
      assert.equal(headers.get('x-frame-options'), 'DENY', path);
      assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'.*frame-ancestors 'none'/, path);
      assert.equal(headers.get('x-powered-by'), null, path);
      assert.equal(headers.get('strict-transport-security'), null, path);
    }
    assert.equal((await ask({ query: '{ viewer { email } }' })).headers.get('cache-control'), 'no-store');
    const page = await fetch(`${url}/graphql`, { headers: { accept: 'text/html' } });
    assert.match(page.headers.get('content-security-policy') ?? '', /script-src 'sha256-[^']+'; style-src 'unsafe-inline'/);
  });
});

describe('a platform at an https address', () => {
  it('tells browsers to come by https alone', async (t) => {
    const gateway = await startGateway({ after: (fn) => { t.after(fn); } }, { url: 'https://api.example.org' });
    assert.equal((await gateway.http('/')).headers['strict-transport-security'], 'max-age=31536000');
  });
});

async function limitOf(answer: Response): Promise<unknown[]> {
  const { errors, extensions } = await answer.json() as { errors: { message: string; extensions: { code: string; limit: string; maximum: number; actual: number } }[]; extensions: { cost: object } };
  const [{ message, extensions: { code, limit, maximum, actual } }] = errors as [typeof errors[number]];
  assert.equal(code, 'LIMIT_EXCEEDED', message);
  assert.match(message, new RegExp(String(maximum)));
  assert.ok(extensions.cost);
  return [limit, maximum, actual];
}
