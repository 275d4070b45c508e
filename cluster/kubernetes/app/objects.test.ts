import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubeApi } from '../api.ts';
import { createAppObjects } from './objects.ts';

describe('the objects of an app that is forgotten while they are looked at', () => {
  it('are neither known nor watched afterwards', async () => {
    let answer = (): void => undefined;
    const asked = new Promise<void>((resolve) => { answer = resolve; });
    let watches = 0;
    const api = {
      snapshot: async () => { await asked; return { items: [], resourceVersion: '1' }; },
      watch: () => { watches++; return { relist: () => undefined }; },
    } as unknown as KubeApi;
    const closing = new AbortController();
    const objects = createAppObjects(api, 'slipway-app-1', () => undefined, closing.signal);
    const looked = objects.look(true);
    closing.abort();
    answer();
    await looked;
    objects.attend();
    assert.deepEqual([watches, objects.knowsAll(), objects.isAttended()], [0, false, false]);
  });
});
