import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { parseKeys } from '../../service/key-file.ts';
import { addKey, KeyFileError, removeOldKeys } from './key-file.ts';
import { createKeyRing } from './key-ring.ts';

describe('the key file', () => {
  const text = `${randomBytes(32).toString('base64')}\n`;
  const idOf = (content: string): string => createKeyRing(() => parseKeys(content)).keys()[0]?.id ?? '';

  it('gets a new key as its first line, and no third one', () => {
    const { text: two, keyId } = addKey(text);
    assert.equal(two.split('\n').slice(1).join('\n'), text);
    assert.equal(keyId, idOf(two));
    assert.throws(() => addKey(two), /There are 2 keys already .* take the old ones out/);
  });

  it('loses its old keys when nothing needs them any more, and not before', () => {
    const { text: two, keyId } = addKey(text);
    const done = { keyId, entriesLeft: 0, done: true, oldKeysEndAt: new Date('2026-01-01T00:00:00Z') };
    const later = { at: new Date('2026-01-02T00:00:00Z') };
    assert.deepEqual(removeOldKeys(two, done, later), { text: `${two.split('\n')[0]}\n`, removed: [idOf(text)] });
    const at = new Date('2025-12-31T00:00:00Z');
    assert.equal(removeOldKeys(two, done, { at, now: true }).removed.length, 1);
    for (const [use, options, message] of [
      [done, { at }, /good until 2026-01-01/],
      [{ ...done, done: false, entriesLeft: 3, oldKeysEndAt: null }, { now: true }, /3 values are under older keys/],
      [{ ...done, keyId: idOf(text) }, { now: true }, /rotate to it first/],
    ] as const) assert.throws(() => removeOldKeys(two, use, options), (error) => error instanceof KeyFileError && message.test(error.message));
    assert.throws(() => removeOldKeys(text, { ...done, keyId: idOf(text) }, later), /one key only/);
  });
});
