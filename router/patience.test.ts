import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { placeOf, startReplica, startRouterRig } from '../test/kit/router-rig.ts';
import { until } from '../test/kit/wait.ts';

/** Routers of their own: where it is over after a second, any other test that is stopped for longer would lose its requests. */
describe('the patience of the router', () => {
  const start = (t: TestContext, env: Record<string, string>) => startRouterRig({ after: (fn) => { t.after(fn); } }, env);

  it('is over when an app does not begin to answer in time: the client gets 504; an answer that has begun is not limited', async (t) => {
    const rig = await start(t, { SLIPWAY_REQUEST_SECONDS: '1' });
    let finish = (): void => undefined;
    const replica = await startReplica(t, (q, r) => {
      if (q.url === '/never') return;
      r.write('begun ');
      finish = () => { r.end('and done'); };
    });
    const route = await rig.route({ appName: 'slow', replicas: [placeOf(replica)] });
    const host = `slow.localhost:${rig.port}`;
    const askLong = async (): Promise<IncomingMessage> => {
      const sent = request({ host: '127.0.0.1', port: rig.port, path: '/long', headers: { host }, agent: false });
      sent.end();
      const [answer] = await once(sent, 'response') as [IncomingMessage];
      return answer;
    };
    // It has a second to begin, too.
    let long = await askLong();
    await until(async () => {
      if (long.statusCode === 200) return true;
      long.resume();
      long = await askLong();
      return long.statusCode === 200;
    }, { within: 60_000, what: () => 'an answer has begun' });
    // Asked for later, and as still: when its time is up, that of the other would be.
    const never = await rig.ask('/never', { host });
    assert.deepEqual([never.status, never.headers['x-slipway-reason']], [504, 'timeout']);
    finish();
    assert.equal(await text(long), 'begun and done');
    await until(() => rig.lines(route).some((line) => line.includes('path="/never"') && line.includes('status=504') && line.includes('reason=timeout')), { within: 60_000, what: () => 'the log says so' });
  });

  it('is over with a client that does not finish its head: its connection ends', async (t) => {
    const rig = await start(t, { SLIPWAY_REQUEST_HEAD_SECONDS: '1' });
    const socket = connect(rig.port, '127.0.0.1', () => { socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: '); });
    t.after(() => { socket.destroy(); });
    let got = '';
    socket.on('data', (chunk: Buffer) => { got += chunk.toString(); });
    await new Promise((resolve) => { socket.once('close', resolve); });
    assert.match(got, /^HTTP\/1\.1 408 /);
  });
});
