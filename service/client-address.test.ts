import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { describe, it } from 'node:test';
import { clientAddress, proxiesBefore } from './client-address.ts';

describe('the address of a client', () => {
  const cases: [string, string | undefined, string | undefined, number, string | null][] = [
    ['is that of the connection where nothing stands before us', '6.6.6.6', '9.9.9.9', 0, '9.9.9.9'],
    ['is what the router says on its socket', '9.9.9.9', undefined, 1, '9.9.9.9'],
    ['is none where nobody says', undefined, undefined, 1, null],
    ['is never what the client itself claims', '6.6.6.6, 9.9.9.9', undefined, 1, '9.9.9.9'],
    ['is what the operator\'s own proxy saw, behind the router', '6.6.6.6, 9.9.9.9, 10.0.0.1', undefined, 2, '9.9.9.9'],
    ['is what the Ingress controller saw', '9.9.9.9', '10.0.0.7', 1, '9.9.9.9'],
    ['is what the Ingress controller saw, also through the proxy before git', '9.9.9.9, 10.0.0.7', '10.0.0.8', 2, '9.9.9.9'],
    ['is that of one who came past all proxies', undefined, '10.0.0.9', 2, '10.0.0.9'],
    ['is no address of IPv6 that stands for one of IPv4', '::ffff:9.9.9.9', undefined, 1, '9.9.9.9'],
    ['may be one of IPv6', '2001:db8::1', undefined, 1, '2001:db8::1'],
    ['is none where it is no address', 'unknown', undefined, 1, null],
  ];
  for (const [what, forwarded, peer, proxies, expected] of cases) {
    it(what, () => {
      const request = { headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }, socket: { remoteAddress: peer } } as unknown as IncomingMessage;
      assert.equal(clientAddress(request, proxies), expected);
    });
  }

  it('is found behind as many proxies as the settings say', () => {
    const listen = { SLIPWAY_LISTEN: '0.0.0.0:8080' };
    assert.equal(proxiesBefore({ SLIPWAY_TRUST_PROXY: false }, 0), 1, 'the router');
    assert.equal(proxiesBefore({ SLIPWAY_TRUST_PROXY: true }, 0), 2, 'and the operator\'s proxy');
    assert.equal(proxiesBefore({ SLIPWAY_TRUST_PROXY: false, ...listen }, 0), 1, 'the Ingress controller');
    assert.equal(proxiesBefore({ SLIPWAY_TRUST_PROXY: false, ...listen }, 1), 2, 'and what stands before git');
    assert.equal(proxiesBefore({ SLIPWAY_TRUST_PROXY: false, SLIPWAY_PROXIES: 2, ...listen }, 1), 3, 'a load balancer before all');
  });
});
