import { createHash } from 'node:crypto';
import { z } from 'zod';
import { BuildFailure } from '../lifecycle/failure.ts';

const blobReference = z.object({ mediaType: z.string(), digest: z.string(), size: z.int() });
const manifestContent = z.object({ config: blobReference, layers: z.array(blobReference) });
const indexContent = z.object({ manifests: z.array(z.object({ digest: z.string(), platform: z.object({ os: z.string(), architecture: z.string() }).optional() })) });
const imageConfig = z.looseObject({
  architecture: z.string(), os: z.string(), created: z.string().optional(), history: z.array(z.object({ empty_layer: z.boolean().optional() }).loose()).optional(),
  config: z.looseObject({ Labels: z.record(z.string(), z.string()).nullish() }).optional(), rootfs: z.object({ type: z.literal('layers'), diff_ids: z.array(z.string()) }),
});

export type BlobReference = z.infer<typeof blobReference>;
/** What an image is besides its layers, as the OCI image specification has it. */
export type ImageConfig = z.infer<typeof imageConfig>;
export interface Manifest { digest: string; mediaType: string; bytes: Buffer<ArrayBuffer>; config: BlobReference; layers: BlobReference[] }

export interface Repository {
  name: string;
  /** By tag or digest; of an image for several architectures the one for this (`amd64`). Null: it is not there. */
  manifest(reference: string, architecture?: string): Promise<Manifest | null>;
  config(manifest: Manifest): Promise<ImageConfig>;
  /** Stores a blob; resolves with its reference. */
  put(mediaType: string, bytes: Buffer<ArrayBuffer>): Promise<BlobReference>;
  /** Stores a blob of unknown length as it comes. */
  putStream(mediaType: string, content: AsyncIterable<Uint8Array>): Promise<BlobReference>;
  /** Makes a blob of another repository this one's too: by the registry itself, where it can. */
  take(from: Repository, blob: BlobReference): Promise<void>;
  blob(digest: string): Promise<Response>;
  tag(tag: string, manifest: Manifest): Promise<void>;
}

export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const images = [OCI_MANIFEST, 'application/vnd.docker.distribution.manifest.v2+json'];
const indexes = ['application/vnd.oci.image.index.v1+json', 'application/vnd.docker.distribution.manifest.list.v2+json'];

export const digestOf = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** One repository of the registry that the build's pod has on loopback. */
export function openRepository(registry: string, name: string): Repository {
  const base = `http://${registry}/v2/${name}/`;
  const call = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const response = await fetch(new URL(path, base), init);
    if (!response.ok && response.status !== 404) throw failureOf(response.status);
    return response;
  };
  const must = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const response = await call(path, init);
    if (!response.ok) throw failureOf(response.status);
    return response;
  };
  const end = (upload: string, digest: string, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(upload, base);
    url.searchParams.set('digest', digest);
    return must(url.href, { ...init, method: 'PUT' });
  };
  /** Sends a part of unknown length; answers where the upload goes on. */
  const send = async (upload: string, body: unknown): Promise<string> => locationOf(await must(upload, { method: 'PATCH', headers: { 'content-type': 'application/octet-stream' }, body, duplex: 'half' } as RequestInit));
  const self: Repository = {
    name,
    manifest: async (reference, architecture) => {
      const response = await call(`manifests/${reference}`, { headers: { accept: [...images, ...architecture === undefined ? [] : indexes].join(', ') } });
      if (response.status === 404) return null;
      const bytes = Buffer.from(await response.arrayBuffer());
      const mediaType = response.headers.get('content-type') ?? OCI_MANIFEST;
      const content: unknown = JSON.parse(bytes.toString());
      if (!indexes.includes(mediaType)) return { digest: digestOf(bytes), mediaType, bytes, ...manifestContent.parse(content) };
      const own = indexContent.parse(content).manifests.find(({ platform }) => platform?.os === 'linux' && platform.architecture === architecture);
      return own === undefined ? null : self.manifest(own.digest);
    },
    config: async ({ config }) => imageConfig.parse(await (await self.blob(config.digest)).json()),
    blob: (digest) => must(`blobs/${digest}`),
    put: async (mediaType, bytes) => {
      const digest = digestOf(bytes);
      await end(locationOf(await must('blobs/uploads/', { method: 'POST' })), digest, { headers: { 'content-type': 'application/octet-stream' }, body: bytes });
      return { mediaType, digest, size: bytes.length };
    },
    putStream: async (mediaType, content) => {
      const hash = createHash('sha256');
      let size = 0;
      async function* measured(): AsyncGenerator<Uint8Array> {
        for await (const chunk of content) { hash.update(chunk); size += chunk.length; yield chunk; }
      }
      const upload = await send(locationOf(await must('blobs/uploads/', { method: 'POST' })), measured());
      const digest = `sha256:${hash.digest('hex')}`;
      await end(upload, digest);
      return { mediaType, digest, size };
    },
    take: async (from, { digest }) => {
      if ((await call(`blobs/${digest}`, { method: 'HEAD' })).ok) return;
      const begun = await must(`blobs/uploads/?mount=${digest}&from=${from.name}`, { method: 'POST' });
      if (begun.status === 201) return;
      // Not every registry mounts: then what it has is carried to it, as a stream.
      const { body } = await from.blob(digest);
      await end(await send(locationOf(begun), body), digest);
    },
    tag: async (tag, { bytes, mediaType }) => { await must(`manifests/${tag}`, { method: 'PUT', headers: { 'content-type': mediaType }, body: bytes }); },
  };
  return self;
}

function locationOf(response: Response): string {
  const location = response.headers.get('location');
  if (location === null) throw new BuildFailure('REGISTRY_UNAVAILABLE', 'The image registry does not say where an upload goes.', 'Tell the operator.');
  return location;
}

function failureOf(status: number): BuildFailure {
  if (status === 401 || status === 403) return new BuildFailure('REGISTRY_DENIED', `The image registry refused the platform's login (HTTP ${status}).`, 'Tell the operator.');
  if (status === 507) return new BuildFailure('REGISTRY_FULL', 'The image registry has no room.', 'Tell the operator.');
  return new BuildFailure('REGISTRY_UNAVAILABLE', `The image registry failed: HTTP ${status}.`, 'Push again in a while.');
}
