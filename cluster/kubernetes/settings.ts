import { z } from 'zod';

const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const HOST = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

/** What Kubernetes takes as the name of an object of ours. */
const objectName = z.string().regex(NAME, 'must be a name as Kubernetes takes it: lower case letters, digits and "-"');
/** "true" or "false", as every YAML writer writes it. */
const flag = z.enum(['true', 'false'], 'must be true or false').default('false').transform((text) => text === 'true');
/** Words with commas between them. */
const list = z.string().default('').transform((text) => text.split(',').map((word) => word.trim()).filter((word) => word !== ''));
const image = z.string().regex(/^[a-z0-9][a-z0-9.:/_@-]*$/i, 'must name an image, as registry.example.com/slipway/platform:tag');
const registry = z.string().regex(/^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)*$/, 'must be host[:port][/prefix] in lower case, without https://');

const PRIVATE_RANGES = 'must be IP ranges, as 10.0.0.0/8 or fd00::/8, with commas between them, and none of them all there is';

/** Settings of a platform on Kubernetes; spread into the readEnv of who uses the cluster. Secrets are named here, never held. */
export const kubernetesEnv = {
  /** For a process outside of the cluster; inside, its own account is used. */
  KUBECONFIG: z.string().min(1).optional(),
  /** Where the platform itself runs. */
  SLIPWAY_NAMESPACE: objectName.default('slipway'),
  SLIPWAY_BUILDS_NAMESPACE: objectName.default('slipway-builds'),
  /** Where apps' images are pushed to and pulled from. */
  SLIPWAY_REGISTRY: registry,
  /** Plain http. */
  SLIPWAY_REGISTRY_INSECURE: flag,
  /** A Secret of type kubernetes.io/dockerconfigjson in the builds' namespace, and in the platform's. */
  SLIPWAY_REGISTRY_SECRET: objectName.optional(),
  /** Registries that base images are fetched from instead of Docker Hub. */
  SLIPWAY_REGISTRY_MIRRORS: list.pipe(z.array(registry)),
  SLIPWAY_INGRESS_CLASS: objectName,
  /** Whose pods may reach apps: where the Ingress controller runs. */
  SLIPWAY_INGRESS_NAMESPACE: objectName,
  /** Apps are at https://<app>.<this>. */
  SLIPWAY_APPS_DOMAIN: z.string().regex(HOST, 'must be a domain name in lower case'),
  /** What builds images in a pod. Kaniko's own repository is archived; this fork of it is maintained. */
  SLIPWAY_KANIKO_IMAGE: image.default('ghcr.io/osscontainertools/kaniko:v1.26.3'),
  /** What apps run on: run-image/. */
  SLIPWAY_STACK_IMAGE: image,
  /** The platform's own image, which prepares and publishes builds. */
  SLIPWAY_BUILDER_IMAGE: image,
  SLIPWAY_RUNTIME_CLASS: objectName.optional(),
  SLIPWAY_BUILD_USER_NAMESPACES: flag,
  /** How programs of a build reach the network, as npm_config_registry=https://npm.example.com: words with commas between them, and no secret. */
  SLIPWAY_BUILD_ENVIRONMENT: list.pipe(z.array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*=/, 'must be NAME=value, with commas between several'))).transform((words) => Object.fromEntries(words.map((word) => {
    const at = word.indexOf('=');
    return [word.slice(0, at), word.slice(at + 1)];
  }))),
  /** What apps cannot reach though they may reach the internet; with IPv6 ranges among them they reach that of IPv6 too. */
  SLIPWAY_PRIVATE_CIDRS: z.string().default('10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,100.64.0.0/10,169.254.0.0/16').transform((text) => text.split(',').map((word) => word.trim()))
    .pipe(z.array(z.union([z.cidrv4(), z.cidrv6()], PRIVATE_RANGES).refine((cidr) => !cidr.endsWith('/0'), PRIVATE_RANGES))),
};

/** More, of who runs apps. */
export const deployEnv = {
  /** The content of the Secret that SLIPWAY_REGISTRY_SECRET names, as a file. */
  SLIPWAY_REGISTRY_LOGIN_FILE: z.string().default('/registry/.dockerconfigjson'),
  /** How long a web replica may finish what it has begun when it is to stop. */
  SLIPWAY_DRAIN_SECONDS: z.coerce.number().nonnegative().default(10),
  /** How long a replica may wait for room on a node, or for a registry that does not answer. */
  SLIPWAY_WAIT_SECONDS: z.coerce.number().positive().default(120),
  /** How long the Ingress controller may take to route as the pods are. */
  SLIPWAY_ROUTE_MS: z.coerce.number().nonnegative().default(3_000),
};

export type KubernetesSettings = z.output<z.ZodObject<typeof kubernetesEnv>>;
