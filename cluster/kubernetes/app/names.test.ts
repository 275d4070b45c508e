import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { appNamespace, appOfNamespace, configName, dnsName, labelValue } from './names.ts';

describe('names in Kubernetes', () => {
  const cases: [string, RegExp][] = [
    ['web', /^web$/], ['my-worker', /^my-worker$/], ['worker_1', /^worker-1-[0-9a-f]{6}$/], ['Worker', /^worker-[0-9a-f]{6}$/], ['-', /^p-[0-9a-f]{6}$/],
    ['1up', /^up-[0-9a-f]{6}$/], ['clock-', /^clock-[0-9a-f]{6}$/], ['x'.repeat(60), /^x{32}-[0-9a-f]{6}$/],
  ];
  for (const [word, expected] of cases) it(`makes one of "${word}"`, () => { assert.match(dnsName(word), expected); });

  it('gives no two words the same', () => {
    const words = ['web', 'Web', 'WEB', 'web_', '_web', 'web-', 'w-e-b', 'w_e_b'];
    assert.equal(new Set(words.map(dnsName)).size, words.length);
    assert.equal(new Set(words.map(labelValue)).size, words.length);
  });

  it('takes a process type as a label where Kubernetes does', () => {
    assert.equal(labelValue('My_Worker'), 'My_Worker');
    assert.match(labelValue('_x'), /^x-[0-9a-f]{6}$/);
  });

  it('finds the app of a namespace, and of nobody else\'s', () => {
    const id = '019400d1-5b5c-7000-8000-000000000001';
    assert.equal(appOfNamespace(appNamespace(id)), id);
    for (const other of ['default', 'slipway-app-', 'slipway-app-by-hand', `slipway-app-${id}-2`, `x-slipway-app-${id}`]) assert.equal(appOfNamespace(other), null, other);
  });

  it('names a config by its content', () => {
    assert.equal(configName('a'), configName('a'));
    assert.notEqual(configName('a'), configName('b'));
  });
});
