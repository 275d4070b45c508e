import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { createRegistryGateway } from './registry-gateway.ts';
import type { RegistryGatewayOptions } from './registry-gateway.ts';
import { readCredentials } from '../../registry/login.ts';
import { freePort } from '../../test/kit/free-port.ts';

async function listen(t: TestContext, answer: RequestListener, port?: number): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer(answer);
  const given = port ?? await freePort();
  await new Promise<void>((resolve) => { server.listen(given, '127.0.0.1', resolve); });
  const close = (): Promise<void> => new Promise((resolve) => { server.close(() => { resolve(); }); server.closeAllConnections(); });
  t.after(close);
  return { port: (server.address() as AddressInfo).port, close };
}

interface Seen { method: string; url: string; authorization: string | undefined; body: string }

/** A registry that answers as told, and the gateway in front of it. */
async function world(t: TestContext, answer: (request: IncomingMessage, seen: Seen) => { status: number; headers?: Record<string, string>; body?: string }, more: Partial<RegistryGatewayOptions> = {}) {
  const seen: Seen[] = [];
  const problems: string[] = [];
  const registry = await listen(t, (request, response) => {
    void buffer(request).then((body) => {
      const one = { method: request.method ?? '', url: request.url ?? '', authorization: request.headers.authorization, body: body.toString() };
      if (one.url !== '/v2/') seen.push(one);
      const { status, headers = {}, body: text = '' } = answer(request, one);
      response.writeHead(status, headers).end(text);
    });
  });
  const upstream = new URL(`http://127.0.0.1:${registry.port}`);
  const handle = createRegistryGateway({ upstream, login: null, own: 'apps/app-1', tag: 'build-7', readable: ['slipway/stack'], forgetful: false, onProblem: (reason) => { problems.push(reason); }, patienceMs: 60_000, ...more });
  const { port } = await listen(t, (request, response) => { void handle(request, response); });
  return { url: `http://127.0.0.1:${port}`, registry, seen, problems };
}

const login = { username: 'builder', password: 'p:ss' };
const asBasic = `Basic ${Buffer.from('builder:p:ss').toString('base64')}`;

