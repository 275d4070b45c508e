import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createDocumentCache } from './document-cache.ts';

describe('remembered documents', () => {
  it('are those asked for last, of so much text together', () => {
    const cache = createDocumentCache<number>(10, 6);
    cache.set('aaaa', 1);
    cache.set('bbbb', 2);
    assert.equal(cache.get('aaaa'), 1);
    cache.set('cccc', 3);
    assert.deepEqual(['aaaa', 'bbbb', 'cccc'].map((text) => cache.get(text)), [1, undefined, 3]);
    cache.set('too long', 4);
    assert.equal(cache.get('too long'), undefined);
    for (let again = 0; again < 5; again++) cache.set('cccc', again);
    assert.deepEqual(['aaaa', 'cccc'].map((text) => cache.get(text)), [1, 4]);
  });
});
