import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { WebSocket } from 'ws';
import { freePort } from '../test/kit/free-port.ts';
import { placeOf, startReplica, startRouterRig } from '../test/kit/router-rig.ts';
import type { Replica, RouterRig } from '../test/kit/router-rig.ts';
import { until } from '../test/kit/wait.ts';

/** A replica whose port nobody listens on. */
const nobody = async (): Promise<Replica> => ({ id: randomUUID(), process: 'web', index: 1, releaseVersion: 1, host: '127.0.0.1', port: await freePort() });

/** A replica that takes connections and does with the request as it is told. */
async function startRawReplica(t: TestContext, handle: (socket: Socket, count: number) => void): Promise<Replica & { connections(): number }> {
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => { sockets.add(socket); socket.on('error', () => undefined); handle(socket, ++connections); });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  t.after(async () => { for (const socket of sockets) socket.destroy(); await new Promise((resolve) => { server.close(resolve); }); });
  return { id: randomUUID(), process: 'web', index: 1, releaseVersion: 1, host: '127.0.0.1', port: (server.address() as AddressInfo).port, connections: () => connections };
}

let apps = 0;
const newName = (): string => `app-${++apps}`;

describe('which replica gets a request', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let rig: RouterRig;
  before(async () => { rig = await startRouterRig({ after: (fn) => { cleanups.push(fn); } }); });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });
  const hostOf = (appName: string): string => `${appName}.localhost:${rig.port}`;

  it('is found by the app\'s name or one of its hosts, whatever case and port', async (t) => {
    const replica = await startReplica(t, (_q, r) => { r.end('found'); });
    const appName = newName();
    await rig.route({ appName, hosts: ['shop.example.org'], replicas: [placeOf(replica)] });
    for (const host of [hostOf(appName), `${appName}.localhost`, `${appName.toUpperCase()}.LocalHost:1`, `${appName}.localhost.`, 'shop.example.org', 'Shop.Example.Org:443']) {
      assert.equal((await rig.ask('/', { host })).text, 'found', host);
    }
    for (const host of [`x.${appName}.localhost`, 'example.org', `${appName}.localhost.evil.org`]) assert.equal((await rig.ask('/', { host })).status, 404, host);
  });

  it('is found by names that the app had before, until they lead nowhere or to another app', async (t) => {
    const [replica, other] = [await startReplica(t, (_q, r) => { r.end('found'); }), await startReplica(t, (_q, r) => { r.end('other'); })];
    const [appName, former] = [newName(), newName()];
    const route = await rig.route({ appName: former, replicas: [placeOf(replica)] });
    await rig.route({ ...route, appName, formerNames: [former] });
    for (const name of [appName, former]) assert.equal((await rig.ask('/', { host: hostOf(name) })).text, 'found', name);
    await rig.route({ ...route, appName, formerNames: [] });
    assert.equal((await rig.ask('/', { host: hostOf(former) })).status, 404);
    await rig.route({ appName: former, appId: crypto.randomUUID(), replicas: [placeOf(other)] });
    assert.deepEqual([(await rig.ask('/', { host: hostOf(former) })).text, (await rig.ask('/', { host: hostOf(appName) })).text], ['other', 'found']);
  });

  it('is the one with the fewest requests', async (t) => {
    const replicas = await Promise.all([1, 2, 3].map((index) => startReplica(t, (q, r) => { if (q.url === '/slow') setTimeout(() => r.end(String(index)), 300); else r.end(String(index)); }, index)));
    const appName = newName();
    await rig.route({ appName, replicas: replicas.map(placeOf) });
    const answers = await Promise.all(Array.from({ length: 9 }, () => rig.ask('/slow', { host: hostOf(appName) })));
    assert.deepEqual(answers.map(({ text }) => text).sort().join(''), '111222333');
  });

  it('is another one when the first takes no connection, also for a request with a body', async (t) => {
    const bodies: string[] = [];
    const alive = await startReplica(t, (q, r) => { let body = ''; q.on('data', (chunk: Buffer) => { body += chunk.toString(); }); q.on('end', () => { bodies.push(body); r.end('alive'); }); }, 3);
    const appName = newName();
    await rig.route({ appName, replicas: [await nobody(), await nobody(), placeOf(alive)] });
    for (let n = 0; n < 10; n++) {
      assert.equal((await rig.ask('/', { host: hostOf(appName) })).text, 'alive');
      assert.equal((await rig.ask('/', { host: hostOf(appName), method: 'POST', body: 'a body' })).text, 'alive');
    }
    assert.deepEqual(bodies.filter((body) => body !== ''), Array.from({ length: 10 }, () => 'a body'));
  });

  it('is one of a route that comes while none takes the connection', async (t) => {
    const appName = newName();
    const { appId } = await rig.route({ appName, replicas: [await nobody()] });
    const late = await startReplica(t, (q, r) => { q.pipe(r); });
    const asked = rig.ask('/', { host: hostOf(appName), method: 'POST', body: 'patient' });
    await rig.route({ appId, appName, replicas: [placeOf(late)] });
    assert.equal((await asked).text, 'patient');
  });

  it('is no other one when the first may have received it: the client gets 502, and nothing is sent twice', async (t) => {
    for (const method of ['GET', 'POST']) {
      const seen: string[] = [];
      const killer = await startRawReplica(t, (socket) => { socket.once('data', (chunk) => { seen.push(chunk.toString()); socket.destroy(); }); });
      const other = await startReplica(t, (q, r) => { seen.push(`other ${q.method ?? ''}`); r.end(); }, 2);
      const appName = newName();
      const route = await rig.route({ appName, replicas: [placeOf(killer)] });
      await rig.ask('/', { host: hostOf(appName), method: 'GET' });
      await rig.route({ ...route, replicas: [placeOf(killer), placeOf(other)] });
      seen.length = 0;
      const answers = await Promise.all(Array.from({ length: 6 }, () => rig.ask('/', { host: hostOf(appName), method, ...(method === 'POST' ? { body: 'once' } : {}) })));
      assert.equal(seen.length, 6, seen.join('\n'));
      for (const answer of answers.filter(({ status }) => status !== 200)) assert.deepEqual([answer.status, answer.headers['x-slipway-reason']], [502, 'replica-closed']);
      assert.ok(answers.some(({ status }) => status === 502));
    }
  });

  it('gets a request on a new connection when the kept one was closed while it was idle', async (t) => {
    const idle: Socket[] = [];
    const replica = await startRawReplica(t, (socket) => { socket.on('data', () => { socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'); idle.push(socket); }); });
    const appName = newName();
    await rig.route({ appName, replicas: [placeOf(replica)] });
    for (let n = 1; n <= 20; n++) {
      assert.equal((await rig.ask('/', { host: hostOf(appName) })).text, 'ok');
      // The router may have closed it already: it keeps an idle one for a second.
      idle.at(-1)?.end();
      await until(() => idle.at(-1)?.closed === true, { within: 60_000, what: () => 'both sides have closed it' });
    }
    assert.equal(replica.connections(), 20);
  });

  it('keeps connections to replicas for requests without a body', async (t) => {
    let connections = 0;
    const replica = await startReplica(t, (_q, r) => { r.end('ok'); });
    replica.server.on('connection', () => { connections++; });
    const appName = newName();
    await rig.route({ appName, replicas: [placeOf(replica)] });
    for (let n = 0; n < 20; n++) await rig.ask('/', { host: hostOf(appName) });
    // More than one only where a second and more passed between two requests: so long an idle connection is kept.
    assert.ok(connections <= 10, `${connections} connections`);
  });

  it('says "crashed" when none of the app\'s replicas takes a connection and no new route comes', async () => {
    const appName = newName();
    const route = await rig.route({ appName, replicas: [await nobody()] });
    const answer = await rig.ask('/', { host: hostOf(appName) });
    assert.deepEqual([answer.status, answer.headers['x-slipway-reason']], [503, 'crashed']);
    await until(() => rig.lines(route).some((line) => line.includes('reason=crashed') && line.includes(' stderr ')), { within: 60_000, what: () => 'the log says so' });
  });

  for (const [state, status, retry] of [['nothing-deployed', 404, undefined], ['starting', 503, '2'], ['crashed', 503, '10'], ['scaled-to-zero', 503, undefined], ['no-web', 404, undefined]] as const) {
    it(`answers ${status} with a page, JSON or text when the app is at "${state}"`, async () => {
      const appName = newName();
      const route = await rig.route({ appName, state });
      const host = hostOf(appName);
      const [page, json, text, head] = await Promise.all([
        rig.ask('/', { host, headers: { accept: 'text/html,*/*' } }), rig.ask('/', { host, headers: { accept: 'application/json' } }), rig.ask('/', { host }), rig.ask('/', { host, method: 'HEAD' }),
      ]);
      for (const answer of [page, json, text, head]) {
        assert.deepEqual([answer.status, answer.headers['x-slipway-reason'], answer.headers['retry-after'], answer.headers['cache-control']], [status, state, retry, 'no-store']);
        assert.ok(answer.headers['x-request-id']);
      }
      assert.match(page.headers['content-type'] ?? '', /^text\/html/);
      assert.match(page.text, /^<!doctype html>.*<h1>/s);
      assert.equal((JSON.parse(json.text) as { reason: string }).reason, state);
      assert.match(text.headers['content-type'] ?? '', /^text\/plain/);
      assert.equal(head.text, '');
      await until(() => rig.lines(route).filter((line) => line.includes(`status=${status}`) && line.includes(`reason=${state}`) && line.includes('replica=- ')).length === 4, { within: 60_000, what: () => 'four lines are in the log' });
    });
  }

  it('answers 404 for an unknown app without repeating the host, and refuses a WebSocket to it', async () => {
    const answer = await rig.ask('/<script>', { host: '<script>alert(1)</script>.localhost', headers: { accept: 'text/html' } });
    assert.deepEqual([answer.status, answer.headers['x-slipway-reason']], [404, 'unknown-app']);
    assert.ok(!answer.text.includes('script>'));
    const client = new WebSocket(`ws://127.0.0.1:${rig.port}/`, { headers: { host: hostOf('no-such-app') } });
    const refusal = await new Promise<IncomingMessage>((resolve) => { client.once('unexpected-response', (_sent, got) => { resolve(got); }); client.on('error', () => undefined); });
    assert.deepEqual([refusal.statusCode, refusal.headers['x-slipway-reason']], [404, 'unknown-app']);
  });

  it('fails no request while routes switch from replica to replica under load, and lets the old ones finish', async (t) => {
    const appName = newName();
    const first = await startReplica(t, (q, r) => { setTimeout(() => r.end('1'), q.url === '/slow' ? 800 : Math.random() * 5); });
    const { appId } = await rig.route({ appName, replicas: [placeOf(first)] });
    const slow = rig.ask('/slow', { host: hostOf(appName) });
    const agent = new Agent({ keepAlive: true });
    t.after(() => { agent.destroy(); });
    const failures: string[] = [];
    let count = 0;
    let going = true;
    const visit = (method: string): Promise<void> => new Promise((resolve) => {
      const sent = request({ host: '127.0.0.1', port: rig.port, method, agent, headers: { host: hostOf(appName) } }, (answer) => {
        if (answer.statusCode !== 200) failures.push(`${method} ${answer.statusCode} ${String(answer.headers['x-slipway-reason'])}`);
        answer.resume().once('end', () => { resolve(); });
      });
      sent.once('error', (error) => { failures.push(String(error)); resolve(); });
      sent.end(method === 'POST' ? 'body' : undefined);
    });
    const visitors = Array.from({ length: 12 }, async (_each, n) => { while (going) { await visit(n % 3 === 0 ? 'POST' : 'GET'); count++; } });
    let old = first;
    for (let n = 2; n <= 12; n++) {
      const next = await startReplica(t, (_q, r) => { setTimeout(() => r.end(String(n)), Math.random() * 5); }, n);
      await rig.route({ appId, appName, replicas: [placeOf(next)] });
      // What has come until now is read first, also where this process stood still for as long as the router waits for that.
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => { setImmediate(resolve); });
      // As an app does on SIGTERM: nothing new, what is idle ends, the rest is finished.
      old.server.close();
      old.server.closeIdleConnections();
      old = next;
      const reached = count;
      await until(() => count > reached + 50, { within: 60_000, what: () => 'requests go on' });
    }
    going = false;
    await Promise.all(visitors);
    assert.deepEqual(failures, []);
    assert.equal((await slow).text, '1');
  });
});

describe('the routes a router goes by', () => {
  it('serves by its file at once after kill -9, while NATS is away too, and follows again when NATS is back', async (t) => {
    const rig = await startRouterRig(t);
    const replica = await startReplica(t, (_q, r) => { r.end('one'); });
    const host = `kept.localhost:${rig.port}`;
    const route = await rig.route({ appName: 'kept', replicas: [placeOf(replica)] });
    const gone = await rig.route({ appName: 'gone', replicas: [placeOf(replica)] });
    assert.equal((await rig.ask('/', { host })).text, 'one');
    await rig.nats.stop();
    assert.equal((await rig.ask('/', { host })).text, 'one');
    await rig.nats.restart();
    const other = await startReplica(t, (_q, r) => { r.end('two'); });
    await rig.route({ ...route, replicas: [placeOf(other)] });
    assert.equal((await rig.ask('/', { host })).text, 'two');

    await rig.stop('SIGKILL');
    await rig.forget(gone);
    await rig.start();
    assert.equal((await rig.ask('/', { host })).text, 'two');
    await until(async () => (await rig.ask('/', { host: `gone.localhost:${rig.port}` })).status === 404, { within: 60_000, what: () => 'what was deleted in between is gone' });
  });

  it('goes on by what it knows when NATS has lost its data, and by what it is told since', async (t) => {
    const rig = await startRouterRig(t);
    const [one, two] = [await startReplica(t, (_q, r) => { r.end('one'); }), await startReplica(t, (_q, r) => { r.end('two'); })];
    await rig.route({ appName: 'kept', replicas: [placeOf(one)] });
    const told = await rig.route({ appName: 'told', replicas: [placeOf(one)] });
    await rig.route({ ...told, replicas: [placeOf(one)], releaseVersion: 2 });
    await rig.nats.restart({ withoutData: true });
    // The new bucket counts from 1: a revision of the old one must not be taken for it.
    await rig.route({ ...told, replicas: [placeOf(two)], releaseVersion: 3 });
    assert.equal((await rig.ask('/', { host: `told.localhost:${rig.port}` })).text, 'two');
    assert.equal((await rig.ask('/', { host: `kept.localhost:${rig.port}` })).text, 'one');
    await rig.stop('SIGKILL');
    await rig.start();
    assert.equal((await rig.ask('/', { host: `kept.localhost:${rig.port}` })).text, 'one');
  });

  it('ends gracefully: a request in flight is finished, and WebSockets do not hold it up for ever', async (t) => {
    const rig = await startRouterRig(t);
    let asked = false;
    const replica = await startReplica(t, (_q, r) => { asked = true; setTimeout(() => r.end('finished'), 700); });
    await rig.route({ appName: 'slow', replicas: [placeOf(replica)] });
    const answer = rig.ask('/', { host: `slow.localhost:${rig.port}` });
    await until(() => asked, { within: 60_000, what: () => 'the request has reached the app' });
    const stopped = rig.stop();
    assert.equal((await answer).text, 'finished');
    await stopped;
    await assert.rejects(rig.ask('/'), /ECONNREFUSED/);
  });

  it('believes what a proxy says of the client only when the operator says that there is one', async (t) => {
    const rig = await startRouterRig(t, { SLIPWAY_TRUST_PROXY: 'true' });
    const replica = await startReplica(t, (q, r) => { r.end(JSON.stringify(q.headers)); });
    await rig.route({ appName: 'behind', replicas: [placeOf(replica)] });
    const seen = JSON.parse((await rig.ask('/', { host: 'behind.localhost', headers: { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'shop.example.org', 'x-forwarded-port': '443' } })).text) as Record<string, string>;
    assert.deepEqual([seen['x-forwarded-for'], seen['x-forwarded-proto'], seen['x-forwarded-host'], seen['x-forwarded-port']], ['203.0.113.9, 127.0.0.1', 'https', 'shop.example.org', '443']);
  });
});
