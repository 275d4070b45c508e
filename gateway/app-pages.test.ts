import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { deleteApp } from '../platform/app/app.ts';
import type { ReplicaStatus } from '../prisma/generated/client/enums.ts';
import { startGateway } from '../test/kit/gateway.ts';
import type { HttpAnswer, TestGateway, TestUser } from '../test/kit/gateway.ts';
import { createAppPages } from './app-pages.ts';

const DOMAIN = 'apps.example.com';

interface AppRows { slug?: boolean; types?: string[]; quantity?: number; failed?: boolean; replicas?: { status: ReplicaStatus; restarts?: number; endedAt?: Date }[] }

describe('in a cluster, the gateway at an app\'s host', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let gateway: TestGateway;
  let user: TestUser;
  let apps = 0;
  before(async () => {
    gateway = await startGateway({ after: (fn) => { cleanups.push(fn); } }, { appsDomain: DOMAIN });
    user = await gateway.createUser();
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  /** Rows of an app as after a deploy; the Ingress controller found no replica of it. */
  const addApp = async ({ slug = true, types = ['web'], quantity = 1, failed = false, replicas = [] }: AppRows = {}): Promise<string> => {
    const { db } = gateway.platform;
    const name = `shop-${++apps}`;
    const { id: appId } = await db.app.create({ data: { name, ownerId: user.actor.userId } });
    const config = await db.config.create({ data: { appId } });
    const built = slug ? await db.slug.create({ data: { appId, digest: String(apps).padStart(64, '0'), size: 1, stack: 's', processTypes: types.map((type) => ({ type, command: 'x' })) } }) : null;
    const release = await db.release.create({ data: { appId, version: 1, reason: 'DEPLOY', status: failed ? 'FAILED' : 'LIVE', slugId: built?.id ?? null, configId: config.id, description: 'x' } });
    await db.process.createMany({ data: types.map((type) => ({ appId, type, quantity })) });
    await db.replica.createMany({ data: replicas.map((replica, index) => ({ id: crypto.randomUUID(), appId, releaseId: release.id, process: 'web', index: index + 1, ...replica })) });
    return name;
  };
  const ask = (host: string, headers: Record<string, string> = {}, path = '/', options: { method?: string; body?: string } = {}): Promise<HttpAnswer> => gateway.http(path, { headers: { host, ...headers }, ...options });
  const verdict = ({ status, headers }: HttpAnswer): unknown[] => [status, headers['x-slipway-reason'], headers['retry-after']];
  /** Sends these bytes, and answers all that came back until the connection ended. */
  const raw = (...pieces: (string | Buffer)[]): Promise<string> => new Promise((resolve, reject) => {
    const socket = connect(gateway.socketPath, () => { for (const piece of pieces) socket.write(piece); });
    let got = '';
    socket.on('data', (chunk: Buffer) => { got += chunk.toString('latin1'); }).on('error', reject).on('close', () => { resolve(got); });
  });

  const states: [string, AppRows, number, string, string | undefined][] = [
    ['with config alone', { slug: false }, 404, 'nothing-deployed', undefined],
    ['whose only release failed', { failed: true }, 404, 'nothing-deployed', undefined],
    ['without a web process', { types: ['worker'] }, 404, 'no-web', undefined],
    ['that is scaled to zero', { quantity: 0, replicas: [{ status: 'EXITED', endedAt: new Date() }] }, 503, 'scaled-to-zero', undefined],
    ['that starts', { replicas: [{ status: 'STARTING' }] }, 503, 'starting', '2'],
    ['that is up and not routed yet', { replicas: [{ status: 'UP', restarts: 3 }] }, 503, 'starting', '2'],
    ['that waits for its next start', { replicas: [{ status: 'BACKING_OFF' }] }, 503, 'crashed', '10'],
    ['that starts after a crash', { replicas: [{ status: 'STARTING', restarts: 1 }] }, 503, 'crashed', '10'],
  ];
  for (const [what, rows, status, reason, retryAfter] of states) {
    it(`says what the router says of an app ${what}: ${status}, in a page, JSON or text`, async () => {
      const host = `${await addApp(rows)}.${DOMAIN}`;
      const [page, json, text, head] = await Promise.all([ask(host, { accept: 'text/html,*/*' }), ask(host, { accept: 'application/json' }), ask(host), ask(host, {}, '/', { method: 'HEAD' })]);
      for (const answer of [page, json, text, head]) {
        assert.deepEqual(verdict(answer), [status, reason, retryAfter]);
        assert.equal(answer.headers['cache-control'], 'no-store');
        assert.ok(answer.headers['x-request-id']);
      }
      assert.match(page.text, /^<!doctype html>.*<h1>/s);
      assert.equal((JSON.parse(json.text) as { reason: string }).reason, reason);
      assert.match(text.headers['content-type'] as string, /^text\/plain/);
      assert.equal(head.text, '');
    });
  }

  it('knows an app however its host is written, and nothing at other hosts', async () => {
    const name = await addApp({ quantity: 0 });
    for (const host of [`${name}.${DOMAIN}:8443`, `${name.toUpperCase()}.Apps.Example.COM`, `${name}.${DOMAIN}.`]) assert.deepEqual(verdict(await ask(host)), [503, 'scaled-to-zero', undefined], host);
    for (const label of ['no-such-app', `x.${name}`, '', '*', '<script>alert(1)</script>', '%00', '\'; DROP TABLE "App"; --', 'é', 'a'.repeat(5_000), '..', 'constructor']) {
      const answer = await ask(`${label}.${DOMAIN}`, { accept: 'text/html' });
      assert.deepEqual(verdict(answer), [404, 'unknown-app', undefined], label.slice(0, 40));
      assert.ok(!answer.text.includes('alert'), 'nothing of the request is repeated');
    }
  });

  it('knows a deleted app no more', async () => {
    const name = await addApp();
    await deleteApp(gateway.platform, user.actor, { app: name, confirm: name });
    assert.deepEqual(verdict(await ask(`${name}.${DOMAIN}`)), [404, 'unknown-app', undefined]);
  });

  it('serves nothing of the platform, whatever is asked, by whom and how', async () => {
    const host = `${await addApp({ quantity: 0 })}.${DOMAIN}`;
    const body = '{"query":"{ viewer { email } }"}';
    const headers = { authorization: `Bearer ${user.secret}`, 'content-type': 'application/json', accept: 'text/html' };
    for (const path of ['/', '/graphql', '/healthz', '/readyz', '/metrics', '/blobs/slugs', '//', '/graphql?query={viewer{email}}']) {
      for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND']) {
        const answer = await (method === 'GET' ? ask(host, headers, path) : ask(host, { ...headers, 'content-length': String(body.length) }, path, { method, body }));
        assert.deepEqual(verdict(answer), [503, 'scaled-to-zero', undefined], `${method} ${path}`);
        assert.match(answer.text, /<h1>Stopped<\/h1>/);
      }
    }
    const socket = await raw(`GET /graphql HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n`);
    assert.match(socket, /^HTTP\/1\.1 503 Stopped\r\n.*X-Slipway-Reason: scaled-to-zero/s);
    const h2c = await raw(`GET /graphql HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n`);
    assert.match(h2c, /^HTTP\/1\.1 503 .*This app is stopped/s);
    const twice = await raw(`GET /graphql HTTP/1.1\r\nHost: ${host}\r\nHost: localhost\r\n\r\n`);
    assert.match(twice, /^HTTP\/1\.1 400 .*x-slipway-reason: bad-request/s);
  });

  it('throws an upload away and lets its sender read the answer', async () => {
    const host = `${await addApp({ quantity: 0 })}.${DOMAIN}`;
    const answer = await raw(`POST / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nContent-Length: 8000000\r\n\r\n`, Buffer.alloc(8_000_000));
    assert.match(answer, /^HTTP\/1\.1 503 .*This app is stopped/s);
  });

  it('asks the database once, however many ask for the app', async (t) => {
    // What it knows is a second old at most: no time passes while they ask, however slow the machine.
    t.mock.method(performance, 'now', () => 0);
    const host = `${await addApp({ quantity: 0 })}.${DOMAIN}`;
    gateway.statements();
    for (const answer of await Promise.all(Array.from({ length: 50 }, () => ask(host)))) assert.equal(answer.status, 503);
    await ask(host);
    assert.equal(gateway.statements().length, 1);
  });

  it('asks to try again while the database is away', async () => {
    gateway.database.cut();
    try {
      assert.deepEqual(verdict(await ask(`shop-1000.${DOMAIN}`)), [503, 'platform-away', '2']);
    } finally {
      gateway.database.mend();
    }
  });

  it('is the platform where its own hosts are below the apps\' domain, and where nobody says that apps\' requests come here', () => {
    const platform = { ...gateway.platform, settings: { ...gateway.platform.settings, url: `https://api.${DOMAIN}`, gitUrl: `https://git.${DOMAIN}:8443/x` } };
    const isFor = (host: string, domain: string | null = DOMAIN): boolean => createAppPages(platform, domain).isFor({ headers: { host } } as never);
    assert.deepEqual([`api.${DOMAIN}`, `API.${DOMAIN}.:80`, `git.${DOMAIN}`, DOMAIN, `x${DOMAIN}`, '10.0.0.1:8080', ''].map((host) => isFor(host)), Array.from({ length: 7 }, () => false));
    assert.equal(isFor(`shop.${DOMAIN}`), true);
    assert.equal(isFor(`shop.${DOMAIN}`, null), false);
    assert.equal(isFor('shop.null', null), false);
  });

  it('is the API at its own host as ever', async () => {
    assert.equal((await ask('localhost', {}, '/healthz')).text, 'alive\n');
    assert.deepEqual((await gateway.query<{ viewer: { email: string } }>(user, '{ viewer { email } }')).data, { viewer: { email: user.actor.email } });
  });
});
