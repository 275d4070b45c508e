import { createHash } from 'node:crypto';
import { z } from 'zod';
import { BuildFailure } from '../lifecycle/failure.ts';

const manifestContent = z.object({ config: z.object({ digest: z.string() }), layers: z.array(z.object({ digest: z.string(), size: z.int() })) });
const imageConfig = z.object({ config: z.unknown(), architecture: z.string(), os: z.string() });

export interface Manifest { digest: string; mediaType: string; bytes: Buffer<ArrayBuffer>; configDigest: string; layers: { digest: string; size: number }[] }

export interface Repository {
  /** By tag or digest; null: it is not there. */
  manifest(reference: string): Promise<Manifest | null>;
  /** What containers of the image get from it (user, entrypoint, environment, labels), as comparable text. */
  config(manifest: Manifest): Promise<string>;
  tag(tag: string, manifest: Manifest): Promise<void>;
}

const types = ['application/vnd.oci.image.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v2+json'];

/** One repository of the registry that the build's pod has on loopback. */
export function openRepository(registry: string, name: string): Repository {
  const call = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const response = await fetch(`http://${registry}/v2/${name}/${path}`, init);
    if (!response.ok && response.status !== 404) throw failureOf(response.status);
    return response;
  };
  return {
    manifest: async (reference) => {
      const response = await call(`manifests/${reference}`, { headers: { accept: types.join(', ') } });
      if (response.status === 404) return null;
      const bytes = Buffer.from(await response.arrayBuffer());
      const { config, layers } = manifestContent.parse(JSON.parse(bytes.toString()));
      return { digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`, mediaType: response.headers.get('content-type') ?? types[0] ?? '', bytes, configDigest: config.digest, layers };
    },
    config: async ({ configDigest }) => {
      const { config, architecture, os } = imageConfig.parse(await (await call(`blobs/${configDigest}`)).json());
      return JSON.stringify([config, architecture, os]);
    },
    tag: async (tag, { bytes, mediaType }) => { await call(`manifests/${tag}`, { method: 'PUT', headers: { 'content-type': mediaType }, body: bytes }); },
  };
}

function failureOf(status: number): BuildFailure {
  if (status === 401 || status === 403) return new BuildFailure('REGISTRY_DENIED', `The image registry refused the platform's login (HTTP ${status}).`, 'Tell the operator.');
  if (status === 507) return new BuildFailure('REGISTRY_FULL', 'The image registry has no room.', 'Tell the operator.');
  return new BuildFailure('REGISTRY_UNAVAILABLE', `The image registry failed: HTTP ${status}.`, 'Push again in a while.');
}