describe('the registry that a build has on loopback', () => {
  const cases: [string, string, string, number][] = [
    ['its own image', 'PUT', '/v2/apps/app-1/manifests/build-7', 201],
    ['its own image by digest', 'PUT', `/v2/apps/app-1/manifests/sha256:${'0'.repeat(64)}`, 201],
    ['a layer to remember', 'PUT', `/v2/apps/app-1/cache/manifests/${'0'.repeat(64)}`, 201],
    ['the image of an earlier build to read', 'GET', '/v2/apps/app-1/manifests/build-6', 201],
    ['the image of an earlier build to write', 'PUT', '/v2/apps/app-1/manifests/build-6', 403],
    ['another name to write', 'PUT', '/v2/apps/app-1/manifests/latest', 403],
    ['what lies elsewhere below it', 'POST', '/v2/apps/app-1/elsewhere/blobs/uploads/', 403],
    ['its tags to write', 'PUT', '/v2/apps/app-1/tags/list', 403],
    ['a method that no registry has', 'PURGE', `/v2/apps/app-1/manifests/sha256:${'0'.repeat(64)}`, 403],
    ['its own cache', 'POST', '/v2/apps/app-1/cache/blobs/uploads/', 201],
    ['the stack image to read', 'GET', '/v2/slipway/stack/manifests/7', 201],
    ['the stack image to write', 'PUT', '/v2/slipway/stack/manifests/7', 403],
    ['an image of an earlier release to delete', 'DELETE', `/v2/apps/app-1/manifests/sha256:${'0'.repeat(64)}`, 403],
    ['another app to read', 'GET', '/v2/apps/app-2/manifests/build-1', 403],
    ['another app to write', 'PUT', '/v2/apps/app-2/manifests/build-1', 403],
    ['an app whose name begins alike', 'GET', '/v2/apps/app-11/manifests/build-1', 403],
    ['another app by dots', 'GET', '/v2/apps/app-1/%2e%2e/app-2/manifests/1', 403],
    ['another app by dots of its own', 'GET', '/v2/apps/app-1/cache/../../app-2/manifests/1', 403],
    ['the list of all images', 'GET', '/v2/_catalog', 404],
    ['another host', 'GET', 'http://elsewhere/v2/', 404],
  ];
  for (const [what, method, path, status] of cases) {
    it(`answers ${status} for ${what} (${method})`, async (t) => {
      const { url, seen } = await world(t, () => ({ status: 201 }));
      const { hostname, port } = new URL(url);
      const answered = await new Promise<number>((resolve, reject) => {
        void import('node:http').then(({ request }) => request({ hostname, port, method, path }, (response) => { response.resume(); resolve(response.statusCode ?? 0); }).on('error', reject).end());
      });
      assert.equal(answered, status);
      assert.equal(seen.length, status === 201 ? 1 : 0);
    });
  }

  const DIGEST = `sha256:${'0'.repeat(64)}`;
  const queries: [string, string, string, string][] = [
    ['a manifest to be tagged by its query', 'PUT', `/v2/apps/app-1/manifests/${DIGEST}?tag=build-6`, `/v2/apps/app-1/manifests/${DIGEST}`],
    ['a blob to be mounted from two places', 'POST', `/v2/apps/app-1/blobs/uploads/?mount=${DIGEST}&from=apps/app-1&from=apps/app-2`, `/v2/apps/app-1/blobs/uploads/?mount=${encodeURIComponent(DIGEST)}&from=apps%2Fapp-1`],
    ['a blob to be mounted from another app', 'POST', `/v2/apps/app-1/blobs/uploads/?mount=${DIGEST}&from=apps/app-2`, '/v2/apps/app-1/blobs/uploads/'],
    ['a blob to be mounted from anywhere', 'POST', `/v2/apps/app-1/blobs/uploads/?mount=${DIGEST}`, '/v2/apps/app-1/blobs/uploads/'],
    ['an upload that goes on to be something else', 'PATCH', '/v2/apps/app-1/blobs/uploads/9?_state=x%3D&from=apps/app-2&mount=1&Tag=2', '/v2/apps/app-1/blobs/uploads/9?_state=x%3D'],
    ['a page of tags', 'GET', '/v2/apps/app-1/tags/list?n=2&last=a&x=1', '/v2/apps/app-1/tags/list?n=2&last=a'],
  ];
  for (const [what, method, path, url] of queries) {
    it(`passes on no more of a query than belongs there: ${what}`, async (t) => {
      const { url: gateway, seen } = await world(t, () => ({ status: 202 }));
      assert.equal((await fetch(gateway + path, { method })).status, 202);
      assert.deepEqual(seen.map((one) => one.url), [url]);
    });
  }

  it('announces no body that it does not send: what comes next on the connection would be read as one', async (t) => {
    const heads: IncomingMessage['headers'][] = [];
    const { url } = await world(t, (request) => { heads.push(request.headers); return { status: 200 }; });
    const { hostname, port } = new URL(url);
    const { request } = await import('node:http');
    await new Promise<void>((resolve, reject) => {
      const asked = request({ hostname, port, method: 'GET', path: '/v2/apps/app-1/manifests/build-7', headers: { 'content-length': '5', 'x-forwarded-for': '1', accept: 'application/json' } }, (response) => { response.resume().once('end', resolve); });
      asked.on('error', reject).end('12345');
    });
    const { accept, host: _, connection, ...others } = heads.at(-1) ?? {};
    assert.deepEqual([accept, connection, others], ['application/json', 'keep-alive', {}]);
  });

  it('lets no form say what the registry is to mount', async (t) => {
    const types: unknown[] = [];
    const { url } = await world(t, (request) => { types.push(request.headers['content-type']); return { status: 202 }; });
    await fetch(`${url}/v2/apps/app-1/blobs/uploads/`, { method: 'POST', body: new URLSearchParams({ mount: 'sha256:00', from: 'apps/app-2' }) });
    assert.equal(types.at(-1), 'application/octet-stream');
  });

  it('passes bodies and answers through, and makes the registry\'s addresses its own', async (t) => {
    const { url, seen, registry } = await world(t, (_request, { method }): { status: number; headers: Record<string, string> } => (method === 'POST' ? { status: 202, headers: { location: `http://127.0.0.1:${registry.port}/v2/apps/app-1/blobs/uploads/9?_state=x` } } : { status: 201, headers: { 'docker-content-digest': 'sha256:00' } }));
    const begun = await fetch(`${url}/v2/apps/app-1/blobs/uploads/`, { method: 'POST' });
    assert.equal(begun.headers.get('location'), '/v2/apps/app-1/blobs/uploads/9?_state=x');
    const put = await fetch(`${url}${begun.headers.get('location')}&digest=sha256:00`, { method: 'PUT', body: 'layer '.repeat(50_000) });
    assert.equal(put.headers.get('docker-content-digest'), 'sha256:00');
    assert.equal(seen.at(-1)?.body.length, 300_000);
  });

  it('logs in by name and password where the registry asks for that, whatever the build sends', async (t) => {
    const { url, seen } = await world(t, (request) => (request.headers.authorization === asBasic ? { status: 200 } : { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }), { login });
    assert.equal((await fetch(`${url}/v2/apps/app-1/manifests/1`, { headers: { authorization: 'Basic x' } })).status, 200);
    assert.equal(seen[0]?.authorization, asBasic);
  });

  it('fetches tokens for just the repository that is asked for', async (t) => {
    const asked: string[] = [];
    const tokens = await listen(t, (request, response) => { asked.push(`${request.headers.authorization} ${request.url}`); response.end('{"token":"t0ken","expires_in":300}'); });
    const { url, seen } = await world(t, (request) => (request.headers.authorization === 'Bearer t0ken' ? { status: 200 } : { status: 401, headers: { 'www-authenticate': `Bearer realm="http://127.0.0.1:${tokens.port}/token",service="reg"` } }), { login });
    for (const path of ['apps/app-1/manifests/1', 'apps/app-1/manifests/2', 'slipway/stack/manifests/7']) assert.equal((await fetch(`${url}/v2/${path}`)).status, 200);
    await fetch(`${url}/v2/apps/app-1/blobs/uploads/?mount=sha256:00&from=slipway/stack`, { method: 'POST' });
    assert.equal(seen.length, 4);
    assert.deepEqual(asked.map((line) => line.split('?')[1]), ['service=reg&scope=repository%3Aapps%2Fapp-1%3Apull%2Cpush', 'service=reg&scope=repository%3Aslipway%2Fstack%3Apull',
      'service=reg&scope=repository%3Aapps%2Fapp-1%3Apull%2Cpush&scope=repository%3Aslipway%2Fstack%3Apull']);
    assert.ok(asked.every((line) => line.startsWith(asBasic)));
  });

  it('uploads a layer that would be mounted from another app', async (t) => {
    const { url, seen } = await world(t, () => ({ status: 202 }));
    await fetch(`${url}/v2/apps/app-1/blobs/uploads/?mount=sha256:00&from=apps/app-2`, { method: 'POST' });
    await fetch(`${url}/v2/apps/app-1/blobs/uploads/?mount=sha256:00&from=slipway/stack`, { method: 'POST' });
    assert.deepEqual(seen.map((one) => decodeURIComponent(one.url)), ['/v2/apps/app-1/blobs/uploads/', '/v2/apps/app-1/blobs/uploads/?mount=sha256:00&from=slipway/stack']);
  });

  it('finds no old layer for a clean build, and keeps the new ones', async (t) => {
    const { url, seen } = await world(t, () => ({ status: 201 }), { forgetful: true });
    assert.equal((await fetch(`${url}/v2/apps/app-1/cache/manifests/abc`)).status, 404);
    assert.equal((await fetch(`${url}/v2/apps/app-1/cache/manifests/abc`, { method: 'PUT', body: '{}' })).status, 201);
    assert.deepEqual(seen.map(({ method }) => method), ['PUT']);
  });

  it('waits for a registry that restarts, and says nothing about it', async (t) => {
    const { url, registry, problems } = await world(t, () => ({ status: 201 }));
    await registry.close();
    const answer = fetch(`${url}/v2/apps/app-1/manifests/build-7`, { method: 'PUT', body: '{}' });
    await fetch(`${url}/v2/`);
    await listen(t, (request, response) => { request.resume(); response.writeHead(201).end(); }, registry.port);
    assert.equal((await answer).status, 201);
    assert.deepEqual(problems, []);
  });

  const failures: [string, { status: number; body?: string }, string[]][] = [
    ['a wrong password', { status: 401 }, ['REGISTRY_DENIED']],
    ['a login that may not push', { status: 403 }, ['REGISTRY_DENIED']],
    ['a full disk of distribution', { status: 500, body: '{"errors":[{"code":"UNKNOWN","detail":{"Enclosed":{"Op":"write","Err":28}}}]}' }, ['REGISTRY_FULL']],
    ['a quota of Harbor', { status: 403, body: 'adding 5.1 MiB of storage resource, which when updated to current usage will exceed the configured upper limit of 5.0 MiB' }, ['REGISTRY_FULL']],
    ['no storage', { status: 507 }, ['REGISTRY_FULL']],
    ['a registry that fails', { status: 500 }, ['REGISTRY_UNAVAILABLE']],
    ['what is not there', { status: 404 }, []],
  ];
  for (const [what, answer, expected] of failures) {
    it(`tells ${what} as ${expected[0] ?? 'nothing'}`, async (t) => {
      const { url, problems } = await world(t, (_request, { url: path }) => (path === '/v2/' ? { status: 200 } : answer));
      assert.equal((await fetch(`${url}/v2/apps/app-1/manifests/build-7`, { method: 'PUT', body: '{}' })).status, answer.status);
      assert.deepEqual(problems, expected);
    });
  }

  it('tells of a registry that stays away', async (t) => {
    const { url, registry, problems } = await world(t, () => ({ status: 201 }), { patienceMs: 300 });
    await registry.close();
    assert.equal((await fetch(`${url}/v2/apps/app-1/manifests/1`)).status, 503);
    assert.deepEqual(problems, ['REGISTRY_UNAVAILABLE']);
  });
});

describe('the login of a registry', () => {
  const auth = Buffer.from('me:a:b').toString('base64');
  const cases: [string, string, string, ReturnType<typeof readCredentials>][] = [
    ['as kubectl writes it', JSON.stringify({ auths: { 'reg:5000': { username: 'me', password: 'a:b', auth } } }), 'reg:5000', { username: 'me', password: 'a:b' }],
    ['as docker writes it', JSON.stringify({ auths: { 'https://reg/v1/': { auth } } }), 'reg', { username: 'me', password: 'a:b' }],
    ['of another registry', JSON.stringify({ auths: { other: { auth } } }), 'reg', null],
  ];
  for (const [what, text, registry, expected] of cases) it(`is read ${what}`, () => { assert.deepEqual(readCredentials(text, registry), expected); });
});
