import { BuildFailure } from '../lifecycle/failure.ts';
import { digestOf, OCI_MANIFEST } from './registry-repository.ts';
import type { BlobReference, ImageConfig, Manifest, Repository } from './registry-repository.ts';

const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json';
/** The same bytes, by the name that an OCI manifest has for them. */
const ociNames: Record<string, string> = {
  'application/vnd.docker.image.rootfs.diff.tar.gzip': 'application/vnd.oci.image.layer.v1.tar+gzip',
  'application/vnd.docker.image.rootfs.diff.tar': 'application/vnd.oci.image.layer.v1.tar',
};

/**
 * The image of an app: the stack image with what Kaniko made of the slug alone above it. The stack's layers stay where they are; Kaniko would
 * unpack all of them for each build, to add one. All blobs are in `own` afterwards, the manifest is not.
 */
export async function layOnStack(own: Repository, slug: Manifest, stack: Repository, reference: string): Promise<Manifest> {
  const above = await own.config(slug);
  const base = await stack.manifest(reference, above.architecture);
  if (base === null) throw new BuildFailure('INTERNAL', `The registry has no stack image ${stack.name} ${reference} for linux/${above.architecture}.`, 'Tell the operator: SLIPWAY_STACK_IMAGE names what k8s/build-images.mjs pushed.');
  const [below] = await Promise.all([stack.config(base), ...base.layers.map((layer) => own.take(stack, layer))]);
  const config = await own.put(OCI_CONFIG, Buffer.from(JSON.stringify(joinConfigs(below, above))));
  const layers = [...base.layers, ...slug.layers].map((layer): BlobReference => ({ ...layer, mediaType: ociNames[layer.mediaType] ?? layer.mediaType }));
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers }));
  return { digest: digestOf(bytes), mediaType: OCI_MANIFEST, bytes, config, layers };
}

/** All is as the stack image has it (user, entrypoint, environment), with the labels of both and the layers of both. Pure. */
export function joinConfigs(below: ImageConfig, above: ImageConfig): ImageConfig {
  const { history: _, ...rest } = below;
  const history = joinHistories(below, above);
  return {
    ...rest, ...(above.created === undefined ? {} : { created: above.created }), ...(history === null ? {} : { history }),
    config: { ...below.config, Labels: { ...below.config?.Labels, ...above.config?.Labels } },
    rootfs: { type: 'layers', diff_ids: [...below.rootfs.diff_ids, ...above.rootfs.diff_ids] },
  };
}

/** Null where one of them does not tell of all its layers: a history has all or is none. */
function joinHistories(...configs: ImageConfig[]): NonNullable<ImageConfig['history']> | null {
  const isWhole = ({ history = [], rootfs }: ImageConfig): boolean => history.filter(({ empty_layer: isEmpty }) => isEmpty !== true).length === rootfs.diff_ids.length;
  return configs.every(isWhole) ? configs.flatMap(({ history = [] }) => history) : null;
}
