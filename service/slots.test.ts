import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createSlots, inSlot } from './slots.ts';

/** All that can go on has gone on. */
const settled = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

describe('slots', () => {
  it('are taken by so many; the others wait in the order in which they came, until one is given or none is needed', async () => {
    const slots = createSlots(2);
    const taken: number[] = [];
    for (let at = 0; at < 5; at++) void slots.take().then(() => { taken.push(at); });
    await settled();
    assert.deepEqual([taken, slots.waiting()], [[0, 1], 3]);
    slots.give();
    await settled();
    assert.deepEqual([taken, slots.waiting()], [[0, 1, 2], 2]);
    slots.end();
    await slots.take();
    await settled();
    assert.deepEqual([taken, slots.waiting()], [[0, 1, 2, 3, 4], 0]);
  });

  it('are free again when nobody waits for what is given', async () => {
    const slots = createSlots(1);
    await slots.take();
    slots.give();
    await slots.take();
    assert.equal(slots.waiting(), 0);
  });

  it('have work done a few at a time, also after work that failed', async () => {
    const slots = createSlots(2);
    let running = 0;
    let most = 0;
    const work = async (at: number): Promise<number> => inSlot(slots, async () => {
      most = Math.max(most, ++running);
      await settled();
      running--;
      if (at % 3 === 0) throw new Error(`${at}`);
      return at;
    });
    const ends = await Promise.allSettled([0, 1, 2, 3, 4, 5, 6].map(work));
    assert.deepEqual(ends.map((end) => (end.status === 'fulfilled' ? end.value : 'failed')), ['failed', 1, 2, 'failed', 4, 5, 'failed']);
    assert.deepEqual([most, running, slots.waiting()], [2, 0, 0]);
  });
});
