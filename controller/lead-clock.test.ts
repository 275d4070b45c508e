import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LeadLost } from '../platform/lease.ts';
import { createLeadClock } from './lead-clock.ts';

describe('the clock of the lead', () => {
  const start = { monotonic: 5_000, wall: Date.parse('2026-11-26T12:00:00Z') };
  const after = (monotonicMs: number, wallMs: number): boolean => {
    let moment = start;
    const clock = createLeadClock(() => moment);
    clock.renewed(start);
    moment = { monotonic: start.monotonic + monotonicMs, wall: start.wall + wallMs };
    return clock.isHeld();
  };

  it('holds until a second before the lease ends, by both clocks', () => {
    const cases: [string, number, number, boolean][] = [
      ['at once', 0, 0, true],
      ['just before', 8_999, 8_999, true],
      ['a second before its end', 9_000, 9_000, false],
      ['frozen for a minute', 60_000, 60_000, false],
      ['suspended with the machine: only the wall clock went on', 10, 60_000, false],
      ['the wall clock was set back meanwhile', 60_000, -3_600_000, false],
    ];
    for (const [what, monotonic, wall, held] of cases) assert.equal(after(monotonic, wall), held, what);
  });

  it('is not held before it was given, and not after it was lost', () => {
    const clock = createLeadClock(() => start);
    assert.throws(() => { clock.assertHeld(); }, LeadLost);
    clock.renewed(start);
    clock.assertHeld();
    clock.lost();
    assert.throws(() => { clock.assertHeld(); }, LeadLost);
  });
});
