import assert from 'node:assert/strict';
import { createCipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { makeTemp } from '../../test/kit/temp.ts';
import { createKeyRing } from './key-ring.ts';
import { createSecretBox, readSecretBox, sealedPrefix, UnknownKey } from './secret-box.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const line = (key: Buffer): string => `${key.toString('base64')}\n`;
const boxOf = (...keys: Buffer[]) => createSecretBox(createKeyRing(() => keys));

describe('a secret box', () => {
  const [older, newer] = [randomBytes(32), randomBytes(32)];

  it('opens what any key of its ring sealed, and nothing whose context, key or bytes are others', () => {
    const [before, both, after] = [boxOf(older), boxOf(newer, older), boxOf(newer)];
    const sealed = before.seal(Buffer.from('geheim'), 'app KEY');
    assert.equal(text(both.open(sealed, 'app KEY')), 'geheim');
    assert.throws(() => after.open(sealed, 'app KEY'), UnknownKey);
    assert.throws(() => both.open(sealed, 'app OTHER'));
    for (const at of [5, 20, sealed.length - 1]) assert.throws(() => both.open(sealed.map((byte, index) => (index === at ? byte ^ 1 : byte)), 'app KEY'), `byte ${at}`);
    for (const short of [new Uint8Array(), sealed.subarray(0, 5), sealed.subarray(0, 30)]) assert.throws(() => both.open(short, 'app KEY'));
  });

  it('opens what was sealed before there were key ids, by whichever key does', () => {
    const key = Buffer.from(hkdfSync('sha256', older, Buffer.alloc(0), 'slipway config', 32));
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from('app KEY'));
    const sealed = Buffer.concat([Buffer.from([1]), nonce, cipher.update('old'), cipher.final(), cipher.getAuthTag()]);
    assert.equal(text(boxOf(newer, older).open(sealed, 'app KEY')), 'old');
    assert.throws(() => boxOf(newer).open(sealed, 'app KEY'));
  });

  it('seals with the oldest key until it is told that another is in use, and says in what it seals which', () => {
    const box = boxOf(newer, older);
    const [newId = '', oldId = ''] = box.keyIds();
    assert.equal(box.keyInUse(), oldId);
    assert.deepEqual(Buffer.from(box.seal(Buffer.from('x'), '').subarray(0, 5)), sealedPrefix(oldId));
    box.use(newId);
    assert.deepEqual(Buffer.from(box.seal(Buffer.from('x'), '').subarray(0, 5)), sealedPrefix(newId));
    assert.deepEqual(Buffer.from(box.seal(Buffer.from('x'), '', oldId).subarray(0, 5)), sealedPrefix(oldId), 'or with a named one');
    assert.deepEqual(box.subKeys('blobs'), [box.subKey('blobs'), boxOf(older).subKey('blobs')]);
    assert.equal(box.digest(Buffer.from('x'), oldId), boxOf(older).digest(Buffer.from('x')));
    assert.notEqual(box.digest(Buffer.from('x')), box.digest(Buffer.from('x'), oldId));
    assert.throws(() => { box.use('00000000'); }, UnknownKey);
  });

  it('sees a key file that is changed or swapped, as the kubelet does it, when it meets a key that it does not know', async (t) => {
    const dir = await makeTemp(t, 'slip-ring-');
    const swap = async (name: string, content: string): Promise<void> => {
      await mkdir(join(dir, name));
      await writeFile(join(dir, name, 'master.key'), content);
      await symlink(name, join(dir, '..data.new'));
      await rename(join(dir, '..data.new'), join(dir, '..data'));
    };
    await swap('one', line(older));
    await symlink('..data/master.key', join(dir, 'master.key'));
    const box = readSecretBox(join(dir, 'master.key'));
    const sealed = boxOf(newer).seal(Buffer.from('new'), '');
    assert.throws(() => box.open(sealed, ''), UnknownKey);
    await swap('two', line(newer) + line(older));
    assert.equal(text(box.open(sealed, '')), 'new');
    assert.equal(box.keyIds().length, 2);
    await swap('three', 'no key');
    assert.throws(() => { box.reload(); }, /line 1 is not 32 bytes in base64/);
    assert.equal(text(box.open(sealed, '')), 'new', 'what it has stays');
  });
});
