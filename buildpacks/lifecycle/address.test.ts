import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isPublicAddress, publicAddressOf } from './address.ts';
import { BuildFailure } from './failure.ts';

describe('the address of a buildpack', () => {
  const refused = [
    '127.0.0.1', '127.9.9.9', '0.0.0.0', '10.1.2.3', '172.16.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '192.0.2.1', '198.18.0.1', '224.0.0.1', '255.255.255.255',
    '::1', '::', 'fe80::1', 'fc00::1', 'fd12::1', 'ff02::1', '::ffff:127.0.0.1', '::ffff:10.0.0.1', '64:ff9b::7f00:1', '2002:7f00:1::', '2001:db8::1', 'localhost', '',
  ];
  for (const address of refused) it(`may not be ${address || 'empty'}`, () => { assert.equal(isPublicAddress(address), false); });
  for (const address of ['1.1.1.1', '140.82.121.3', '2606:4700::1111', '::ffff:1.1.1.1']) it(`may be ${address}`, () => { assert.equal(isPublicAddress(address), true); });

  it('is refused when one of several is private', async () => {
    await assert.rejects(publicAddressOf('packs.example', async () => ['1.1.1.1', '10.0.0.1']), (error) => error instanceof BuildFailure && error.reason === 'BUILDPACK_FETCH_FAILED' && /private address \(10\.0\.0\.1\)/.test(error.message));
    assert.equal(await publicAddressOf('packs.example', async () => ['1.1.1.1']), '1.1.1.1');
  });
});
