import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { childEnv } from '../test/kit/child-env.ts';
import { readSettings } from './settings.ts';

const good = {
  DATABASE_URL: 'postgresql://slipway@db.example.com/slipway', SLIPWAY_URL: 'https://api.example.com', SLIPWAY_GIT_URL: 'https://git.example.com', SLIPWAY_EMAIL: 'ann@example.com',
  SLIPWAY_PORT: '8080', SLIPWAY_INTERNAL_URL: 'http://blobs.slipway.svc:8080', SLIPWAY_BLOBS_URL: 'http://blobs.slipway.svc:8080', SLIPWAY_LOGS_NAMESPACE: 'slipway-logs',
  SLIPWAY_REGISTRY: 'registry.example.com/slipway', SLIPWAY_INGRESS_CLASS: 'traefik', SLIPWAY_INGRESS_NAMESPACE: 'traefik', SLIPWAY_APPS_DOMAIN: 'apps.example.com',
  SLIPWAY_KANIKO_IMAGE: 'gcr.io/kaniko-project/executor:v1.24.0', SLIPWAY_STACK_IMAGE: 'registry.example.com/slipway/stack:1', SLIPWAY_BUILDER_IMAGE: 'registry.example.com/slipway/platform:1',
};

describe('the settings of an installation', () => {
  it('are read with their defaults', () => {
    const settings = readSettings({ ...good, SLIPWAY_REGISTRY_MIRRORS: 'mirror.example.com, other.example.com:5000', SLIPWAY_BUILD_ENVIRONMENT: 'npm_config_registry=https://npm.example.com/?a=b', SLIPWAY_PRIVATE_CIDRS: '10.0.0.0/8, fd00::/8' });
    assert.equal(settings.SLIPWAY_REGISTRY_INSECURE, false);
    assert.deepEqual(settings.SLIPWAY_REGISTRY_MIRRORS, ['mirror.example.com', 'other.example.com:5000']);
    assert.deepEqual(settings.SLIPWAY_BUILD_ENVIRONMENT, { npm_config_registry: 'https://npm.example.com/?a=b' });
    assert.deepEqual(settings.SLIPWAY_PRIVATE_CIDRS, ['10.0.0.0/8', 'fd00::/8']);
    assert.equal(settings.SLIPWAY_REGISTRY_SECRET, undefined);
  });

  it('that are wrong are named all at once', () => {
    const wrong = {
      DATABASE_URL: 'mysql://db', SLIPWAY_URL: 'api.example.com', SLIPWAY_GIT_URL: '', SLIPWAY_EMAIL: 'ann', SLIPWAY_REGISTRY: 'https://registry.example.com', SLIPWAY_REGISTRY_INSECURE: 'yes',
      SLIPWAY_INGRESS_CLASS: 'Traefik!', SLIPWAY_APPS_DOMAIN: '*.apps.example.com', SLIPWAY_KANIKO_IMAGE: 'not an image', SLIPWAY_PRIVATE_CIDRS: '10.0.0.0', SLIPWAY_BUILD_MEMORY_MB: 'lots', SLIPWAY_S3_BUCKET: 's3://blobs', SLIPWAY_S3_ENDPOINT: 'minio:9000',
    };
    const script = `import { readSettings } from ${JSON.stringify(new URL('settings.ts', import.meta.url).href)}; readSettings();`;
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { env: { ...childEnv(), ...good, ...wrong }, encoding: 'utf8' });
    assert.equal(status, 1);
    for (const name of Object.keys(wrong)) assert.match(stderr, new RegExp(`^  ${name}[.:]`, 'm'), name);
    assert.doesNotMatch(stderr, /SLIPWAY_STACK_IMAGE/);
  });
});
