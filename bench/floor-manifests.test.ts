import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BuildSettings } from '../cluster/kubernetes/build-settings.ts';
import { kanikoManifests } from './floor-manifests.ts';

const settings: BuildSettings = {
  namespace: 'slipway-builds', registry: 'registry.example.com/slipway', registryInsecure: false, registrySecret: null, registryMirrors: [], kanikoImage: 'kaniko', stackImage: 'registry.example.com/slipway/stack:1',
  builderImage: 'platform', runtimeClass: null, userNamespaces: false, environment: {},
};

describe('a bare Kaniko pod', () => {
  it('is a build\'s Kaniko, but for its registry and where its context comes from', () => {
    const [config, { spec }] = kanikoManifests(settings, { name: 'floor', namespace: 'floor', id: 'one', version: 7 }, 'FROM x\n', Buffer.from('tar'));
    const args = spec?.containers[0]?.args ?? [];
    assert.ok(args.includes('--destination=registry.example.com/slipway/app-one:build-7'), args.join(' '));
    assert.ok(args.includes('--cache-repo=registry.example.com/slipway/app-one/cache'), args.join(' '));
    assert.ok(args.includes('--cache=true') && args.includes('--context=dir:///image/context') && args.includes('--snapshot-mode=redo'), args.join(' '));
    assert.doesNotMatch(args.join(' '), /127\.0\.0\.1/);
    assert.deepEqual(spec?.containers[0]?.volumeMounts?.map(({ mountPath }) => mountPath), ['/image/context/app.tar', '/image/Dockerfile', '/result']);
    assert.equal(config.binaryData?.['app.tar'], Buffer.from('tar').toString('base64'));
  });
});
