import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import type { BlobReference, Manifest, Repository } from './registry-repository.ts';

/**
 * The image that an app's earlier build made of the same slug on the same base, else `made`: so that nothing restarts for it. The tag under which it
 * is found may have been written by any build of the app: that it is the same is seen by comparing, never believed.
 */
export async function knownImage(repository: Repository, slugDigest: string, made: Manifest): Promise<Manifest> {
  const tag = `slug-${slugDigest}`;
  const known = await repository.manifest(tag);
  // What cannot be compared is another image, which is well too.
  if (known !== null && await isSame(repository, known, made).catch(() => false)) return known;
  await repository.tag(tag, made);
  return made;
}

async function isSame(repository: Repository, known: Manifest, made: Manifest): Promise<boolean> {
  const [knownSlug, madeSlug] = [known.layers.at(-1), made.layers.at(-1)];
  if (!knownSlug || !madeSlug || baseOf(known) !== baseOf(made) || await givenBy(repository, known) !== await givenBy(repository, made)) return false;
  return knownSlug.digest === madeSlug.digest || await holdSameFiles(repository, knownSlug, madeSlug);
}

const baseOf = ({ layers }: Manifest): string => layers.slice(0, -1).map(({ digest }) => digest).join(' ');

/** What containers of the image get from it (user, entrypoint, environment, labels), as comparable text. */
async function givenBy(repository: Repository, manifest: Manifest): Promise<string> {
  const { config, architecture, os } = await repository.config(manifest);
  return JSON.stringify([config, architecture, os]);
}

async function holdSameFiles(repository: Repository, known: BlobReference, made: BlobReference): Promise<boolean> {
  const contents = async ({ digest }: BlobReference, maxBytes?: number): Promise<LayerContents | null> => {
    const { body } = await repository.blob(digest);
    return body && readLayer(Readable.from(body), maxBytes);
  };
  const ours = await contents(made);
  return ours !== null && (await contents(known, ours.bytes))?.fingerprint === ours.fingerprint;
}

interface LayerContents { fingerprint: string; bytes: number }

const BLOCK_BYTES = 512;
const isTime = (key: string): boolean => /^([acm]time|LIBARCHIVE\.creationtime)$/.test(key);

/** What a gzipped tarball unpacks to, all but times: Kaniko gives directories and links that of the build. Null: it is longer than `maxBytes`. */
export async function readLayer(layer: Readable, maxBytes = Infinity): Promise<LayerContents | null> {
  const hash = createHash('sha256');
  const entries = extract();
  const ended = pipeline(layer, createGunzip(), entries);
  ended.catch(() => undefined);
  let bytes = 0;
  for await (const entry of entries) {
    const { name, type, mode, uid, gid, size, linkname, devmajor, devminor, pax } = entry.header;
    hash.update(`${JSON.stringify([name, type, mode, uid, gid, size, linkname, devmajor, devminor, Object.entries(pax ?? {}).filter(([key]) => !isTime(key))])}\n`);
    bytes += BLOCK_BYTES;
    for await (const chunk of entry) {
      hash.update(chunk as Buffer);
      bytes += (chunk as Buffer).length;
      if (bytes > maxBytes) break;
    }
    // Breaking off ends the streams too.
    if (bytes > maxBytes) return null;
  }
  await ended;
  return { fingerprint: hash.digest('hex'), bytes };
}
