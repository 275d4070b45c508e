import { Readable } from 'node:stream';
import { BuildFailure } from '../lifecycle/failure.ts';
import { retry, UnavailableError } from '../lifecycle/retry.ts';
import { fixTimes } from './fix-times.ts';
import { digestOf, OCI_MANIFEST } from './registry-repository.ts';
import type { BlobReference, ImageConfig, Manifest, Repository } from './registry-repository.ts';

const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json';
const OCI_LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';
/** The same bytes, by the name that an OCI manifest has for them. */
const ociNames: Record<string, string> = {
  'application/vnd.docker.image.rootfs.diff.tar.gzip': OCI_LAYER,
  'application/vnd.docker.image.rootfs.diff.tar': 'application/vnd.oci.image.layer.v1.tar',
};

/**
 * The image of an app's slug: of what Kaniko made, with times that are the same for the same slug. Where `stack` is not null, Kaniko made the slug's layer
 * alone, and the stack image of the same registry is put below it; its layers stay where they are, and Kaniko would unpack all of them for each build, to
 * add one. All blobs are in `own` afterwards, the manifest is not.
 */
export async function makeSlugImage(own: Repository, built: Manifest, stack: { repository: Repository; reference: string } | null): Promise<Manifest> {
  const above = await own.config(built);
  const slug = built.layers.at(-1);
  if (!slug || built.layers.length !== above.rootfs.diff_ids.length || (stack !== null && built.layers.length > 1)) throw new BuildFailure('INTERNAL', 'The image that Kaniko made has not the layers of its Dockerfile.', 'Tell the operator which executor image is set.');
  const fixed = await retry('storing the layer of the slug', () => storeFixed(own, slug));
  const { created: _, ...made } = above;
  const withDiffIds = (diffIds: string[]): ImageConfig => ({ ...made, rootfs: { type: 'layers', diff_ids: diffIds } });
  if (stack === null) return compose(own, withDiffIds([...above.rootfs.diff_ids.slice(0, -1), fixed.diffId]), [...built.layers.slice(0, -1), fixed.layer]);
  const base = await stack.repository.manifest(stack.reference, above.architecture);
  if (base === null) throw new BuildFailure('INTERNAL', `The registry has no stack image ${stack.repository.name} ${stack.reference} for linux/${above.architecture}.`, 'Tell the operator: SLIPWAY_STACK_IMAGE names what k8s/build-images.mjs pushed.');
  const [below] = await Promise.all([stack.repository.config(base), ...base.layers.map((layer) => own.take(stack.repository, layer))]);
  return compose(own, joinConfigs(below, withDiffIds([fixed.diffId])), [...base.layers, fixed.layer]);
}

async function storeFixed(own: Repository, slug: BlobReference): Promise<{ layer: BlobReference; diffId: string }> {
  try {
    const { body } = await own.blob(slug.digest);
    const { content, diffId } = fixTimes(Readable.from(body ?? []));
    const layer = await own.putStream(OCI_LAYER, content);
    return { layer, diffId: await diffId };
  } catch (error) {
    // Cut off on the way to or from the registry; what that refuses is told as it is.
    throw error instanceof BuildFailure ? error : new UnavailableError('The image registry broke off.', { cause: error });
  }
}

async function compose(own: Repository, content: ImageConfig, parts: BlobReference[]): Promise<Manifest> {
  const config = await own.put(OCI_CONFIG, Buffer.from(JSON.stringify(content)));
  const layers = parts.map((layer): BlobReference => ({ ...layer, mediaType: ociNames[layer.mediaType] ?? layer.mediaType }));
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers }));
  return { digest: digestOf(bytes), mediaType: OCI_MANIFEST, bytes, config, layers };
}

/** All is as the stack image has it (user, entrypoint, environment), with the labels of both and the layers of both. Pure. */
export function joinConfigs(below: ImageConfig, above: ImageConfig): ImageConfig {
  const { history: _, ...rest } = below;
  const history = joinHistories(below, above);
  return {
    ...rest, ...(history === null ? {} : { history }),
    config: { ...below.config, Labels: { ...below.config?.Labels, ...above.config?.Labels } },
    rootfs: { type: 'layers', diff_ids: [...below.rootfs.diff_ids, ...above.rootfs.diff_ids] },
  };
}

/** Null where one of them does not tell of all its layers: a history has all or is none. */
function joinHistories(...configs: ImageConfig[]): NonNullable<ImageConfig['history']> | null {
  const isWhole = ({ history = [], rootfs }: ImageConfig): boolean => history.filter(({ empty_layer: isEmpty }) => isEmpty !== true).length === rootfs.diff_ids.length;
  return configs.every(isWhole) ? configs.flatMap(({ history = [] }) => history) : null;
}
