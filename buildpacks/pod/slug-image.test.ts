import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import type { Header } from 'tar-stream';
import { pushImage, startMemoryRegistry } from '../../test/kit/memory-registry.ts';
import { digestOf, openRepository } from './registry-repository.ts';
import type { ImageConfig, Manifest, Repository } from './registry-repository.ts';
import { joinConfigs, makeSlugImage } from './slug-image.ts';

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

type Entry = Partial<Header> & { name: string; content?: string };

/** As Kaniko makes one: files have the slug's times, directories and links that of the build. */
const app = (builtAt: number, more: Entry[] = []): Entry[] => [
  { name: '/', type: 'directory', mode: 0o755, mtime: new Date(builtAt) },
  { name: 'app/', type: 'directory', mode: 0o755, uid: 1000, gid: 1000, mtime: new Date(builtAt), pax: { mtime: `${builtAt / 1000}` } },
  { name: 'app/link', type: 'symlink', mode: 0o777, linkname: 'server.js', mtime: new Date(builtAt) },
  { name: `app/${'long/'.repeat(60)}größe.js`, mode: 0o644, uid: 1000, gid: 1000, mtime: new Date(2_000), content: 'x'.repeat(3_000) },
  { name: 'app/server.js', mode: 0o755, uid: 1000, gid: 1000, mtime: new Date(1_000), content: 'serve()' },
  { name: 'app/empty', mode: 0o644, uid: 1000, gid: 1000, mtime: new Date(1_000), content: '' },
  ...more,
];

async function tarOf(entries: Entry[]): Promise<Buffer> {
  const tar = pack();
  for (const { content, ...header } of entries) tar.entry(header, content ?? '');
  tar.finalize();
  return buffer(tar);
}

const layerOf = async (entries: Entry[]): Promise<Buffer<ArrayBuffer>> => Buffer.from(gzipSync(await tarOf(entries)));

interface World { host: string; stored: Awaited<ReturnType<typeof startMemoryRegistry>>['stored']; calls: string[]; own: Repository; stack: { repository: Repository; reference: string } }

async function world(t: TestContext, options: { mounts?: boolean } = {}): Promise<World> {
  const { host, stored, calls } = await startMemoryRegistry(t, options);
  return { host, stored, calls, own: openRepository(host, 'apps/app-1'), stack: { repository: openRepository(host, 'slipway/stack'), reference: '7' } };
}

const digests = (...texts: string[]): string[] => texts.map((text) => digestOf(Buffer.from(text)));

