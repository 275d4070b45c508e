import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pushImage, startMemoryRegistry } from '../../test/kit/memory-registry.ts';
import { joinConfigs, layOnStack } from './lay-on-stack.ts';
import { digestOf, openRepository } from './registry-repository.ts';
import type { ImageConfig, Manifest } from './registry-repository.ts';

const DOCKER_LAYER = 'application/vnd.docker.image.rootfs.diff.tar.gzip';
const OCI_LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';

const stackConfig = (more: Partial<ImageConfig> = {}): ImageConfig => ({
  architecture: 'amd64', os: 'linux', created: '2026-01-01T00:00:00Z', config: { User: '1000:1000', Entrypoint: ['/bin/bash', '/slipway/entrypoint.sh', '/app'], Env: ['LANG=C.UTF-8'], Labels: { base: 'debian' } },
  rootfs: { type: 'layers', diff_ids: ['sha256:s1', 'sha256:s2'] }, history: [{ created_by: 'debian' }, { created_by: 'ENV', empty_layer: true }, { created_by: 'COPY' }], ...more,
});
const slugConfig = (more: Partial<ImageConfig> = {}): ImageConfig => ({
  architecture: 'amd64', os: 'linux', created: '2026-11-01T00:00:00Z', config: { Env: ['PATH=/usr/bin'], Labels: { 'slipway.dev/slug': 'abc' } },
  rootfs: { type: 'layers', diff_ids: ['sha256:a1'] }, history: [{ created_by: 'ADD app.tar /' }, { created_by: 'LABEL', empty_layer: true }], ...more,
});

describe('a slug that is laid on the stack image', () => {
  for (const mounts of [true, false]) {
    it(`is one image of the app's repository, with the stack's layers below, as the stack starts it (a registry that mounts: ${mounts})`, async (t) => {
      const { host, stored, calls } = await startMemoryRegistry(t, { mounts });
      const [own, stack] = [openRepository(host, 'apps/app-1'), openRepository(host, 'slipway/stack')];
      await pushImage(stack, '7', stackConfig(), ['layer one', 'layer two'], OCI_LAYER);
      const slug = await pushImage(own, 'build-1', slugConfig(), ['the slug'], DOCKER_LAYER);

      const image = await layOnStack(own, slug, stack, '7');
      await own.tag('slug-abc', image);
      assert.deepEqual(await own.manifest('slug-abc'), image);
      assert.deepEqual(image.layers, ['layer one', 'layer two', 'the slug'].map((text) => ({ mediaType: OCI_LAYER, digest: digestOf(Buffer.from(text)), size: text.length })));
      for (const { digest } of [...image.layers, image.config]) assert.ok(stored.has(`apps/app-1@${digest}`), digest);
      const { config, rootfs } = await own.config(image);
      assert.deepEqual(config, { ...stackConfig().config, Labels: { base: 'debian', 'slipway.dev/slug': 'abc' } });
      assert.deepEqual(rootfs.diff_ids, ['sha256:s1', 'sha256:s2', 'sha256:a1']);

      // A second build has no layer to move any more.
      const before = calls.length;
      assert.equal((await layOnStack(own, slug, stack, '7')).digest, image.digest);
      assert.deepEqual(calls.slice(before).filter((call) => /mount=|PATCH/.test(call)), []);
    });
  }

  it('lies on the image of its own architecture, where the stack is one for several', async (t) => {
    const { host } = await startMemoryRegistry(t, { mounts: true });
    const [own, stack] = [openRepository(host, 'apps/app-1'), openRepository(host, 'slipway/stack')];
    const arm = await pushImage(stack, 'arm', stackConfig({ architecture: 'arm64' }), ['arm', 'arm too'], OCI_LAYER);
    const amd = await pushImage(stack, 'amd', stackConfig(), ['amd', 'amd too'], OCI_LAYER);
    const entry = ({ digest }: Manifest, architecture: string): object => ({ digest, mediaType: OCI_LAYER, size: 1, platform: { os: 'linux', architecture } });
    await stack.tag('7', { bytes: Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [entry(arm, 'arm64'), entry(amd, 'amd64')] })), mediaType: 'application/vnd.oci.image.index.v1+json' } as Manifest);
    const slug = await pushImage(own, 'build-1', slugConfig(), ['the slug'], OCI_LAYER);
    assert.deepEqual((await layOnStack(own, slug, stack, '7')).layers.map(({ digest }) => digest), ['amd', 'amd too', 'the slug'].map((text) => digestOf(Buffer.from(text))));

    const exotic = await pushImage(own, 'build-2', slugConfig({ architecture: 's390x' }), ['the slug'], OCI_LAYER);
    await assert.rejects(layOnStack(own, exotic, stack, '7'), /no stack image slipway\/stack 7 for linux\/s390x/);
  });

  it('is refused with what to tell the operator, where there is no stack image', async (t) => {
    const { host } = await startMemoryRegistry(t, { mounts: true });
    const own = openRepository(host, 'apps/app-1');
    const slug = await pushImage(own, 'build-1', slugConfig(), ['the slug'], OCI_LAYER);
    await assert.rejects(layOnStack(own, slug, openRepository(host, 'slipway/stack'), '7'), /no stack image slipway\/stack 7/);
  });

  it('has the history of both, and none where one does not tell of all its layers', () => {
    assert.deepEqual(joinConfigs(stackConfig(), slugConfig()).history?.map((entry) => entry.created_by), ['debian', 'ENV', 'COPY', 'ADD app.tar /', 'LABEL']);
    for (const [below, above] of [[stackConfig({ history: [] }), slugConfig()], [stackConfig(), slugConfig({ history: undefined })]] as const) assert.ok(!('history' in joinConfigs(below, above)));
  });
});
