import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { covers, isApplied, stamp } from './covers.ts';

describe('whether an object is as it was applied', () => {
  const cases: [string, unknown, unknown, boolean][] = [
    ['defaults beside it do not count', { a: 1, defaulted: true }, { a: 1 }, true],
    ['another value counts', { a: 2 }, { a: 1 }, false],
    ['a missing field counts', {}, { a: 1 }, false],
    ['an empty object is a statement', {}, { podSelector: {} }, false],
    ['an empty object covers an empty object', { podSelector: {} }, { podSelector: {} }, true],
    ['what is undefined is not wanted', {}, { a: undefined }, true],
    ['a container that somebody injected does not count', { c: [{ name: 'app', image: 'a' }, { name: 'sidecar' }] }, { c: [{ name: 'app', image: 'a' }] }, true],
    ['a named thing that changed counts, wherever it is', { c: [{ name: 'x' }, { name: 'app', image: 'b' }] }, { c: [{ name: 'app', image: 'a' }] }, false],
    ['a rule that somebody added to a policy counts', { egress: [{ to: 1 }, {}] }, { egress: [{ to: 1 }] }, false],
    ['arguments are these, in this order', { command: ['b', 'a'] }, { command: ['a', 'b'] }, false],
  ];
  for (const [name, live, wanted, expected] of cases) it(name, () => { assert.equal(covers(live, wanted), expected); });

  it('compares what was applied last, too: a field that is not wanted any more is to go', () => {
    const one = stamp({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'a', labels: { x: '1' } } });
    assert.equal(isApplied(one, one), true);
    assert.equal(isApplied(one, stamp({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'a' } })), false);
    assert.equal(isApplied(null, one), false);
  });
});
