import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { after, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { placeOf, startReplica, startRouterRig } from '../test/kit/router-rig.ts';
import type { RouterRig } from '../test/kit/router-rig.ts';

let apps = 0;

describe('what a client may not do', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let rig: RouterRig;
  before(async () => { rig = await startRouterRig({ after: (fn) => { cleanups.push(fn); } }); });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });
  const serve = async (t: TestContext, handler: RequestListener): Promise<{ host: string }> => {
    const appName = `app-${++apps}`;
    await rig.route({ appName, replicas: [placeOf(await startReplica(t, handler))] });
    return { host: `${appName}.localhost:${rig.port}` };
  };

  it('say where it comes from, or choose an unfit request id', async (t) => {
    const { host } = await serve(t, (q, r) => { r.end(JSON.stringify(q.headers)); });
    const spoofed = { 'x-forwarded-for': '6.6.6.6', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'bank.example', 'x-forwarded-port': '443', forwarded: 'for=6.6.6.6', 'x-real-ip': '6.6.6.6', 'x-request-id': 'no good' };
    const seen = JSON.parse((await rig.ask('/', { host, headers: spoofed })).text) as Record<string, string>;
    assert.equal(seen['x-forwarded-for'], '127.0.0.1');
    assert.equal(seen['x-forwarded-proto'], 'http');
    assert.equal(seen['x-forwarded-host'], host);
    assert.equal(seen['x-forwarded-port'], String(rig.port));
    assert.match(seen['x-request-id'] ?? '', /^[0-9a-f-]{36}$/);
    assert.ok(!JSON.stringify(seen).includes('6.6.6.6'));
    const kept = await rig.ask('/', { host, headers: { 'x-request-id': 'abcd-1234' } });
    assert.equal((JSON.parse(kept.text) as Record<string, string>)['x-request-id'], 'abcd-1234');
    assert.equal(kept.headers['x-request-id'], 'abcd-1234');
  });

  it('say where it comes from in the way of CGI, where an underscore is a hyphen', async (t) => {
    const { host } = await serve(t, (q, r) => { r.end(JSON.stringify(q.headers)); });
    const seen = (await rig.ask('/', { host, headers: { x_forwarded_for: '6.6.6.6', 'X_Forwarded-Proto': 'https', my_own: 'kept' } })).text;
    assert.doesNotMatch(seen, /6\.6\.6\.6|https/);
    assert.match(seen, /"my_own":"kept"/);
  });

  for (const [what, head] of [
    ['both a length and chunks', 'POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: HOST\r\n\r\n'],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!'],
    ['an unknown transfer coding', 'POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'],
    ['a coding before chunked', 'POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
    ['chunks in HTTP/1.0', 'POST / HTTP/1.0\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a space before the colon', 'POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length : 5\r\n\r\nhello'],
    ['a bare line feed in a header', 'GET / HTTP/1.1\r\nHost: HOST\r\nX-A: b\nX-C: d\r\n\r\n'],
    ['two hosts', 'GET / HTTP/1.1\r\nHost: HOST\r\nHost: other.localhost\r\n\r\n'],
    ['no host', 'GET / HTTP/1.1\r\n\r\n'],
    ['another host in the request line', 'GET http://other.localhost/ HTTP/1.1\r\nHost: HOST\r\n\r\n'],
    ['a chunk size that is none', 'POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n'],
  ] as const) {
    it(`send ${what}: it is refused, and nothing after it is served`, async (t) => {
      const seen: string[] = [];
      const { host } = await serve(t, (q, r) => { seen.push(q.url ?? ''); q.on('error', () => undefined); q.resume(); q.once('end', () => r.end('served')); });
      const text = await rig.raw(head.replaceAll('HOST', host));
      assert.match(text, /^HTTP\/1\.1 400 /);
      assert.doesNotMatch(text, /served/);
      assert.ok(!seen.includes('/smuggled'));
    });
  }

  it('send a head of more than 32 KiB', async (t) => {
    const { host } = await serve(t, (_q, r) => { r.end(); });
    assert.match(await rig.raw(`GET / HTTP/1.1\r\nHost: ${host}\r\nX-Big: ${'x'.repeat(40_000)}\r\n\r\n`), /^HTTP\/1\.1 431 /);
  });
});
