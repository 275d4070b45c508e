import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newTrace, withTrace } from '../service/trace-context.ts';
import { createCauses } from './causes.ts';

describe('why an app is to be reconciled', () => {
  it('is every trace that asked, the first one first, each once, eight at most', () => {
    const causes = createCauses();
    const traces = Array.from({ length: 12 }, newTrace);
    causes.note('app');
    for (const trace of [...traces, ...traces]) withTrace(trace, () => { causes.note('app'); });
    withTrace(newTrace(), () => { causes.note('other'); });
    assert.deepEqual(causes.first('app'), traces[0]);
    assert.deepEqual(causes.take('app'), traces.slice(0, 8));
    assert.deepEqual(causes.take('app'), []);
    assert.equal(causes.take('other').length, 1);
  });

  it('stays while the work is not done, before what was noted since', () => {
    const causes = createCauses();
    const [one, two] = [newTrace(), newTrace()];
    withTrace(one, () => { causes.note('app'); });
    const taken = causes.take('app');
    withTrace(two, () => { causes.note('app'); });
    causes.putBack('app', taken);
    assert.deepEqual(causes.take('app'), [one, two]);
  });
});
