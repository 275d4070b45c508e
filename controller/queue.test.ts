import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { until } from '../test/kit/wait.ts';
import { createQueue } from './queue.ts';

/** Work that ends when the test says so. */
function createWork(): { begun: string[]; work(key: string): Promise<void>; end(key: string, error?: Error): void } {
  const begun: string[] = [];
  const open = new Map<string, (error?: Error) => void>();
  return {
    begun,
    work: (key) => new Promise((resolve, reject) => { begun.push(key); open.set(key, (error) => { open.delete(key); if (error) reject(error); else resolve(); }); }),
    end: (key, error) => { open.get(key)?.(error); },
  };
}
const soon = { within: 20_000, what: () => 'it was not begun' };
const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

describe('the queue of the controller', () => {
  it('works on a key once at a time, and again when it was added meanwhile, however often', async () => {
    const { begun, work, end } = createWork();
    const queue = createQueue({ concurrency: 8, mayBegin: () => true, work, onFailure: () => null });
    for (let i = 0; i < 3; i++) queue.add('a', true);
    assert.deepEqual(begun, ['a']);
    end('a');
    await turn();
    assert.deepEqual(begun, ['a', 'a']);
    end('a');
    await queue.drained();
    assert.deepEqual(begun, ['a', 'a']);
  });

  it('works on no more keys at once than it may, and on urgent ones first', async () => {
    const { begun, work, end } = createWork();
    const queue = createQueue({ concurrency: 2, mayBegin: () => true, work, onFailure: () => null });
    for (const key of ['a', 'b', 'c', 'd']) queue.add(key, false);
    queue.add('e', true);
    queue.add('d', true);
    assert.deepEqual(begun, ['a', 'b']);
    for (const key of ['a', 'b', 'e', 'd', 'c']) { end(key); await turn(); }
    assert.deepEqual(begun, ['a', 'b', 'e', 'd', 'c']);
  });

  it('tries a key that failed again, later each time, and no sooner because it was added', async () => {
    const { begun, work, end } = createWork();
    const pauses: number[] = [];
    const queue = createQueue({ concurrency: 2, mayBegin: () => true, work, onFailure: (_, __, pauseMs) => { pauses.push(pauseMs); return 0; } });
    queue.add('a', true);
    for (let tries = 1; tries <= 3; tries++) {
      end('a', new Error('no'));
      await turn();
      queue.add('a', true);
      assert.equal(begun.length, tries);
      await until(() => begun.length === tries + 1, soon);
    }
    assert.deepEqual(pauses, [250, 500, 1000]);
    end('a');
    await turn();
    queue.add('a', true);
    assert.equal(begun.length, 5);
    queue.close();
  });

  it('waits as long as the failure asks for, also where the key is added again', async () => {
    const { begun, work, end } = createWork();
    const queue = createQueue({ concurrency: 2, mayBegin: () => true, work, onFailure: () => 600_000 });
    queue.add('a', true);
    end('a', new Error('Retry-After'));
    await turn();
    queue.add('a', true);
    queue.add('b', true);
    assert.deepEqual(begun, ['a', 'b']);
    queue.close();
  });

  it('begins nothing while it may not, and goes on when it may', () => {
    const { begun, work } = createWork();
    let leads = false;
    const queue = createQueue({ concurrency: 2, mayBegin: () => leads, work, onFailure: () => null });
    queue.add('a', true);
    assert.deepEqual(begun, []);
    leads = true;
    queue.next();
    assert.deepEqual(begun, ['a']);
  });
});
