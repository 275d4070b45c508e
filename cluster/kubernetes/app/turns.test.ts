import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { createTurns } from './turns.ts';

describe('turns', () => {
  /** What had its turn in each of the given spans of ms, of so many apps. */
  const play = (apps: number, spans: number[]): string[][] => {
    mock.timers.enable({ apis: ['setInterval'] });
    try {
      let had: string[] = [];
      const turns = createTurns((appId) => { had.push(appId); }, { roundMs: 60_000, apartMs: 1_000 });
      for (let i = 0; i < apps; i++) turns.add(`app${i}`);
      const all = spans.map((ms) => { had = []; mock.timers.tick(ms); return had; });
      turns.close();
      return all;
    } finally { mock.timers.reset(); }
  };

  it('of few apps each has one in every round, evenly spread', () => {
    const [half = [], whole = []] = play(6, [30_000, 30_000]);
    assert.deepEqual(half, ['app0', 'app1', 'app2']);
    assert.deepEqual(whole, ['app3', 'app4', 'app5']);
  });

  it('of many apps no more have one than one in the least time, and all come to it', () => {
    const [minute = [], ...later] = play(1_000, [60_000, 440_000, 500_000]);
    assert.equal(minute.length, 60);
    assert.equal(new Set([minute, ...later].flat()).size, 1_000);
  });

  it('nobody has one where there are none, and none are saved up', () => {
    mock.timers.enable({ apis: ['setInterval'] });
    try {
      const had: string[] = [];
      const turns = createTurns((appId) => { had.push(appId); }, { roundMs: 10_000, apartMs: 1_000 });
      mock.timers.tick(100_000);
      turns.add('a');
      turns.add('b');
      turns.remove('b');
      mock.timers.tick(9_000);
      assert.deepEqual(had, []);
      mock.timers.tick(1_000);
      assert.deepEqual(had, ['a']);
      turns.close();
    } finally { mock.timers.reset(); }
  });
});
