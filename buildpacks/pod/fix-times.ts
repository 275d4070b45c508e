import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { extract, pack } from 'tar-stream';
import type { Pack } from 'tar-stream';

export interface FixedLayer {
  /** The layer, gzipped. */
  content: Readable;
  /** SHA-256 of the tarball without its compression, by which an image's configuration names it; once `content` has been read to its end. Rejects where the layer could not be read. */
  diffId: Promise<string>;
}

/** A quarter less time than by default, for 4 % more room. */
const GZIP_LEVEL = 4;
const EPOCH = new Date(0);

/**
 * A layer of Kaniko's with times that follow from what is in it: Kaniko gives directories and links the time of the build, where files keep what the slug
 * says. So the same slug is the same image, byte for byte, and no release restarts for it; and nobody has to believe that two images are the same.
 */
export function fixTimes(layer: Readable): FixedLayer {
  const tar = pack();
  const hash = createHash('sha256');
  const content = createGzip({ level: GZIP_LEVEL });
  const hashed = new Transform({ transform(chunk: Buffer, _encoding, done) { hash.update(chunk); done(null, chunk); } });
  const written = pipeline(tar, hashed, content);
  const copied = copyEntries(layer, tar);
  copied.catch((error: unknown) => { tar.destroy(error instanceof Error ? error : new Error(String(error))); });
  const diffId = (async () => {
    await copied;
    await written;
    return `sha256:${hash.digest('hex')}`;
  })();
  // Whoever reads `content` is told by that.
  for (const promise of [written, diffId]) promise.catch(() => undefined);
  return { content, diffId };
}

async function copyEntries(layer: Readable, tar: Pack): Promise<void> {
  const entries = extract();
  const read = pipeline(layer, createGunzip(), entries);
  read.catch(() => undefined);
  for await (const entry of entries) {
    const { name, type, mode, uid, gid, size, linkname, mtime } = entry.header;
    const header = { name, type, mode, uid, gid, linkname, size: size ?? 0, mtime: type === 'file' ? mtime : EPOCH };
    if (header.size > 0) await pipeline(entry, tar.entry(header)); else { tar.entry(header, ''); entry.resume(); }
  }
  await read;
  tar.finalize();
}
