import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import WebSocket from 'ws';
import { createApp } from '../platform/app/app.ts';
import { setConfig } from '../platform/config/config.ts';
import { startGateway } from '../test/kit/gateway.ts';
import type { TestGateway, TestUser } from '../test/kit/gateway.ts';
import { until } from '../test/kit/wait.ts';

interface Message { type: string; id?: string; payload?: Record<string, unknown> & { data?: unknown; errors?: unknown } }
interface Close { code: number; reason: string }

/** A bare WebSocket: messages as they come, in order, and how it was closed. */
interface Bare { socket: WebSocket; messages: Message[]; closed: Promise<Close>; send(message: object | string): void; next(count: number): Promise<Message[]>; opened: Promise<void> }

const EVENTS = 'subscription ($app: String!, $after: Cursor) { appEvents(app: $app, after: $after) { __typename } }';
const start = Buffer.from('event:0').toString('base64url');

/** The cases of graphql-ws' PROTOCOL.md, one by one. */
describe('graphql-transport-ws', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let gateway: TestGateway;
  let owner: TestUser;
  let count = 0;
  before(async () => {
    gateway = await startGateway({ after: (fn) => { cleanups.push(fn); } });
    owner = await gateway.createUser();
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const open = (protocols: string | string[] = 'graphql-transport-ws', headers: Record<string, string> = {}): Bare => {
    const socket = new WebSocket(`ws+unix:${gateway.socketPath}:/graphql`, protocols, { headers });
    const messages: Message[] = [];
    socket.on('message', (data) => { messages.push(JSON.parse((data as Buffer).toString()) as Message); });
    const closed = new Promise<Close>((resolve) => { socket.on('close', (code, reason) => { resolve({ code, reason: String(reason) }); }); });
    const opened = new Promise<void>((resolve, reject) => { socket.on('open', resolve).on('error', reject); });
    opened.catch(() => undefined);
    cleanups.push(async () => { socket.terminate(); });
    const send = (message: object | string): void => { socket.send(typeof message === 'string' ? message : JSON.stringify(message)); };
    const next = async (many: number): Promise<Message[]> => {
      await until(() => messages.length >= many, { within: 60_000, what: () => `${many} messages; there are ${JSON.stringify(messages)}` });
      return messages.slice(0, many);
    };
    return { socket, messages, closed, send, next, opened };
  };
  const init = { type: 'connection_init', payload: {} as Record<string, unknown> };
  const ready = async (): Promise<Bare> => {
    const bare = open();
    await bare.opened;
    bare.send({ ...init, payload: { apiKey: owner.secret } });
    await bare.next(1);
    bare.messages.length = 0;
    return bare;
  };
  const subscribe = (id: string, query: string, variables: object = {}) => ({ id, type: 'subscribe', payload: { query, variables } });

  describe('is opened', () => {
    it('and acknowledged for a key in connectionParams, or in the header of the request', async () => {
      for (const [payload, headers] of [[{ apiKey: owner.secret }, {}], [{ authorization: `Bearer ${owner.secret}` }, {}], [undefined, { authorization: `Bearer ${owner.secret}` }]] as const) {
        const bare = open(undefined, headers as Record<string, string>);
        await bare.opened;
        bare.send({ type: 'connection_init', payload });
        assert.deepEqual(await bare.next(1), [{ type: 'connection_ack' }]);
        bare.socket.close(1000);
        assert.equal((await bare.closed).code, 1000);
      }
    });
    it('only with its subprotocol: 4406', async () => {
      const without = open([]);
      assert.equal((await without.closed).code, 4406);
      const old = open('graphql-ws');
      assert.notEqual(await old.opened.then(() => old.closed.then(({ code }) => code), () => 'refused'), 1000);
      const both = open(['graphql-ws', 'graphql-transport-ws']);
      await both.opened;
      assert.equal(both.socket.protocol, 'graphql-transport-ws');
    });
    it('once: a second init is 4429, also while the first is looked at', async () => {
      const bare = await ready();
      bare.send(init);
      assert.deepEqual(await bare.closed, { code: 4429, reason: 'Too many initialisation requests' });
      const hasty = open();
      await hasty.opened;
      hasty.send({ ...init, payload: { apiKey: owner.secret } });
      hasty.send({ ...init, payload: { apiKey: owner.secret } });
      assert.equal((await hasty.closed).code, 4429);
    });
    it('in time: no init is 4408', async () => {
      const bare = open();
      await bare.opened;
      assert.deepEqual(await bare.closed, { code: 4408, reason: 'Connection initialisation timeout' });
    });
    it('for known keys: an init that is refused is 4403', async () => {
      for (const payload of [undefined, {}, { apiKey: 'slip_wrong' }, { apiKey: 5 }, { apiKey: '' }]) {
        const bare = open();
        await bare.opened;
        bare.send({ type: 'connection_init', payload });
        assert.equal((await bare.closed).code, 4403, JSON.stringify(payload));
        assert.deepEqual(bare.messages, []);
      }
    });
    it('before anything is asked: an operation before the acknowledgement is 4401', async () => {
      const bare = open();
      await bare.opened;
      bare.send(subscribe('1', '{ viewer { email } }'));
      assert.deepEqual(await bare.closed, { code: 4401, reason: 'Unauthorized' });
      const hasty = open();
      await hasty.opened;
      hasty.send({ ...init, payload: { apiKey: owner.secret } });
      hasty.send(subscribe('1', '{ viewer { email } }'));
      const first = await Promise.race([hasty.closed.then(({ code }) => code), hasty.next(1).then(() => 'answered')]);
      assert.ok(first === 4401 || first === 'answered');
    });
  });

  describe('answers pings', () => {
    it('with pongs that have their payload, before init and after, and takes unasked pongs', async () => {
      const bare = open();
      await bare.opened;
      bare.send({ type: 'ping' });
      bare.send({ type: 'ping', payload: { at: 1 } });
      bare.send({ type: 'pong' });
      bare.send({ type: 'pong', payload: { at: 2 } });
      bare.send({ ...init, payload: { apiKey: owner.secret } });
      assert.deepEqual(await bare.next(3), [{ type: 'pong' }, { type: 'pong', payload: { at: 1 } }, { type: 'connection_ack' }]);
    });
    it('ten thousand of them, and goes on', async () => {
      const bare = await ready();
      for (let at = 0; at < 10_000; at++) bare.send({ type: 'ping', payload: { at } });
      bare.send(subscribe('after', '{ viewer { email } }'));
      await bare.next(10_002);
      assert.equal(bare.messages.filter(({ type }) => type === 'pong').length, 10_000);
    });
    it('also where it is asked and nobody reads, without keeping more than a little', async () => {
      const bare = await ready();
      bare.socket.pause();
      const padding = 'x'.repeat(100_000);
      const rss = process.memoryUsage().rss;
      let sent = 0;
      // What the gateway does not read stays here, with the sender.
      while (bare.socket.bufferedAmount < 5_000_000 && sent < 1_000) { bare.send({ type: 'ping', payload: { padding } }); sent++; if (sent % 20 === 0) await new Promise((resolve) => { setTimeout(resolve, 5); }); }
      assert.ok(sent < 1_000, 'the gateway reads no more');
      assert.ok(process.memoryUsage().rss - rss < 200_000_000);
      bare.socket.resume();
      await until(() => bare.messages.length === sent, { within: 60_000, what: () => `all ${sent} are answered; ${bare.messages.length} are` });
    });
  });

  describe('runs', () => {
    it('queries and mutations: one next, then complete', async () => {
      const bare = await ready();
      bare.send(subscribe('q', '{ viewer { email } }'));
      const [next, complete] = await bare.next(2);
      assert.deepEqual([next?.type, next?.id, next?.payload?.data], ['next', 'q', { viewer: { email: owner.actor.email } }]);
      assert.deepEqual(Object.keys((next?.payload?.extensions as { cost: object } | undefined)?.cost ?? {}), ['requested', 'remaining', 'resetAt']);
      assert.deepEqual(complete, { id: 'q', type: 'complete' });
      bare.send(subscribe('m', `mutation { createApp(input: { name: "ws-${++count}" }) { __typename } }`));
      const [, , made, done] = await bare.next(4);
      assert.deepEqual([made?.payload?.data, done], [{ createApp: { __typename: 'CreateAppPayload' } }, { id: 'm', type: 'complete' }]);
    });
    it('subscriptions until the client completes them; nothing follows, and the id is free again', async () => {
      const app = await createApp(gateway.platform, owner.actor, { name: `ws-${++count}` });
      const bare = await ready();
      bare.send(subscribe('s', EVENTS, { app: app.name, after: start }));
      await bare.next(1);
      await setConfig(gateway.platform, owner.actor, { app: app.id, set: [{ key: 'A', value: Buffer.from('1') }] });
      // Its keys and its release: nothing is under way any more when the client completes it.
      const seen = await bare.next(3);
      assert.deepEqual(seen.map(({ type, id }) => [type, id]), [['next', 's'], ['next', 's'], ['next', 's']]);
      bare.send({ id: 's', type: 'complete' });
      bare.send(subscribe('q', '{ viewer { email } }'));
      await until(() => bare.messages.some(({ id, type }) => id === 'q' && type === 'complete'), { within: 60_000, what: () => 'it goes on' });
      const before = bare.messages.filter(({ id }) => id === 's').length;
      await setConfig(gateway.platform, owner.actor, { app: app.id, set: [{ key: 'A', value: Buffer.from('2') }] });
      bare.send(subscribe('s', '{ viewer { email } }'));
      await until(() => bare.messages.at(-1)?.type === 'complete' && bare.messages.at(-1)?.id === 's', { within: 60_000, what: () => 'the id serves again' });
      assert.deepEqual(bare.messages.filter(({ id }) => id === 's').slice(before).map(({ type }) => type), ['next', 'complete']);
    });
    it('nothing more for an operation that is completed before it has answered', async () => {
      const bare = await ready();
      bare.send(subscribe('gone', '{ viewer { email } }'));
      bare.send({ id: 'gone', type: 'complete' });
      bare.send(subscribe('later', '{ viewer { email } }'));
      await until(() => bare.messages.some(({ id, type }) => id === 'later' && type === 'complete'), { within: 60_000, what: () => 'the other answered' });
      assert.deepEqual(bare.messages.filter(({ id, type }) => id === 'gone' && type !== 'complete'), []);
    });
    it('many at once, each with its own order', async () => {
      const bare = await ready();
      const ids = Array.from({ length: 50 }, (_, at) => `op${at}`);
      for (const id of ids) bare.send(subscribe(id, '{ viewer { email } }'));
      await bare.next(100);
      for (const id of ids) assert.deepEqual(bare.messages.filter((message) => message.id === id).map(({ type }) => type), ['next', 'complete']);
    });
    it('what is persisted, by an identifier in extensions', async () => {
      const bare = await ready();
      bare.send({ id: 'known', type: 'subscribe', payload: { query: '', extensions: { documentId: Object.keys(await documents())[0] } } });
      const [next] = await bare.next(1);
      assert.equal(next?.type, 'next', JSON.stringify(next));
      bare.send({ id: 'unknown', type: 'subscribe', payload: { query: '', extensions: { documentId: `sha256:${'0'.repeat(64)}` } } });
      const [, , error] = await bare.next(3);
      assert.equal((error?.payload as unknown as { extensions: { code: string } }[] | undefined)?.[0]?.extensions.code, 'PERSISTED_DOCUMENT_NOT_FOUND');
    });
  });

  describe('tells mistakes', () => {
    it('of a document as one error and nothing more, with what it cost', async () => {
      const bare = await ready();
      const cases: [string, object, RegExp][] = [
        ['{ nonsense }', {}, /Cannot query field/], ['{ {', {}, /Syntax Error/], ['', {}, /Syntax Error/], [`{ viewer { ${'email '.repeat(101)} } }`, {}, /breadth/], [`{ ${'a{'.repeat(1_990)}`, {}, /nesting/],
        ['query A { __typename } query B { __typename }', {}, /operationName/],
        ['subscription { appEvents(app: "x") @skip(if: true) { __typename } }', {}, /@skip/], ['subscription { ...F } fragment F on Subscription { ... @include(if: false) { appEvents(app: "x") { __typename } } }', {}, /@include/],
      ];
      for (const [at, [query, variables, message]] of cases.entries()) {
        bare.send(subscribe(`e${at}`, query, variables));
        const error = (await bare.next(at + 1)).at(-1);
        assert.deepEqual([error?.type, error?.id], ['error', `e${at}`], JSON.stringify(error));
        assert.match(JSON.stringify(error?.payload), message);
        assert.ok((error?.payload as unknown as { extensions: { cost: object } }[] | undefined)?.[0]?.extensions.cost);
      }
    });
    it('of variables and while it runs as a result, and goes on', async () => {
      const bare = await ready();
      bare.send(subscribe('v', 'query ($version: Int!) { release(app: "x", version: $version) { id } }', { version: 'x' }));
      const [wrong] = await bare.next(1);
      assert.match(JSON.stringify(wrong), /Int cannot represent/);
      bare.send(subscribe('s', EVENTS, { app: 'not-there' }));
      await until(() => JSON.stringify(bare.messages).includes('NOT_FOUND'), { within: 60_000, what: () => 'it is told' });
      bare.send(subscribe('q', '{ viewer { email } }'));
      await until(() => bare.messages.some(({ id }) => id === 'q'), { within: 60_000, what: () => 'it goes on' });
      assert.equal(bare.socket.readyState, WebSocket.OPEN);
    });
    it('of a message by closing: 4400 for what is none, 4409 for an id that is taken', async () => {
      const app = await createApp(gateway.platform, owner.actor, { name: `ws-${++count}` });
      const wrong: (object | string)[] = [
        'no json', '', '[]', 'null', '5', '{}', { type: 'unknown' }, { type: 'subscribe' }, { type: 'subscribe', id: '1' }, { type: 'subscribe', id: '', payload: { query: '{ a }' } }, { type: 'subscribe', id: 1, payload: { query: '{ a }' } },
        { type: 'subscribe', id: '1', payload: {} }, { type: 'subscribe', id: '1', payload: { query: 5 } }, { type: 'subscribe', id: '1', payload: { query: '{ a }', variables: 'x' } }, { type: 'complete' }, { type: 'ping', payload: 5 },
        { type: 'next', id: '1' }, { type: 'connection_ack', payload: 'x' },
      ];
      for (const message of wrong) {
        const bare = await ready();
        bare.send(message);
        assert.equal((await bare.closed).code, 4400, JSON.stringify(message));
      }
      const bare = await ready();
      bare.send(subscribe('s', EVENTS, { app: app.name, after: start }));
      await bare.next(1);
      bare.send(subscribe('s', '{ viewer { email } }'));
      assert.deepEqual(await bare.closed, { code: 4409, reason: 'Subscriber for s already exists' });
      const long = await ready();
      for (let at = 0; at < 2; at++) long.send(subscribe('ü'.repeat(1_000), EVENTS, { app: app.name, after: start }));
      assert.equal((await long.closed).code, 4409);
    });
    it('and ignores completes of what it does not know', async () => {
      const bare = await ready();
      for (const id of ['unknown', '__proto__', 'constructor']) bare.send({ id, type: 'complete' });
      bare.send(subscribe('__proto__', '{ viewer { email } }'));
      assert.equal((await bare.next(2))[1]?.type, 'complete');
    });
    it('of too many open operations as errors', async () => {
      const app = await createApp(gateway.platform, owner.actor, { name: `ws-${++count}` });
      const bare = await ready();
      for (let at = 0; at < 101; at++) bare.send(subscribe(`s${at}`, EVENTS, { app: app.name, after: start }));
      await until(() => bare.messages.some(({ type }) => type === 'error'), { within: 60_000, what: () => 'the last is refused' });
      assert.match(JSON.stringify(bare.messages.find(({ type }) => type === 'error')), /"limit":"subscriptions","maximum":100,"actual":101/);
    });
  });

  describe('outlives frames', () => {
    it('that are fragmented, binary, or no UTF-8', async () => {
      const bare = await ready();
      const text = JSON.stringify(subscribe('f', '{ viewer { email } }'));
      for (const [at, char] of text.split('').entries()) bare.socket.send(char, { fin: at === text.length - 1 });
      assert.equal((await bare.next(2))[1]?.type, 'complete');
      bare.socket.send(Buffer.from(JSON.stringify(subscribe('b', '{ viewer { email } }'))), { binary: true });
      assert.equal((await bare.next(4))[3]?.id, 'b');
      bare.socket.send(Buffer.from([0xff, 0xfe, 0x80]), { binary: false });
      assert.equal((await bare.closed).code, 1007);
    });
    it('that are too large, in one or in a million fragments', async () => {
      const bare = await ready();
      bare.send({ type: 'ping', payload: { padding: 'x'.repeat(1_100_000) } });
      assert.equal((await bare.closed).code, 1009);
      const many = await ready();
      const rss = process.memoryUsage().rss;
      for (let at = 0; at < 1_000_000 && many.socket.readyState === WebSocket.OPEN; at++) {
        many.socket.send('x', { fin: false });
        if (at % 10_000 === 9_999) await new Promise((resolve) => { setImmediate(resolve); });
      }
      assert.ok([1006, 1008, 1009].includes((await many.closed).code));
      assert.ok(process.memoryUsage().rss - rss < 400_000_000);
      assert.equal((await gateway.http('/healthz')).status, 200);
    });
  });
});

const documents = async (): Promise<Record<string, string>> => (await import('./persisted-documents.ts')).ownDocuments();
