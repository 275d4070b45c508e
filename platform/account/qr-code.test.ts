import assert from 'node:assert/strict';
import { it } from 'node:test';
import { readQrCode } from '../../test/kit/read-qr-code.ts';
import { drawQrCode } from './qr-code.ts';

it('a QR code is read as the text that it was drawn of, also a long one, or one of other letters', () => {
  const uri = 'otpauth://totp/Slipway%20(paas.example.com):ann%40example.org?issuer=Slipway%20(paas.example.com)&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&algorithm=SHA1&digits=6&period=30';
  for (const text of [uri, uri.replace('ann', 'a'.repeat(240)), 'Grüße, 漢字']) assert.equal(readQrCode(drawQrCode(text)), text);
});

it('a QR code is an image that loads and runs nothing, with nothing of its text but squares', () => {
  assert.match(drawQrCode('<script>"&\''), /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 \d+ \d+" shape-rendering="crispEdges"><path fill="#fff" d="[Mhv\dHz ]+"\/><path fill="#000" d="[Mhvz\d -]+"\/><\/svg>$/);
});
