import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import type { V1Pod } from '@kubernetes/client-node';
import { addressesOf, describePod } from './pod-source.ts';

const appId = randomUUID();
const buildId = randomUUID();
const names = { appNamespacePrefix: 'slipway-app-', buildsNamespace: 'slipway-builds', selector: '' };
const pod = (namespace: string, labels: Record<string, string>, more: Partial<V1Pod> = {}, annotations: Record<string, string> = {}): V1Pod => ({
  metadata: { name: 'web-1', namespace, uid: 'f81d4fae-7dec-41d0-a765-00a0c91e6bf6', labels: { 'slipway.dev/app': appId, ...labels }, annotations }, ...more,
});
const ended = (name: string, exitCode: number) => ({ name, image: '', imageID: '', ready: false, restartCount: 0, state: { terminated: { exitCode } } });

describe('whose lines a pod\'s log is', () => {
  it('a replica\'s: by its number and release, which it is told after it was made', () => {
    const before = describePod(pod(`slipway-app-${appId}`, { 'slipway.dev/process': 'web' }), names);
    assert.deepEqual([before?.named, before?.meta?.replica, before?.meta?.release], [false, 'web', null]);
    const after = describePod(pod(`slipway-app-${appId}`, { 'slipway.dev/process': 'web' }, {}, { 'slipway.dev/index': '2', 'slipway.dev/release': '7' }), names);
    assert.deepEqual([after?.named, after?.meta], [true, { appId, source: 'APP', sourceId: 'f81d4fae-7dec-41d0-a765-00a0c91e6bf6', process: 'web', replica: 'web.2', release: 7, build: null }]);
  });

  it('a release command\'s', () => {
    const log = describePod(pod(`slipway-app-${appId}`, { 'slipway.dev/process': 'release', 'slipway.dev/command': `release-${buildId}` }, { status: { phase: 'Succeeded' } }, { 'slipway.dev/release': '3' }), names);
    assert.deepEqual([log?.id, log?.state, log?.meta?.release, log?.meta?.replica], [`release-${buildId}`, 'ended', 3, 'release']);
  });

  for (const [what, status, state] of [
    ['that runs', { phase: 'Running' }, 'live'],
    ['whose publishing ended', { phase: 'Succeeded', containerStatuses: [ended('publish', 0)] }, 'ended'],
    ['whose preparation failed', { phase: 'Failed', initContainerStatuses: [ended('prepare', 1)] }, 'ended'],
    ['that was evicted: another may go on with it', { phase: 'Failed', reason: 'Evicted', initContainerStatuses: [ended('prepare', 137)] }, 'left'],
    ['that ended before any of its containers did', { phase: 'Failed' }, 'left'],
  ] as const) {
    it(`a build's ${what}`, () => {
      const log = describePod(pod('slipway-builds', { 'slipway.dev/build': buildId }, { status: status as V1Pod['status'] }), names);
      assert.deepEqual([log?.id, log?.state, log?.containers], [buildId, state, ['prepare', 'kaniko', 'publish']]);
    });
  }

  for (const [what, one] of [
    ['in another app\'s namespace', pod(`slipway-app-${randomUUID()}`, { 'slipway.dev/process': 'web' })],
    ['in a namespace that is not ours', pod('default', { 'slipway.dev/process': 'web' })],
    ['in the builds\' namespace without a build', pod('slipway-builds', {})],
    ['with an app that is no id', pod('slipway-app-x', { 'slipway.dev/app': 'x' })],
    ['with a command that is no id', pod(`slipway-app-${appId}`, { 'slipway.dev/command': 'a.b>' })],
  ] as const) it(`nobody's: a pod ${what}`, () => { assert.equal(describePod(one, names), null); });

  it('the replica behind an address', () => {
    const one = pod(`slipway-app-${appId}`, { 'slipway.dev/process': 'web' }, { status: { podIPs: [{ ip: '10.244.0.9' }] } }, { 'slipway.dev/index': '1', 'slipway.dev/release': '4' });
    assert.deepEqual([...addressesOf([one, pod('x', {})])], [['10.244.0.9', { process: 'web', index: 1, releaseVersion: 4 }]]);
  });
});
