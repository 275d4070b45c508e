import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { activeTrace, newTrace, outsideTrace, parseTrace, traceHeaders, withTrace } from './trace-context.ts';

const ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('a trace by its headers', () => {
  it('is read as W3C Trace Context has it, and what is none is none', () => {
    const cases: [string | undefined, boolean | undefined][] = [
      [`00-${ID}-${SPAN}-01`, true], [`00-${ID}-${SPAN}-00`, false], [`00-${ID}-${SPAN}-03`, true], [`cc-${ID}-${SPAN}-01-more`, true],
      [undefined, undefined], ['', undefined], [`00-${ID}-${SPAN}-01-more`, undefined], [`ff-${ID}-${SPAN}-01`, undefined], [`00-${ID.toUpperCase()}-${SPAN}-01`, undefined],
      [`00-${'0'.repeat(32)}-${SPAN}-01`, undefined], [`00-${ID}-${'0'.repeat(16)}-01`, undefined], [`00-${ID}-${SPAN}-1`, undefined], [`00-${ID}-${SPAN}-01, 00-${ID}-${SPAN}-01`, undefined],
    ];
    for (const [header, sampled] of cases) assert.equal(parseTrace(header)?.sampled, sampled, header);
  });

  it('goes on with the same id and state; a state that is too long, or is none, is dropped', () => {
    const trace = parseTrace(`00-${ID}-${SPAN}-01`, 'vendor=1');
    assert.deepEqual(traceHeaders(trace), { traceparent: `00-${ID}-${SPAN}-01`, tracestate: 'vendor=1' });
    for (const state of ['', 'a=\u0001', 'a=\r\nx: y', 'a'.repeat(513)]) assert.equal(parseTrace(`00-${ID}-${SPAN}-01`, state)?.state, null);
  });

  it('can be begun anew, each time another', () => {
    const [one, other] = [newTrace(), newTrace()];
    assert.notEqual(one.traceId, other.traceId);
    assert.deepEqual(parseTrace(traceHeaders(one).traceparent), one);
  });
});

describe('the active trace', () => {
  it('is that of whoever began what goes on, but for what outlives it', async () => {
    const trace = newTrace();
    assert.equal(activeTrace(), undefined);
    assert.deepEqual(traceHeaders(), {});
    await withTrace(trace, async () => {
      await new Promise((resolve) => { setImmediate(resolve); });
      assert.equal(activeTrace(), trace);
      assert.equal(await outsideTrace(async () => activeTrace()), undefined);
    });
  });
});
