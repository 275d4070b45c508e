import assert from 'node:assert/strict';
import { IncomingMessage, request, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { CloseCode } from 'graphql-ws';
import { endSession, startSession } from '../platform/account/session.ts';
import { hashSecret } from '../platform/key/api-key-secret.ts';
import { startGateway } from '../test/kit/gateway.ts';
import type { TestGateway, TestUser } from '../test/kit/gateway.ts';
import { createSessionCookie } from './session-cookie.ts';

const OWN = 'http://localhost:4000';
const APP = 'http://my-app.localhost:4000';

describe('the cookie of a browser that is logged in', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let gateway: TestGateway;
  let user: TestUser;
  let cookie: string;
  let sessionId: string;
  before(async () => {
    gateway = await startGateway({ after: (fn) => { cleanups.push(fn); } });
    user = await gateway.createUser();
    [cookie, sessionId] = await newSession();
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const newSession = async (): Promise<[string, string]> => {
    const { secret, session } = await gateway.platform.db.$transaction((tx) => startSession(tx, user.actor.userId, { address: null, userAgent: '' }));
    return [`slipway_session=${secret}`, session.id];
  };
  const WHO = '{ viewer { email } }';
  const ask = async (method: 'GET' | 'POST', headers: Record<string, string>, query = WHO): Promise<{ status: number; email: string | null; text: string }> => {
    const { status, text } = await gateway.http(method === 'GET' ? `/graphql?query=${encodeURIComponent(query)}` : '/graphql', {
      method, ...(method === 'POST' ? { body: JSON.stringify({ query }) } : {}), headers: { accept: 'application/json', ...(method === 'POST' ? { 'content-type': 'application/json' } : {}), ...headers },
    });
    return { status, text, email: (JSON.parse(text) as { data?: { viewer?: { email: string } } }).data?.viewer?.email ?? null };
  };

  it('counts where a page of the platform itself asks, and nowhere else', async () => {
    const cases: ['GET' | 'POST', Record<string, string>, boolean][] = [
      ['POST', { origin: OWN }, true],
      ['POST', { origin: 'http://127.0.0.1:4000' }, true],
      ['POST', { origin: APP }, false],
      ['POST', { origin: APP, 'sec-fetch-site': 'same-site' }, false],
      ['POST', { origin: 'http://localhost:4001' }, false],
      ['POST', { origin: 'https://localhost:4000' }, false],
      ['POST', { origin: 'null' }, false],
      ['POST', { origin: '' }, false],
      ['POST', {}, false],
      ['POST', { 'sec-fetch-site': 'same-origin' }, false],
      ['GET', { 'sec-fetch-site': 'same-origin' }, true],
      ['GET', { 'sec-fetch-site': 'none' }, true],
      ['GET', {}, true],
      ['GET', { 'sec-fetch-site': 'same-site' }, false],
      ['GET', { 'sec-fetch-site': 'cross-site' }, false],
      ['GET', { origin: APP, 'sec-fetch-site': 'same-origin' }, false],
    ];
    for (const [method, headers, counts] of cases) {
      const { status, email } = await ask(method, { cookie, ...headers });
      assert.deepEqual([status, email], [200, counts ? user.actor.email : null], `${method} ${JSON.stringify(headers)}`);
    }
  });

  it('makes somebody of nobody: without one the viewer is null, whatever is asked of them', async () => {
    const { status, text } = await ask('POST', { origin: OWN }, '{ viewer { hasPassword sessions { totalCount } apiKeys { totalCount } deletionConsequences { refusal } } }');
    assert.deepEqual([status, (JSON.parse(text) as { data: object }).data], [200, { viewer: null }]);
  });

  it('changes nothing by GET, and nothing for a page of an app', async () => {
    const mutation = 'mutation { createApp(input: { name: "forged" }) { __typename } }';
    assert.equal((await ask('GET', { cookie }, mutation)).status, 405);
    const forged = await ask('POST', { cookie, origin: APP }, mutation);
    assert.match(forged.text, /UNAUTHENTICATED/);
    const simple = await gateway.http('/graphql', { method: 'POST', body: JSON.stringify({ query: mutation }), headers: { 'content-type': 'text/plain', cookie, origin: OWN } });
    assert.equal(simple.status, 415, 'what a form of another site could send');
    assert.equal(await gateway.platform.db.app.count({ where: { name: 'forged' } }), 0);
  });

  it('sets no cookie for a page of another origin, so that no app logs a browser in as somebody else', async () => {
    const mutation = 'mutation { logIn(input: { email: "x@example.com", password: "x" }) { __typename } }';
    assert.match((await ask('POST', { origin: APP }, mutation)).text, /can set no cookie/);
    assert.match((await ask('POST', { origin: OWN }, mutation)).text, /LogInFailed/);
  });

  it('that is unknown, expired, or doubled, makes nobody of who sends it; an API key beside it is who asks', async () => {
    // An app may set a cookie of another name that begins with what some take for a blank.
    for (const foreign of ['\u00a0', '\u00a0\u00a0']) assert.equal((await ask('POST', { cookie: `${cookie}; ${foreign}slipway_session=planted`, origin: OWN })).email, user.actor.email);
    for (const bad of ['slipway_session=nonsense', `${cookie}; slipway_session=planted`, `slipway_session=planted; ${cookie}`, 'slipway_session=']) {
      assert.deepEqual(await ask('POST', { cookie: bad, origin: OWN }).then(({ status, email }) => [status, email]), [200, null], bad);
    }
    const other = await gateway.createUser();
    assert.equal((await ask('POST', { cookie, origin: OWN, authorization: `Bearer ${other.secret}` })).email, other.actor.email);
    assert.equal((await ask('POST', { cookie, origin: OWN, authorization: 'Bearer slip_wrong' })).status, 401);
    const [late, id] = await newSession();
    await gateway.platform.db.session.update({ where: { id }, data: { expiresAt: new Date(Date.now() - 1) } });
    assert.equal((await ask('POST', { cookie: late, origin: OWN })).email, null);
  });

  it('gets another name when its browser is logged out, by which it logs nobody in', async () => {
    const [ended] = await newSession();
    const query = 'mutation { logOut(input: { others: false }) { __typename } }';
    const { headers } = await gateway.http('/graphql', { method: 'POST', body: JSON.stringify({ query }), headers: { 'content-type': 'application/json', cookie: ended, origin: OWN } });
    const former = ended.replace('session', 'former');
    assert.deepEqual([headers['set-cookie']].flat().map((each) => String(each).replace(/Max-Age=[1-9]\d+/, 'Max-Age=long')), ['slipway_session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax', `${former}; Max-Age=long; Path=/; HttpOnly; SameSite=Lax`]);
    assert.equal((await ask('POST', { cookie: former, origin: OWN })).email, null);
    assert.equal((await ask('POST', { cookie: cookie.replace('session', 'former'), origin: OWN })).email, null, 'not even one that has not ended');
  });

  it('lives 30 days from its last use on', async () => {
    const [used, id] = await newSession();
    const day = 24 * 3_600_000;
    await gateway.platform.db.session.update({ where: { id }, data: { lastUsedAt: new Date(Date.now() - 20 * day), expiresAt: new Date(Date.now() + 10 * day) } });
    assert.equal((await ask('POST', { cookie: used, origin: OWN })).email, user.actor.email);
    const { expiresAt, lastUsedAt } = await gateway.platform.db.session.findUniqueOrThrow({ where: { id } });
    assert.ok(expiresAt.getTime() > Date.now() + 29.9 * day);
    assert.ok(lastUsedAt.getTime() > Date.now() - 60_000);
  });

  it('opens WebSockets for pages of the platform alone, and their subscriptions end with the session', async () => {
    const app = await gateway.platform.db.app.create({ data: { name: 'live-app', ownerId: user.actor.userId } });
    const follow = async (headers: Record<string, string>): Promise<{ ended: Promise<unknown> }> => {
      const client = gateway.socket(null, { headers });
      const events = client.iterate({ query: `subscription { appEvents(app: "${app.id}") { __typename } }` });
      const ended = events.next().then(() => 'an event', (error: unknown) => error);
      await new Promise<void>((resolve) => { client.on('connected', () => { resolve(); }); client.on('closed', () => { resolve(); }); client.on('error', () => { resolve(); }); });
      return { ended };
    };
    const codeOf = (error: unknown): unknown => (error as { code?: number }).code;
    assert.match((await (await follow({ cookie, origin: APP })).ended as Error).message, /403/);
    assert.equal(codeOf(await (await follow({ cookie })).ended), CloseCode.Forbidden, 'without an origin a cookie does not count');
    const live = await follow({ cookie, origin: OWN });
    await endSession(gateway.platform, { ...user.actor, apiKeyId: null, sessionId }, sessionId);
    assert.equal(codeOf(await live.ended), CloseCode.Unauthorized);
  });

  it('ends a live SSE answer with its session', async () => {
    const app = await gateway.platform.db.app.findFirstOrThrow({ where: { name: 'live-app' } });
    const [held, id] = await newSession();
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { 'content-type': 'application/json', accept: 'text/event-stream', cookie: held, origin: OWN };
      request({ socketPath: gateway.socketPath, path: '/graphql', method: 'POST', headers }, resolve).on('error', reject).end(JSON.stringify({ query: `subscription { appEvents(app: "${app.id}") { __typename } }` }));
    });
    const over = new Promise<void>((resolve) => { answer.resume().once('end', resolve); });
    await endSession(gateway.platform, { ...user.actor, apiKeyId: null, sessionId: id }, id);
    await over;
    assert.match(answer.headers['content-type'] ?? '', /event-stream/);
  });

  it('is bound to the host and to TLS where the platform has TLS', () => {
    const setBy = (url: string): string => {
      const incoming = new IncomingMessage(new Socket());
      const response = new ServerResponse(incoming);
      createSessionCookie({ url, port: 4000 }).writerFor(incoming, response)?.set('secret');
      return String(response.getHeader('set-cookie'));
    };
    assert.match(setBy('https://api.example.com'), /^__Host-slipway=secret; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
    assert.match(setBy('http://localhost:4000'), /^slipway_session=secret; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Lax$/);
  });

  it('is stored as a hash', async () => {
    const row = await gateway.platform.db.session.findUniqueOrThrow({ where: { id: sessionId } });
    assert.deepEqual(Buffer.from(row.hash), Buffer.from(hashSecret(cookie.split('=')[1] ?? '')));
  });
});
