import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { freePort } from '../test/kit/free-port.ts';
import { openHealthDoor } from './health.ts';
import { hostPort, listen } from './listen.ts';

describe('where a process listens', () => {
  it('is host:port where that is set, and never both left out', async (t) => {
    const server = createServer((_request, response) => { response.end('here'); });
    t.after(() => { server.close(); });
    await assert.rejects(listen(server, {}), /Set SLIPWAY_LISTEN/);
    await listen(server, { SLIPWAY_LISTEN: '127.0.0.1:0', SLIPWAY_SOCKET: '/nonexistent/socket' });
    assert.equal(await (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)).text(), 'here');
  });

  it('is refused where it is no host:port', () => {
    for (const wrong of ['8080', ':8080', 'host', 'host:', 'http://host:80', 'host:123456']) assert.equal(hostPort.safeParse(wrong).success, false, wrong);
    for (const right of ['0.0.0.0:8080', '[::]:8080', 'localhost:1']) assert.equal(hostPort.safeParse(right).success, true, right);
  });
});

describe('the door for probes', () => {
  it('tells that a process lives, and apart from that whether it is ready', async (t) => {
    let ready = false;
    const port = await freePort();
    const door = await openHealthDoor(`127.0.0.1:${port}`, () => ready);
    t.after(() => { door.close(); });
    const ask = async (path: string): Promise<number> => (await fetch(`http://127.0.0.1:${port}${path}`)).status;
    assert.deepEqual([await ask('/healthz'), await ask('/readyz'), await ask('/')], [200, 503, 404]);
    ready = true;
    assert.deepEqual([await ask('/healthz'), await ask('/readyz?x')], [200, 200]);
  });
});
