import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import type { Header } from 'tar-stream';
import { pushImage, startMemoryRegistry } from '../../test/kit/memory-registry.ts';
import { knownImage, readLayer } from './known-image.ts';
import { openRepository } from './registry-repository.ts';
import type { ImageConfig, Manifest, Repository } from './registry-repository.ts';

const DIGEST = 'a'.repeat(64);
const TAG = `slug-${DIGEST}`;
const LAYER = 'application/vnd.docker.image.rootfs.diff.tar.gzip';

type Entry = Partial<Header> & { name: string; content?: string };

/** As Kaniko makes one: files have the slug's times, directories and links that of the build. */
const app = (builtAt: number, more: Entry[] = []): Entry[] => [
  { name: '/', type: 'directory', mode: 0o755, mtime: new Date(builtAt) },
  { name: 'app/', type: 'directory', mode: 0o755, uid: 1000, mtime: new Date(builtAt), pax: { mtime: `${builtAt / 1000}` } },
  { name: 'app/server.js', mode: 0o644, uid: 1000, mtime: new Date(0), content: 'serve()' },
  { name: 'app/link', type: 'symlink', linkname: 'server.js', mtime: new Date(builtAt) },
  ...more,
];

async function layerOf(entries: Entry[]): Promise<Buffer<ArrayBuffer>> {
  const tar = pack();
  for (const { content, ...header } of entries) tar.entry(header, content ?? '');
  tar.finalize();
  return Buffer.from(gzipSync(await buffer(tar)));
}

const config = (layers: string[], more: ImageConfig['config'] = {}): ImageConfig => ({ architecture: 'amd64', os: 'linux', config: { User: '1000', ...more }, rootfs: { type: 'layers', diff_ids: layers } });

interface World { repository: Repository; push(tag: string, slug: Entry[], more?: { base?: string[]; config?: ImageConfig['config'] }): Promise<Manifest> }

async function world(t: TestContext): Promise<World> {
  const { host } = await startMemoryRegistry(t);
  const repository = openRepository(host, 'apps/app-1');
  const push: World['push'] = async (tag, slug, { base = ['base'], config: given } = {}) => pushImage(repository, tag, config(['sha256:1', 'sha256:2'], given), [...base, await layerOf(slug)], LAYER);
  return { repository, push };
}

describe('the image of a slug that was built before', () => {
  it('is taken again: only the times of directories and links differ', async (t) => {
    const { repository, push } = await world(t);
    const first = await push('build-1', app(1_000_000));
    assert.equal(await knownImage(repository, DIGEST, first), first);
    const second = await push('build-2', app(9_000_000));
    assert.notEqual(second.digest, first.digest);
    assert.deepEqual(await knownImage(repository, DIGEST, second), first);
  });

  const others: [string, Entry[], { base?: string[]; config?: ImageConfig['config'] }?][] = [
    ['another content of the same size', app(1).map((entry) => (entry.content === undefined ? entry : { ...entry, content: 'steal()' }))],
    ['one file more', app(1, [{ name: 'app/server.js', content: 'steal()' }])],
    ['one file less', app(1).slice(0, -1)],
    ['another mode', app(1).map((entry) => (entry.content === undefined ? entry : { ...entry, mode: 0o755 }))],
    ['another owner', app(1).map((entry) => (entry.content === undefined ? entry : { ...entry, uid: 0 }))],
    ['another target of a link', app(1).map((entry) => (entry.type === 'symlink' ? { ...entry, linkname: '/proc/self/exe' } : entry))],
    ['a capability of a file', app(1).map((entry) => (entry.content === undefined ? entry : { ...entry, pax: { 'SCHILY.xattr.security.capability': 'x' } }))],
    ['far more than the slug has', app(1, [{ name: 'app/zeros', content: '0'.repeat(5_000_000) }])],
    ['another base', app(1), { base: ['another'] }],
    ['a layer between', app(1), { base: ['base', 'between'] }],
    ['another user', app(1), { config: { User: '0' } }],
    ['another entrypoint', app(1), { config: { Entrypoint: ['/app/steal'] } }],
  ];
  for (const [what, slug, more] of others) {
    it(`is not believed to be the one that has its tag: ${what}`, async (t) => {
      const { repository, push } = await world(t);
      await push(TAG, slug, more);
      const made = await push('build-2', app(2));
      assert.equal(await knownImage(repository, DIGEST, made), made);
      assert.equal((await repository.manifest(TAG))?.digest, made.digest);
    });
  }

  it('is made anew where the one with its tag cannot be read', async (t) => {
    const { repository, push } = await world(t);
    await pushImage(repository, TAG, config(['sha256:1', 'sha256:2'], {}), ['base', 'no tarball'], LAYER);
    const made = await push('build-2', app(2));
    assert.equal(await knownImage(repository, DIGEST, made), made);
  });

  it('is read no further than the new one is long', async () => {
    const bomb = await layerOf([{ name: 'app/noise', content: randomBytes(4_000_000).toString('hex') }]);
    let read = 0;
    const source = Readable.from((function* () { for (let at = 0; at < bomb.length; at += 1024) { read += 1024; yield bomb.subarray(at, at + 1024); } })());
    assert.equal(await readLayer(source, 100_000), null);
    assert.ok(read < bomb.length, `${read} of ${bomb.length}`);
    assert.equal(source.destroyed, true);
  });
});