describe('the image of a slug', () => {
  for (const mounts of [true, false]) {
    it(`is one image of the app's repository, with the stack's layers below, as the stack starts it (a registry that mounts: ${mounts})`, async (t) => {
      const { stored, calls, own, stack } = await world(t, { mounts });
      await pushImage(stack.repository, '7', stackConfig(), ['layer one', 'layer two'], OCI_LAYER);
      const image = await makeSlugImage(own, await pushImage(own, 'build-1', slugConfig(), [await layerOf(app(5_000))], DOCKER_LAYER), stack);
      await own.tag('build-1', image);
      assert.deepEqual(await own.manifest('build-1'), image);
      assert.deepEqual(image.layers.map(({ mediaType }) => mediaType), [OCI_LAYER, OCI_LAYER, OCI_LAYER]);
      assert.deepEqual(image.layers.slice(0, 2).map(({ digest }) => digest), digests('layer one', 'layer two'));
      for (const { digest, size } of [...image.layers, image.config]) assert.equal(stored.get(`apps/app-1@${digest}`)?.bytes.length, size);
      const { config, rootfs } = await own.config(image);
      assert.deepEqual(config, { ...stackConfig().config, Labels: { base: 'debian', 'slipway.dev/slug': 'abc' } });
      const layer = gunzipSync(stored.get(`apps/app-1@${image.layers[2]?.digest}`)?.bytes ?? '');
      assert.deepEqual(rootfs.diff_ids, ['sha256:s1', 'sha256:s2', digestOf(layer)]);
      assert.deepEqual(layer, await tarOf(app(0).map((entry) => ({ ...entry, pax: null }))), 'all files as they were');

      // A second build has no layer of the stack to move any more, and makes the same image of the same slug.
      const before = calls.length;
      const again = await makeSlugImage(own, await pushImage(own, 'build-2', slugConfig({ created: '2026-11-02T00:00:00Z' }), [await layerOf(app(9_000_000))], DOCKER_LAYER), stack);
      assert.deepEqual(again, image);
      assert.deepEqual(calls.slice(before).filter((call) => /mount=/.test(call)), []);
    });
  }

  it('is made of what Kaniko built on a stack image of another registry, and is the same for the same slug', async (t) => {
    const { own } = await world(t);
    const build = async (at: number): Promise<Manifest> => makeSlugImage(own, await pushImage(own, 'build-1', stackConfig({ created: new Date(at).toISOString() }), ['below', await layerOf(app(at))], DOCKER_LAYER), null);
    const image = await build(1_000);
    assert.deepEqual(image.layers.map(({ mediaType }) => mediaType), [OCI_LAYER, OCI_LAYER]);
    assert.equal(image.layers[0]?.digest, digests('below')[0]);
    const { config, rootfs, created } = await own.config(image);
    assert.deepEqual([config, rootfs.diff_ids[0], created], [stackConfig().config, 'sha256:s1', undefined]);
    assert.deepEqual(await build(2_000), image);
  });

  const others: [string, Entry[]][] = [
    ['another content of the same size', app(1).map((entry) => (entry.content === 'serve()' ? { ...entry, content: 'steal()' } : entry))],
    ['one file more', app(1, [{ name: 'app/more', content: '' }])],
    ['one file less', app(1).slice(0, -1)],
    ['another mode', app(1).map((entry) => ({ ...entry, mode: 0o700 }))],
    ['another owner', app(1).map((entry) => ({ ...entry, uid: 0 }))],
    ['another time of a file', app(1).map((entry) => (entry.content === 'serve()' ? { ...entry, mtime: new Date(7_000) } : entry))],
    ['another target of a link', app(1).map((entry) => (entry.type === 'symlink' ? { ...entry, linkname: 'other.js' } : entry))],
  ];
  for (const [what, slug] of others) {
    it(`is another image for another slug: ${what}`, async (t) => {
      const { own, stack } = await world(t);
      await pushImage(stack.repository, '7', stackConfig(), ['layer one', 'layer two'], OCI_LAYER);
      const [one, other] = [await layerOf(app(1)), await layerOf(slug)];
      const make = async (layer: Buffer<ArrayBuffer>): Promise<string> => (await makeSlugImage(own, await pushImage(own, 'build-1', slugConfig(), [layer], DOCKER_LAYER), stack)).digest;
      assert.notEqual(await make(other), await make(one));
    });
  }

  it('is made again where the registry breaks off in the middle of the layer', async (t) => {
    const { own, stack, stored, host } = await world(t);
    await pushImage(stack.repository, '7', stackConfig(), ['layer one', 'layer two'], OCI_LAYER);
    const built = await pushImage(own, 'build-1', slugConfig(), [await layerOf(app(1))], DOCKER_LAYER);
    const whole = await makeSlugImage(own, built, stack);
    let cut = 0;
    const breaking: Repository = { ...own, blob: async (digest) => {
      const { bytes } = stored.get(`apps/app-1@${digest}`) ?? assert.fail(digest);
      if (digest !== built.layers[0]?.digest || cut++ > 0) return openRepository(host, 'apps/app-1').blob(digest);
      return new Response(new Uint8Array(bytes.subarray(0, 200)));
    } };
    assert.deepEqual(await makeSlugImage(breaking, built, stack), whole);
    assert.equal(cut, 2);
  });

  it('lies on the image of its own architecture, where the stack is one for several', async (t) => {
    const { own, stack } = await world(t);
    const arm = await pushImage(stack.repository, 'arm', stackConfig({ architecture: 'arm64' }), ['arm', 'arm too'], OCI_LAYER);
    const amd = await pushImage(stack.repository, 'amd', stackConfig(), ['amd', 'amd too'], OCI_LAYER);
    const entry = ({ digest }: Manifest, architecture: string): object => ({ digest, mediaType: OCI_LAYER, size: 1, platform: { os: 'linux', architecture } });
    await stack.repository.tag('7', { bytes: Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [entry(arm, 'arm64'), entry(amd, 'amd64')] })), mediaType: 'application/vnd.oci.image.index.v1+json' } as Manifest);
    const slug = await pushImage(own, 'build-1', slugConfig(), [await layerOf(app(1))], OCI_LAYER);
    assert.deepEqual((await makeSlugImage(own, slug, stack)).layers.slice(0, 2).map(({ digest }) => digest), digests('amd', 'amd too'));

    const exotic = await pushImage(own, 'build-2', slugConfig({ architecture: 's390x' }), [await layerOf(app(1))], OCI_LAYER);
    await assert.rejects(makeSlugImage(own, exotic, stack), /no stack image slipway\/stack 7 for linux\/s390x/);
  });

  it('is refused with what to tell the operator, where there is no stack image, or Kaniko made other layers', async (t) => {
    const { own, stack } = await world(t);
    const layer = await layerOf(app(1));
    await assert.rejects(makeSlugImage(own, await pushImage(own, 'build-1', slugConfig(), [layer], OCI_LAYER), stack), /no stack image slipway\/stack 7/);
    await assert.rejects(makeSlugImage(own, await pushImage(own, 'build-1', stackConfig(), ['below', layer], OCI_LAYER), stack), /has not the layers of its Dockerfile/);
    await assert.rejects(makeSlugImage(own, await pushImage(own, 'build-1', slugConfig(), ['below', layer], OCI_LAYER), null), /has not the layers of its Dockerfile/);
  });

  it('has the history of both, and none where one does not tell of all its layers', () => {
    assert.deepEqual(joinConfigs(stackConfig(), slugConfig()).history?.map((entry) => entry.created_by), ['debian', 'ENV', 'COPY', 'ADD app.tar /', 'LABEL']);
    for (const [below, above] of [[stackConfig({ history: [] }), slugConfig()], [stackConfig(), slugConfig({ history: undefined })]] as const) assert.ok(!('history' in joinConfigs(below, above)));
  });
});
