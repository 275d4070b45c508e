import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import type { IncomingMessage, RequestListener } from 'node:http';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import type { Route } from '../bus/route.ts';
import { placeOf, startReplica, startRouterRig } from '../test/kit/router-rig.ts';
import type { RouterRig } from '../test/kit/router-rig.ts';
import { until } from '../test/kit/wait.ts';

const MEGABYTE = 1024 * 1024;
let apps = 0;

describe('what passes through the router', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let rig: RouterRig;
  before(async () => { rig = await startRouterRig({ after: (fn) => { cleanups.push(fn); } }); });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const serve = async (t: TestContext, handler: RequestListener): Promise<{ host: string; route: Route; server: Awaited<ReturnType<typeof startReplica>>['server'] }> => {
    const replica = await startReplica(t, handler);
    const appName = `app-${++apps}`;
    const route = await rig.route({ appName, replicas: [placeOf(replica)] });
    return { host: `${appName}.localhost:${rig.port}`, route, server: replica.server };
  };
  const open = (host: string, options: { path?: string; method?: string; headers?: Record<string, string> } = {}): ReturnType<typeof request> => {
    const { path = '/', method = 'GET', headers = {} } = options;
    return request({ host: '127.0.0.1', port: rig.port, path, method, headers: { host, ...headers }, agent: false });
  };
  const answerOf = (sent: ReturnType<typeof request>): Promise<IncomingMessage> => new Promise((resolve, reject) => { sent.once('response', resolve).once('error', reject); });

  it('keeps path, query, method, repeated headers, status, reason and trailers as they are', async (t) => {
    const { host } = await serve(t, (q, r) => {
      r.writeHead(418, 'Short and Stout', ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'X-Mixed-Case', 'é', 'Trailer', 'X-Sum']);
      r.write(JSON.stringify({ url: q.url, method: q.method, raw: q.rawHeaders }));
      r.addTrailers({ 'X-Sum': '42' });
      r.end();
    });
    const sent = open(host, { path: '/a//b/../c%2Fd?q=1&q=2#', method: 'PURGE', headers: { 'X-Thing': 'one' } });
    sent.setHeader('X-Many', ['1', '2']);
    sent.end();
    const answer = await answerOf(sent);
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk as Buffer);
    const seen = JSON.parse(Buffer.concat(chunks).toString()) as { url: string; method: string; raw: string[] };
    assert.equal(answer.statusCode, 418);
    assert.equal(answer.statusMessage, 'Short and Stout');
    assert.deepEqual(answer.headers['set-cookie'], ['a=1', 'b=2']);
    assert.ok(answer.rawHeaders.includes('X-Mixed-Case'));
    assert.equal(answer.trailers['x-sum'], '42');
    assert.deepEqual([seen.url, seen.method], ['/a//b/../c%2Fd?q=1&q=2#', 'PURGE']);
    assert.equal(seen.raw.filter((name) => name === 'X-Many').length, 2);
    assert.ok(seen.raw.includes('X-Thing'));
  });

  it('streams 300 MB up and down at once, whole, without holding them in memory', async (t) => {
    const { host } = await serve(t, (q, r) => { q.pipe(r); });
    const memory = (): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${rig.pid()}/status`, 'utf8'))?.[1] ?? 0) * 1024;
    const piece = Buffer.alloc(MEGABYTE, 'slipway!');
    const begun = memory();
    let highest = begun;
    const sent = open(host, { method: 'POST', headers: { 'transfer-encoding': 'chunked' } });
    const [up, down] = [createHash('sha256'), createHash('sha256')];
    const answering = answerOf(sent);
    for (let n = 0; n < 300; n++) {
      piece.writeUInt32LE(n);
      up.update(piece);
      if (!sent.write(Buffer.from(piece))) await new Promise((resolve) => { sent.once('drain', resolve); });
      if (n === 0) (await answering).on('data', (chunk: Buffer) => { down.update(chunk); });
      highest = Math.max(highest, memory());
    }
    sent.end();
    const answer = await answering;
    await new Promise((resolve) => { answer.once('end', resolve); });
    assert.equal(down.digest('hex'), up.digest('hex'));
    assert.ok(highest - begun < 120 * MEGABYTE, `grew by ${Math.round((highest - begun) / MEGABYTE)} MB`);
  });

  it('takes no more of an upload than a replica reads', async (t) => {
    let held: IncomingMessage | undefined;
    const { host } = await serve(t, (q, r) => { held = q; q.pause(); q.once('end', () => r.end('ok')); });
    const sent = open(host, { method: 'PUT', headers: { 'transfer-encoding': 'chunked' } });
    sent.write(Buffer.alloc(MEGABYTE));
    // What comes before that is slow, is no upload that stands still.
    await until(() => held !== undefined, { within: 60_000, what: () => 'the replica has the request' });
    let full = false;
    for (let n = 0; n < 200 && !full; n++) {
      if (!sent.write(Buffer.alloc(MEGABYTE))) full = !await Promise.race([new Promise<boolean>((resolve) => { sent.once('drain', () => { resolve(true); }); }), new Promise<boolean>((resolve) => { setTimeout(() => { resolve(false); }, 500); })]);
    }
    assert.ok(full, 'the router took 200 MB that nobody reads');
    held?.resume();
    sent.end();
    assert.equal((await answerOf(sent)).statusCode, 200);
  });

  it('hands on each piece of an event stream as it is written, its head first', async (t) => {
    let write: ((text: string) => void) | undefined;
    let closed = false;
    const { host } = await serve(t, (_q, r) => {
      r.writeHead(200, { 'content-type': 'text/event-stream' });
      r.flushHeaders();
      r.once('close', () => { closed = true; });
      write = (text) => { r.write(text); };
    });
    const sent = open(host);
    sent.end();
    const answer = await answerOf(sent);
    assert.equal(answer.headers['content-type'], 'text/event-stream');
    const got: string[] = [];
    answer.on('data', (chunk: Buffer) => { got.push(chunk.toString()); });
    for (const event of ['data: 1\n\n', 'data: 2\n\n', 'data: 3\n\n']) {
      const before = got.length;
      write?.(event);
      await until(() => got.length > before, { within: 60_000, what: () => `${event} has come` });
    }
    assert.deepEqual(got, ['data: 1\n\n', 'data: 2\n\n', 'data: 3\n\n']);
    sent.destroy();
    await until(() => closed, { within: 60_000, what: () => 'the app hears that the client left' });
  });

  it('joins WebSockets, in both directions and with their close codes', async (t) => {
    const { host, server, route } = await serve(t, (_q, r) => { r.end('no socket'); });
    const sockets = new WebSocketServer({ server });
    const seen: IncomingMessage[] = [];
    sockets.on('connection', (socket, asked) => { seen.push(asked); socket.on('message', (data, binary) => { socket.send(data, { binary }); }); socket.on('close', (code) => { seen.push({ code } as never); }); });
    t.after(() => { sockets.close(); });
    const client = new WebSocket(`ws://127.0.0.1:${rig.port}/live?x=1`, ['chat'], { headers: { host } });
    await new Promise((resolve, reject) => { client.once('open', resolve).once('error', reject); });
    for (const message of ['hello', 'x'.repeat(MEGABYTE)]) {
      const echo = new Promise<string>((resolve) => { client.once('message', (data: Buffer) => { resolve(data.toString()); }); });
      client.send(message);
      assert.equal(await echo, message);
    }
    assert.equal(client.protocol, 'chat');
    assert.equal(seen[0]?.url, '/live?x=1');
    assert.equal(seen[0]?.headers['x-forwarded-host'], host);
    client.close(4001);
    await until(() => seen.some((each) => (each as unknown as { code?: number }).code === 4001), { within: 60_000, what: () => 'the app sees the close code' });
    await until(() => rig.lines(route).some((line) => line.includes('path="/live"') && line.includes('status=101')), { within: 60_000, what: () => 'the line of the WebSocket is written' });
  });

  it('passes on an app\'s refusal of a WebSocket', async (t) => {
    const { host, server } = await serve(t, (_q, r) => { r.end(); });
    server.on('upgrade', (_q, socket) => { socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nX-Why: so\r\n\r\nno'); });
    const client = new WebSocket(`ws://127.0.0.1:${rig.port}/`, { headers: { host } });
    const answer = await new Promise<IncomingMessage>((resolve) => { client.once('unexpected-response', (_sent, got) => { resolve(got); }); client.on('error', () => undefined); });
    assert.equal(answer.statusCode, 403);
    assert.equal(answer.headers['x-why'], 'so');
  });

  it('ends the app\'s side of a WebSocket whose client died, and the client\'s when the app died', async (t) => {
    const { host, server } = await serve(t, () => undefined);
    const sockets = new WebSocketServer({ server });
    t.after(() => { sockets.close(); });
    let ends = 0;
    sockets.on('connection', (socket) => { socket.on('error', () => undefined); socket.once('close', () => { ends++; }); });
    const one = new WebSocket(`ws://127.0.0.1:${rig.port}/`, { headers: { host } });
    await new Promise((resolve) => { one.once('open', resolve); });
    one.terminate();
    await until(() => ends === 1, { within: 60_000, what: () => 'the app hears of it' });
    const two = new WebSocket(`ws://127.0.0.1:${rig.port}/`, { headers: { host } });
    await new Promise((resolve) => { two.once('open', resolve); });
    const closed = new Promise((resolve) => { two.once('close', resolve); two.on('error', () => undefined); });
    for (const socket of sockets.clients) socket.terminate();
    await closed;
  });

  it('asks the app whether to go on when the client does, and gives the app\'s refusal before the body was sent', async (t) => {
    const { host, server } = await serve(t, (q, r) => { q.pipe(r); });
    const expecting = (body: string): Promise<{ continued: boolean; status: number; text: string }> => new Promise((resolve, reject) => {
      const sent = open(host, { method: 'POST', headers: { expect: '100-continue', 'content-length': String(body.length) } });
      let continued = false;
      sent.once('continue', () => { continued = true; sent.end(body); });
      sent.once('error', reject);
      sent.once('response', (answer) => {
        let text = '';
        answer.on('data', (chunk: Buffer) => { text += chunk.toString(); }).once('end', () => { resolve({ continued, status: answer.statusCode ?? 0, text }); sent.destroy(); });
      });
      sent.flushHeaders();
    });
    assert.deepEqual(await expecting('a body'), { continued: true, status: 200, text: 'a body' });
    server.on('checkContinue', (_q, r) => { r.writeHead(413, { connection: 'close' }); r.end('too large'); });
    assert.deepEqual(await expecting('a body'), { continued: false, status: 413, text: 'too large' });
  });

  it('gives an answer that comes before the upload is read to its end', async (t) => {
    const { host } = await serve(t, (_q, r) => { r.writeHead(413); r.end('too large'); });
    const sent = open(host, { method: 'POST', headers: { 'content-length': String(20 * MEGABYTE) } });
    sent.on('error', () => undefined);
    const answering = answerOf(sent);
    for (let n = 0; n < 20; n++) sent.write(Buffer.alloc(MEGABYTE));
    sent.end();
    assert.equal((await answering).statusCode, 413);
  });

  it('takes the rest of an upload that is answered already before it closes the connection, so that the answer is not lost', async (t) => {
    const { host } = await serve(t, (_q, r) => { r.writeHead(413); r.end('too large'); });
    const socket = connect({ host: '127.0.0.1', port: rig.port, allowHalfOpen: true });
    t.after(() => { socket.destroy(); });
    let text = '';
    socket.on('data', (chunk: Buffer) => { text += chunk.toString(); });
    socket.write(`POST / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nContent-Length: ${3 * MEGABYTE}\r\n\r\nbegun`);
    await once(socket, 'end');
    assert.match(text, /^HTTP\/1\.1 413 [^]*too large\r\n0\r\n\r\n$/);
    const rest = Buffer.alloc(3 * MEGABYTE - 'begun'.length);
    await new Promise<void>((resolve, reject) => { socket.write(rest, (error) => { if (error) reject(error); else resolve(); }); });
    socket.end();
    await once(socket, 'close');
  });

  it('answers HEAD without a body and keeps the length that GET would have', async (t) => {
    const { host } = await serve(t, (_q, r) => { r.setHeader('content-length', 1234); r.end(); });
    const answer = await rig.ask('/', { host, method: 'HEAD' });
    assert.deepEqual([answer.status, answer.headers['content-length'], answer.text], [200, '1234', '']);
  });

  it('speaks to a client of HTTP/1.0, and gives it a chunked answer without chunks', async (t) => {
    const { host } = await serve(t, (_q, r) => { r.write('one '); r.end('two'); });
    const text = await rig.raw(`GET / HTTP/1.0\r\nHost: ${host}\r\n\r\n`);
    assert.match(text, /^HTTP\/1\.1 200 OK\r\n/);
    assert.doesNotMatch(text, /transfer-encoding/i);
    assert.match(text, /\r\n\r\none two$/);
  });

  it('leaves headers between neighbours out, and keeps the client\'s connection when the app ends its own', async (t) => {
    const { host } = await serve(t, (q, r) => { r.writeHead(200, { connection: 'close', 'keep-alive': 'timeout=99', 'x-request-id': 'the-apps-own', 'x-slipway-reason': 'crashed' }); r.end(JSON.stringify(q.headers)); });
    const text = await rig.raw(`GET /1 HTTP/1.1\r\nHost: ${host}\r\nConnection: keep-alive, X-Private\r\nX-Private: 1\r\nTE: trailers\r\nProxy-Authorization: Basic x\r\nUpgrade: h2c\r\n\r\nGET /2 HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    assert.equal(text.match(/HTTP\/1\.1 200/g)?.length, 2);
    for (const gone of ['x-private', 'proxy-authorization', '"te"', 'h2c', 'the-apps-own', 'timeout=99', 'X-Slipway-Reason']) assert.ok(!text.toLowerCase().includes(gone.toLowerCase()), `${gone} passed:\n${text}`);
  });

  it('tells a client that an answer broke off, by ending its connection', async (t) => {
    const { host, route } = await serve(t, (_q, r) => { r.writeHead(200, { 'content-length': 100 }); r.write('half'); setImmediate(() => r.destroy()); });
    await assert.rejects(rig.ask('/', { host }), /aborted|ECONNRESET|hang up/);
    await until(() => rig.lines(route).some((line) => line.includes('reason=replica-cut')), { within: 60_000, what: () => 'the log says so' });
  });

  it('hears at once that a client left, and tells the app and the log', async (t) => {
    let [asked, left] = [false, false];
    const { host, route } = await serve(t, (q, r) => { asked = true; r.once('close', () => { left = true; }); q.resume(); });
    const sent = open(host);
    sent.on('error', () => undefined);
    sent.end();
    await until(() => asked, { within: 60_000, what: () => 'the app has the request' });
    sent.destroy();
    await until(() => left && rig.lines(route).some((line) => line.includes('status=499')), { within: 60_000, what: () => 'both know' });
  });

  it('writes one line a request into the app\'s log, without the query and with nothing a client could forge', async (t) => {
    const { host, route } = await serve(t, (_q, r) => { r.statusCode = 201; r.end('hello'); });
    await rig.ask('/sign?token=geheim', { host, method: 'POST', body: 'x', headers: { 'x-request-id': 'my-request-1' } });
    await rig.raw(`GET /a"%20status=200 HTTP/1.1\r\nHost: ${host}\r\nX-Request-Id: evil id\r\nConnection: close\r\n\r\n`);
    await until(() => rig.lines(route).length === 2, { within: 60_000, what: () => `two lines, not ${rig.lines(route).join('\n')}` });
    const [first = '', second = ''] = rig.lines(route);
    assert.match(first, /^\S+ stdout F:0 method=POST path="\/sign" host="app-\d+\.localhost:\d+" request_id=my-request-1 fwd="127\.0\.0\.1" replica=web\.1 release=v1 connect=\d+ms service=\d+ms status=201 bytes=\d+$/);
    assert.ok(!rig.lines(route).join('').includes('geheim'));
    assert.match(second, /path="\/a\\"%20status=200" .* request_id=[0-9a-f-]{36} /);
  });

  it('takes a whole address in the request line for its path', async (t) => {
    const { host } = await serve(t, (q, r) => { r.end(q.url); });
    assert.match(await rig.raw(`GET http://${host}/a?b=c HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`), /\/a\?b=c/);
  });

  it('leaves idle connections of clients open between requests', async (t) => {
    const { host } = await serve(t, (_q, r) => { r.end('again'); });
    const socket = connect(rig.port, '127.0.0.1');
    t.after(() => { socket.destroy(); });
    let got = '';
    socket.on('data', (chunk: Buffer) => { got += chunk.toString(); });
    for (let n = 1; n <= 3; n++) {
      socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      await until(() => (got.match(/again/g) ?? []).length === n, { within: 60_000, what: () => `answer ${n}` });
    }
  });
});
