import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { makeTemp } from '../../test/kit/temp.ts';
import { InvalidInput } from '../user-error.ts';
import { parseSshKey } from './parse-ssh-key.ts';

const hasSshKeygen = (() => { try { execFileSync('ssh-keygen', ['-?'], { stdio: 'ignore' }); } catch (error) { return (error as { code?: string }).code !== 'ENOENT'; } return true; })();
const ED25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBUnH6l5/2dWoUwLS/GJ9C4iR0pB9mp7Tq6Zk1sJ2vRc';

const refusal = (text: string): string => {
  try {
    parseSshKey(text);
  } catch (error) {
    assert.ok(error instanceof InvalidInput);
    if (text.length > 40) assert.ok(!`${error.message} ${error.hint}`.includes(text.slice(20, 40)), 'no message says what was sent');
    return error.message;
  }
  return 'taken';
};

describe('an SSH key', { skip: hasSshKeygen ? false : 'needs ssh-keygen' }, () => {
  const kinds: [string, string[], string, number][] = [
    ['Ed25519', ['-t', 'ed25519'], 'ssh-ed25519', 256],
    ['ECDSA of 256 bits', ['-t', 'ecdsa', '-b', '256'], 'ecdsa-sha2-nistp256', 256],
    ['ECDSA of 384 bits', ['-t', 'ecdsa', '-b', '384'], 'ecdsa-sha2-nistp384', 384],
    ['ECDSA of 521 bits', ['-t', 'ecdsa', '-b', '521'], 'ecdsa-sha2-nistp521', 521],
    ['RSA of 3072 bits', ['-t', 'rsa', '-b', '3072'], 'ssh-rsa', 3072],
  ];
  for (const [what, options, type, bits] of kinds) {
    it(`is taken where it is ${what}, with the length and fingerprint that ssh-keygen tells`, async (t) => {
      const file = join(await makeTemp(t, 'ssh-'), 'key');
      execFileSync('ssh-keygen', ['-q', '-N', '', '-C', 'ann@laptop with a comment', '-f', file, ...options]);
      const line = readFileSync(`${file}.pub`, 'utf8');
      const key = parseSshKey(line);
      assert.deepEqual([key.type, key.bits, key.publicKey], [type, bits, line.split(' ').slice(0, 2).join(' ')]);
      assert.ok(execFileSync('ssh-keygen', ['-lf', `${file}.pub`], { encoding: 'utf8' }).startsWith(`${bits} ${key.fingerprint} `));
      const secret = readFileSync(file, 'utf8');
      assert.match(refusal(secret), /This is a private key. It was not stored/);
      assert.match(refusal(`${line}${line}`), /one line/);
      assert.match(refusal(`command="sh" ${line}`), /Options before a key/);
      const [first = '', data = ''] = line.split(' ');
      for (const bad of [data.slice(0, -8), `${data.slice(0, -8)}AAAAAAAA${data.slice(-8)}`, `${data}AAAA`, 'AAAA', data.slice(8)]) assert.notEqual(refusal(`${first} ${bad}`), 'taken', bad);
      assert.notEqual(refusal(`${first === 'ssh-rsa' ? 'ssh-ed25519' : 'ssh-rsa'} ${data}`), 'taken', 'another type outside than inside');
    });
  }

  it('of RSA is refused where it is too short, or longer than OpenSSH takes', async (t) => {
    const file = join(await makeTemp(t, 'ssh-'), 'key');
    execFileSync('ssh-keygen', ['-q', '-N', '', '-t', 'rsa', '-b', '2048', '-f', file]);
    assert.match(refusal(readFileSync(`${file}.pub`, 'utf8')), /3072 to 16384 bits, and this one has 2048/);
    const part = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([bytes.length >> 24, bytes.length >> 16, bytes.length >> 8, bytes.length].map((byte) => byte & 0xff)), bytes]);
    const data = Buffer.concat([part(Buffer.from('ssh-rsa')), part(Buffer.from([1, 0, 1])), part(Buffer.concat([Buffer.from([0]), Buffer.alloc(16392 / 8, 0xff)]))]).toString('base64');
    assert.match(refusal(`ssh-rsa ${data}`), /and this one has 16392/);
  });

  it('of ECDSA is refused where its point is not on the curve', () => {
    const part = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
    const data = Buffer.concat([part(Buffer.from('ecdsa-sha2-nistp256')), part(Buffer.from('nistp256')), part(Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 7)]))]).toString('base64');
    assert.match(refusal(`ecdsa-sha2-nistp256 ${data}`), /no valid ecdsa-sha2-nistp256 key/);
  });

  const wrong: [string, string, RegExp][] = [
    ['nothing', '', /no SSH public key/],
    ['prose', 'this is my key, really', /no SSH public key/],
    ['a DSA key', 'ssh-dss AAAAB3NzaC1kc3MAAACBAP', /DSA keys are not taken/],
    ['one of a security key', 'sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIKdtLKvpwRRMdmoo1Exj8/MxSVOb5zN47eJmVg9ttVP2AAAABHNzaDo=', /security keys/],
    ['a certificate', 'ssh-ed25519-cert-v01@openssh.com AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAx', /certificate/],
    ['of PEM', '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----', /one line/],
    ['of PuTTY', 'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nPrivate-Lines: 1\nAAAAIHNzaC1lZDI1NTE5', /private key/],
    ['endless', `ssh-rsa ${'A'.repeat(9_000)}`, /8000 characters/],
    ['with a zero byte', 'ssh-ed25519 \0AAAA', /no SSH public key/],
  ];
  for (const [what, text, message] of wrong) it(`is refused where it is ${what}`, () => { assert.match(refusal(text), message); });

  it('is the same with another comment', () => {
    assert.deepEqual(parseSshKey(`  ${ED25519} ann\n`), parseSshKey(ED25519));
  });
});
