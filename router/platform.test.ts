import assert from 'node:assert/strict';
import { createServer, request } from 'node:http';
import type { ClientRequest, RequestListener, Server, ServerResponse } from 'node:http';
import { after, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { startRouterRig } from '../test/kit/router-rig.ts';
import type { RouterRig } from '../test/kit/router-rig.ts';
import { until } from '../test/kit/wait.ts';

describe('the platform\'s own host', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let rig: RouterRig;
  before(async () => { rig = await startRouterRig({ after: (fn) => { cleanups.push(fn); } }); });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });
  const serve = async (t: TestContext, socketPath: string, handler: RequestListener): Promise<Server> => {
    const server = createServer({ requestTimeout: 0 }, handler);
    await new Promise<void>((resolve) => { server.listen(socketPath, resolve); });
    t.after(async () => { server.closeAllConnections(); await new Promise((resolve) => { server.close(resolve); }); });
    return server;
  };

  it('is reached by the domain, by localhost and by any address; paths choose the process', async (t) => {
    await serve(t, rig.gatewaySocket, (q, r) => { r.end(`gateway ${q.url ?? ''}`); });
    await serve(t, rig.gitSocket, (q, r) => { r.end(`git ${q.url ?? ''}`); });
    for (const host of ['localhost', `localhost:${rig.port}`, '127.0.0.1', '10.1.2.3:80', '[::1]', '[::1]:4000']) assert.equal((await rig.ask('/', { host })).text, 'gateway /', host);
    for (const path of ['/', '/graphql?x=1', '/blobs/abc', '/healthz', '/readyz', '/metrics', '/gitfoo', '/GIT/x']) assert.equal((await rig.ask(path)).text, `gateway ${path}`);
    assert.equal((await rig.ask('/git/app.git/info/refs?service=git-receive-pack')).text, 'git /git/app.git/info/refs?service=git-receive-pack');
  });

  it('gives git its request untouched and unhurried: compressed, in pieces, asked for with 100 Continue', async (t) => {
    const pieces: string[] = [];
    await serve(t, rig.gitSocket, (q, r) => {
      q.on('data', (chunk: Buffer) => { pieces.push(chunk.toString()); r.write(`got ${chunk.toString()};`); });
      q.on('end', () => { r.end(JSON.stringify({ encoding: q.headers['content-encoding'], type: q.headers['content-type'], auth: q.headers.authorization, host: q.headers.host })); });
    });
    const sent = request({ host: '127.0.0.1', port: rig.port, path: '/git/app.git/git-receive-pack', method: 'POST', agent: false, headers: { host: `localhost:${rig.port}`, expect: '100-continue', 'transfer-encoding': 'chunked', 'content-encoding': 'gzip', 'content-type': 'application/x-git-receive-pack-request', authorization: 'Basic eDp5' } });
    sent.flushHeaders();
    await new Promise((resolve) => { sent.once('continue', resolve); });
    let text = '';
    const ended = new Promise<void>((resolve) => { sent.once('response', (answer) => { answer.on('data', (chunk: Buffer) => { text += chunk.toString(); }); answer.once('end', () => { resolve(); }); }); });
    for (const piece of ['one', 'two', 'three']) {
      sent.write(piece);
      await until(() => pieces.includes(piece) && text.includes(`got ${piece};`), { within: 60_000, what: () => `${piece} has gone through and its echo come back` });
    }
    sent.end();
    await ended;
    assert.deepEqual(JSON.parse(text.split(';').at(-1) ?? ''), { encoding: 'gzip', type: 'application/x-git-receive-pack-request', auth: 'Basic eDp5', host: `localhost:${rig.port}` });
  });

  it('passes WebSockets to the gateway', async (t) => {
    const server = await serve(t, rig.gatewaySocket, (_q, r) => { r.end(); });
    const sockets = new WebSocketServer({ server });
    t.after(() => { sockets.close(); });
    sockets.on('connection', (socket) => { socket.on('message', (data: Buffer) => { socket.send(`echo ${data.toString()}`); }); });
    const client = new WebSocket(`ws://127.0.0.1:${rig.port}/graphql`, 'graphql-transport-ws');
    await new Promise((resolve, reject) => { client.once('open', resolve).once('error', reject); });
    client.send('x');
    assert.equal(await new Promise((resolve) => { client.once('message', (data: Buffer) => { resolve(data.toString()); }); }), 'echo x');
    client.close();
  });

  it('waits for a process that is just being started, and says 503 when it does not come', async (t) => {
    const asked = rig.ask('/graphql', { method: 'POST', body: '{}' });
    await serve(t, rig.gatewaySocket, (q, r) => { q.pipe(r); });
    assert.equal((await asked).text, '{}');
    const answer = await rig.ask('/git/app.git/info/refs');
    assert.deepEqual([answer.status, answer.headers['x-slipway-reason']], [503, 'platform-away']);
  });

  it('does not send a request twice to a process that died over it', async (t) => {
    let count = 0;
    await serve(t, rig.gatewaySocket, (_q, r) => { count++; r.destroy(); });
    assert.equal((await rig.ask('/graphql', { method: 'POST', body: '{}' })).status, 503);
    assert.equal(count, 1);
  });
});

