import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { publicKeyOfSeed } from '../bus/credential.ts';
import { addKey } from '../platform/encryption/key-file.ts';
import { createSecretBox } from '../platform/encryption/secret-box.ts';
import { makeCertificate } from './certificate.ts';
import { busUsers, completeSecrets, secretNames } from './secrets.ts';

const certificate = (): Promise<{ certificate: string; key: string }> => Promise.resolve({ certificate: 'a certificate', key: 'its key' });
const never = (): Promise<never> => Promise.reject(new Error('a certificate was made'));

describe('the secrets of an installation', () => {
  it('are all made at first: the bus server knows public keys only, and the blob server no more than its own key', async () => {
    const made = await completeSecrets({}, certificate);
    assert.deepEqual(Object.keys(made).sort(), secretNames.toSorted());
    const master = Buffer.from(made['master-key']?.['master.key']?.trim() ?? '', 'base64');
    assert.equal(master.length, 32);
    assert.equal(made['blob-key']?.['blob.key']?.trim(), createSecretBox(master).subKey('blobs').toString('base64'));
    const publicKeys = JSON.parse(made['bus-server']?.['public-keys.json'] ?? '') as Record<string, string>;
    for (const process of busUsers) {
      const { seed = '', 'ca.crt': trusted } = made[`bus-${process}`] ?? {};
      assert.equal(publicKeys[process], publicKeyOfSeed(seed));
      assert.equal(trusted, 'a certificate');
      assert.ok(!JSON.stringify(made['bus-server']).includes(seed));
    }
  });

  it('stay as they are', async () => {
    const made = await completeSecrets({}, certificate);
    assert.deepEqual(await completeSecrets(made, never), made);
  });

  it('are completed where some were lost, and what follows from them follows', async () => {
    const made = await completeSecrets({}, certificate);
    const { 'bus-git': lost, 'blob-key': derived, ...rest } = made;
    const again = await completeSecrets(rest, never);
    assert.deepEqual(again['blob-key'], derived);
    assert.notEqual(again['bus-git']?.seed, lost?.seed);
    const publicKeys = JSON.parse(again['bus-server']?.['public-keys.json'] ?? '') as Record<string, string>;
    assert.equal(publicKeys.git, publicKeyOfSeed(again['bus-git']?.seed ?? ''));
    assert.deepEqual(again['bus-gateway'], made['bus-gateway']);
  });

  it('give the blob server a key for each line of the master key, so that addresses signed by either are served', async () => {
    const made = await completeSecrets({}, certificate);
    const { text } = addKey(made['master-key']?.['master.key'] ?? '');
    const again = await completeSecrets({ ...made, 'master-key': { 'master.key': text } }, never);
    const [added = '', kept = ''] = text.trim().split('\n').map((line) => createSecretBox(Buffer.from(line, 'base64')).subKey('blobs').toString('base64'));
    assert.equal(again['blob-key']?.['blob.key'], `${added}\n${kept}\n`);
    assert.equal(made['blob-key']?.['blob.key'], `${kept}\n`);
  });

  it('hold a certificate for each name of the bus server', async () => {
    const { certificate: text, key } = await makeCertificate(['nats.slipway.svc', 'nats']);
    const parsed = new X509Certificate(text);
    assert.equal(parsed.subjectAltName, 'DNS:nats.slipway.svc, DNS:nats');
    assert.ok(parsed.verify(parsed.publicKey), 'it vouches for itself');
    assert.match(key, /BEGIN PRIVATE KEY/);
  });
});
