import assert from 'node:assert/strict';
import { request } from 'node:http';
import type { ClientRequest } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { createClient } from 'graphql-sse';
import type { Client, ExecutionResult } from 'graphql-sse';
import { createApp } from '../platform/app/app.ts';
import { setConfig } from '../platform/config/config.ts';
import { startGateway } from '../test/kit/gateway.ts';
import type { TestGateway, TestUser } from '../test/kit/gateway.ts';
import { startLoopback } from '../test/kit/loopback.ts';
import { until } from '../test/kit/wait.ts';

const EVENTS = 'subscription ($app: String!, $after: Cursor) { appEvents(app: $app, after: $after) { __typename ... on EventDetails { cursor } } }';
const start = Buffer.from('event:0').toString('base64url');

describe('GraphQL over server-sent events', () => {
  const cleanups: (() => Promise<void>)[] = [];
  const scope = { after: (fn: () => Promise<void>) => { cleanups.push(fn); } };
  let gateway: TestGateway;
  let owner: TestUser;
  let url: string;
  let count = 0;
  before(async () => {
    gateway = await startGateway(scope);
    [owner, url] = await Promise.all([gateway.createUser(), startLoopback(scope, gateway.socketPath)]);
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const newApp = (user = owner) => createApp(gateway.platform, user.actor, { name: `sse-${++count}` });
  const change = (app: { id: string }, user = owner) => setConfig(gateway.platform, user.actor, { app: app.id, set: [{ key: 'A', value: Buffer.from(String(++count)) }] });
  const clientOf = (singleConnection: boolean, user = owner, path = '/graphql/stream'): Client => {
    const client = createClient({ url: `${url}${path}`, singleConnection, lazy: true, retryAttempts: 0, headers: { authorization: `Bearer ${user.secret}` } } as Parameters<typeof createClient>[0]);
    cleanups.push(async () => { client.dispose(); });
    return client;
  };
  const follow = (client: Client, query: string, variables: Record<string, unknown> = {}) => {
    const results: ExecutionResult<Record<string, { __typename: string }>, { cost: { requested: number } }>[] = [];
    let stop = (): void => undefined;
    const ended = new Promise<unknown>((resolve) => {
      stop = client.subscribe<Record<string, { __typename: string }>, { cost: { requested: number } }>({ query, variables }, { next: (result) => { results.push(result); }, error: resolve, complete: () => { resolve(null); } });
    });
    return { results, ended, stop: () => { stop(); } };
  };
  const call = (method: string, path: string, headers: Record<string, string> = {}, body?: object) =>
    fetch(`${url}${path}`, { method, headers: { authorization: `Bearer ${owner.secret}`, 'content-type': 'application/json', ...headers }, ...(body ? { body: JSON.stringify(body) } : {}) });
  const reserve = async (): Promise<string> => {
    const answer = await call('PUT', '/graphql/stream');
    assert.equal(answer.status, 201);
    return answer.text();
  };

  for (const [mode, single, path] of [['distinct connections', false, '/graphql'], ['distinct connections at its own path', false, '/graphql/stream'], ['a single connection', true, '/graphql/stream']] as const) {
    it(`answers queries, mutations, mistakes and subscriptions by ${mode}`, async () => {
      const client = clientOf(single, owner, path);
      const query = follow(client, '{ viewer { email } }');
      assert.equal(await query.ended, null);
      assert.deepEqual(query.results.map(({ data }) => data), [{ viewer: { email: owner.actor.email } }]);
      assert.equal(query.results[0]?.extensions?.cost.requested, 2);
      const mutation = follow(client, 'mutation ($name: String!) { createApp(input: { name: $name }) { __typename } }', { name: `sse-${++count}` });
      assert.equal(await mutation.ended, null);
      assert.equal(mutation.results[0]?.data?.createApp?.__typename, 'CreateAppPayload');
      const wrong = follow(client, '{ nonsense }');
      const end = await wrong.ended;
      if (single) assert.equal((end as { response: Response }).response.status, 400); else assert.match(JSON.stringify(wrong.results), /Cannot query field/);
      const app = await newApp();
      const live = follow(client, EVENTS, { app: app.name, after: start });
      await until(() => live.results.length === 1, { within: 60_000, what: () => 'what there is' });
      await change(app);
      await until(() => live.results.length >= 2, { within: 60_000, what: () => 'what comes' });
      assert.ok((live.results[0]?.extensions?.cost.requested ?? 0) > 0);
      assert.equal(live.results[1]?.extensions?.cost.requested, 0, 'later events cost nothing more');
      live.stop();
      assert.equal(await live.ended, null);
      const seen = live.results.length;
      await change(app);
      const again = follow(client, '{ viewer { email } }');
      assert.equal(await again.ended, null, 'the connection goes on');
      assert.equal(live.results.length, seen);
    });
  }

  it('holds many operations on one connection, and ends them all when the key is revoked', async () => {
    const user = await gateway.createUser();
    const apps = await Promise.all([newApp(user), newApp(user), newApp(user)]);
    const client = clientOf(true, user);
    const followers = apps.map((app) => follow(client, EVENTS, { app: app.name, after: start }));
    await until(() => followers.every(({ results }) => results.length === 1), { within: 60_000, what: () => 'all are served' });
    await gateway.query(user, `mutation { revokeApiKey(input: { apiKey: "${user.actor.apiKeyId}" }) { __typename } }`);
    await Promise.all(followers.map(({ ended }) => ended));
    assert.equal((await call('PUT', '/graphql/stream', { authorization: `Bearer ${user.secret}` })).status, 401);
  });

  it('takes a token once, of its own key alone, and says what is wrong with all else', async () => {
    const token = await reserve();
    const other = await gateway.createUser();
    const withToken = { 'x-graphql-event-stream-token': token };
    const operation = { query: '{ viewer { email } }', extensions: { operationId: 'one' } };
    const cases: [number, Promise<Response>][] = [
      [401, fetch(`${url}/graphql/stream`, { method: 'PUT' })],
      [404, call('GET', '/graphql/stream')],
      [404, call('GET', '/graphql/stream?token=constructor', { accept: 'text/event-stream' })],
      [404, call('POST', '/graphql/stream', { 'x-graphql-event-stream-token': 'unknown' }, operation)],
      [404, call('POST', '/graphql/stream', { ...withToken, authorization: `Bearer ${other.secret}` }, operation)],
      [404, call('GET', '/graphql/stream', { ...withToken, accept: 'text/event-stream', authorization: `Bearer ${other.secret}` })],
      [401, fetch(`${url}/graphql/stream`, { method: 'POST', headers: { ...withToken, 'content-type': 'application/json' }, body: JSON.stringify(operation) })],
      [400, call('POST', '/graphql/stream', withToken, { query: '{ viewer { email } }' })],
      [400, call('POST', '/graphql/stream', withToken, { query: '{ nonsense }', extensions: { operationId: 'one' } })],
      [400, call('POST', '/graphql/stream', withToken, { query: 'query A { __typename } query B { __typename }', extensions: { operationId: 'one' } })],
      [413, call('POST', '/graphql/stream', withToken, [operation, operation])],
      [415, call('POST', '/graphql/stream', { ...withToken, 'content-type': 'text/plain' }, operation)],
      [405, call('PATCH', '/graphql/stream', withToken, operation)],
      [400, call('DELETE', '/graphql/stream', withToken)],
    ];
    for (const [at, [status, asked]] of cases.entries()) {
      const answer = await asked;
      const text = await answer.text();
      assert.equal(answer.status, status, `${at}: ${text}`);
    }
    assert.equal((await call('POST', '/graphql/stream', withToken, operation)).status, 202);
    // As EventSource does it: with nothing but the URL.
    const connected = await fetch(`${url}/graphql/stream?token=${token}`, { headers: { accept: 'text/event-stream' } });
    assert.equal(connected.headers.get('content-type'), 'text/event-stream; charset=utf-8');
    assert.equal(connected.headers.get('content-encoding'), null);
    assert.equal((await call('GET', `/graphql/stream?token=${token}`, { accept: 'text/event-stream' })).status, 409);
    const reader = connected.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes('event: complete') || !/^:$/m.test(text)) text += (await reader.read()).value ?? '';
    assert.match(text, /event: next\ndata: \{"id":"one","payload":\{"data":\{"viewer"/);
    assert.match(text, /^:\n\n/m, 'a comment comes when it is connected, and then every 12 seconds');
    await reader.cancel();
    await until(async () => (await call('POST', '/graphql/stream', withToken, operation)).status === 404, { within: 60_000, what: () => 'the stream is forgotten' });
  });

  it('refuses a key its 101st stream, and a stream its 101st operation and one that it has', async () => {
    const user = await gateway.createUser();
    const authorization = `Bearer ${user.secret}`;
    const tokens = await Promise.all(Array.from({ length: 100 }, async () => (await call('PUT', '/graphql/stream', { authorization })).text()));
    const refused = await call('PUT', '/graphql/stream', { authorization });
    assert.equal(refused.status, 429);
    assert.match(await refused.text(), /"limit":"streams","maximum":100,"actual":101/);
    // One that nobody comes for is forgotten after a while.
    const connected = await call('GET', '/graphql/stream', { authorization, accept: 'text/event-stream', 'x-graphql-event-stream-token': tokens[0] ?? '' });
    assert.equal(connected.status, 200);
    const app = await newApp(user);
    const start = (id: string) => call('POST', '/graphql/stream', { authorization, 'x-graphql-event-stream-token': tokens[0] ?? '' }, { query: EVENTS, variables: { app: app.name }, extensions: { operationId: id } });
    for (let at = 0; at < 100; at++) assert.equal((await start(`op${at}`)).status, 202);
    assert.equal((await start('op0')).status, 409);
    const tooMany = await start('op100');
    assert.equal(tooMany.status, 429);
    assert.match(await tooMany.text(), /"limit":"operations","maximum":100,"actual":101/);
    assert.equal((await call('DELETE', '/graphql/stream?operationId=op7', { authorization, 'x-graphql-event-stream-token': tokens[0] ?? '' })).status, 200);
    await until(async () => (await start('op7')).status === 202, { within: 60_000, what: () => 'what was stopped makes room' });
    await connected.body?.cancel();
  });

  it('makes no more for a reader who does not read, and loses nothing', async () => {
    const app = await newApp();
    for (let at = 0; at < 60; at++) await change(app);
    const token = await reserve();
    const sent = await call('POST', '/graphql/stream', { 'x-graphql-event-stream-token': token }, { query: EVENTS, variables: { app: app.name, after: start }, extensions: { operationId: 'slow' } });
    assert.equal(sent.status, 202);
    // Reserved, and not connected yet: all of it waits where it comes from. Few, for it waits no longer than half a minute.
    for (let at = 0; at < 3; at++) await change(app);
    const { lastEvent } = await gateway.platform.db.app.findUniqueOrThrow({ where: { id: app.id } });
    const events = await readNext(gateway.socketPath, token, lastEvent);
    assert.ok(lastEvent > 121);
    assert.deepEqual(events, Array.from({ length: lastEvent }, (_, index) => Buffer.from(`event:${index + 1}`).toString('base64url')), 'each once, in order');
  });
});

describe('event streams of a gateway that stops', () => {
  it('end, and leave nothing open', async (t) => {
    const scope = { after: (fn: () => Promise<void>) => { t.after(fn); } };
    const gateway = await startGateway(scope);
    const url = await startLoopback(scope, gateway.socketPath);
    const user = await gateway.createUser();
    const app = await createApp(gateway.platform, user.actor, { name: 'stopping' });
    const headers = { authorization: `Bearer ${user.secret}`, 'content-type': 'application/json' };
    const token = await (await fetch(`${url}/graphql/stream`, { method: 'PUT', headers })).text();
    await fetch(`${url}/graphql/stream`, { method: 'PUT', headers });
    await fetch(`${url}/graphql/stream`, { method: 'POST', headers: { ...headers, 'x-graphql-event-stream-token': token }, body: JSON.stringify({ query: EVENTS, variables: { app: app.name, after: start }, extensions: { operationId: 'one' } }) });
    const connected = await fetch(`${url}/graphql/stream`, { headers: { ...headers, accept: 'text/event-stream', 'x-graphql-event-stream-token': token } });
    // It stops while the stream is in use: what had come by then would be a matter of luck otherwise.
    const came = Promise.withResolvers<undefined>();
    const text = (async () => {
      let all = '';
      for await (const chunk of connected.body?.pipeThrough(new TextDecoderStream()) ?? []) {
        all += chunk;
        if (all.includes('AppCreated')) came.resolve(undefined);
      }
      return all;
    })();
    await Promise.race([came.promise, text]);
    await gateway.close();
    // A connection that is still open at the deadline is cut, and what it carried breaks off: reading it would throw.
    assert.match(await text, /AppCreated/);
  });
});

/** Cursors of so many events of a stream, read slowly. */
function readNext(socketPath: string, token: string, many: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    let text = '';
    const sent: ClientRequest = request({ socketPath, path: `/graphql/stream?token=${token}`, headers: { accept: 'text/event-stream' } }, (response) => {
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        response.pause();
        setImmediate(() => { response.resume(); });
        const cursors = [...text.matchAll(/"cursor":"([^"]+)"/g)].map(([, cursor = '']) => cursor);
        if (cursors.length >= many) { sent.destroy(); resolve(cursors); }
      }).on('error', () => undefined);
    });
    sent.on('error', reject).end();
  });
}