/** As git does, the place begins its answer while the request still comes. */
describe('the platform\'s own host behind another proxy', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let rig: RouterRig;
  let place: Server;
  let taken = '';
  let endAnswer = (_response: ServerResponse): void => undefined;
  before(async () => {
    rig = await startRouterRig({ after: (fn) => { cleanups.push(fn); } }, { SLIPWAY_TRUST_PROXY: 'true' });
    place = createServer((request, response) => {
      response.writeHead(200).write('begun;');
      request.on('data', (chunk: Buffer) => { taken += chunk.toString(); if (taken.includes('break')) endAnswer(response); });
      request.on('end', () => { response.end('whole'); });
      request.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => { place.listen(rig.gitSocket, resolve); });
  });
  after(async () => {
    place.closeAllConnections();
    await new Promise((resolve) => { place.close(resolve); });
    for (const cleanup of cleanups.reverse()) await cleanup();
  });

  const begin = (): { sent: ClientRequest; answer: Promise<{ status: number; text: string }>; hasAnswer(): boolean } => {
    taken = '';
    let answered = false;
    const sent = request({ host: '127.0.0.1', port: rig.port, path: '/git/app.git/git-receive-pack', method: 'POST', agent: false, headers: { host: `localhost:${rig.port}`, 'transfer-encoding': 'chunked' } });
    const answer = new Promise<{ status: number; text: string }>((resolve, reject) => {
      sent.once('error', reject).once('response', (response) => {
        answered = true;
        let text = '';
        response.on('data', (chunk: Buffer) => { text += chunk.toString(); }).once('end', () => { resolve({ status: response.statusCode ?? 0, text }); }).once('error', reject);
      });
    });
    return { sent, answer, hasAnswer: () => answered };
  };
  const send = async (sent: ClientRequest, piece: string): Promise<void> => {
    sent.write(piece);
    await until(() => taken.includes(piece), { within: 60_000, what: () => `${piece} has gone through` });
  };

  it('answers only when all is sent, and a moment later: a proxy that hears of an answer sends no more, and breaks off what it has not seen the end of', async () => {
    const { sent, answer, hasAnswer } = begin();
    for (const piece of ['one', 'two', 'three']) await send(sent, piece);
    assert.equal(hasAnswer(), false);
    const ended = performance.now();
    sent.end();
    assert.deepEqual(await answer, { status: 200, text: 'begun;whole' });
    // A timer may come a millisecond early.
    assert.ok(performance.now() - ended > 498, `${performance.now() - ended} ms`);
  });

  it('lets nobody wait for a place that has died meanwhile', async () => {
    let died = false;
    endAnswer = (response) => { response.once('close', () => { died = true; }).destroy(); };
    const { sent, answer } = begin();
    await send(sent, 'break');
    await until(() => died, { within: 60_000, what: () => 'the place has died' });
    sent.end('the rest');
    // That it died may be heard before or after the end of the request.
    assert.equal(await answer.then(({ status }) => status, () => 503), 503);
  });
});
