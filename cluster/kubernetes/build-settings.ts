/** Where and how builds run on a cluster; read from the environment by settings.ts. */
export interface BuildSettings {
  /** The namespace of build pods: no other pod is in it. */
  namespace: string;
  /** `host[:port][/prefix]`: where images are pushed, and pulled from by the nodes. */
  registry: string;
  /** Plain http: registry and mirrors. */
  registryInsecure: boolean;
  /** A dockerconfigjson Secret in the builds' namespace; null: the registry takes all. */
  registrySecret: string | null;
  /** Registries that are asked for images of docker.io first. */
  registryMirrors: string[];
  kanikoImage: string;
  /** run-image/Dockerfile, built and pushed. */
  stackImage: string;
  /** The platform's own image: it has buildpacks/. */
  builderImage: string;
  runtimeClass: string | null;
  /** Root in a build is nobody on its node; needs Kubernetes 1.33 and a runtime that can. */
  userNamespaces: boolean;
  /** How programs of a build reach the network: npm_config_registry, HTTPS_PROXY and so on. No secret. */
  environment: Record<string, string>;
}

/** The registry as its parts; the prefix is '' or ends with a slash. */
export function readRegistry(registry: string): { host: string; prefix: string } {
  const [host = '', ...rest] = registry.split('/').filter((part) => part !== '');
  return { host, prefix: rest.length === 0 ? '' : `${rest.join('/')}/` };
}

/** The repository of an app's images, within its registry. */
export const repositoryOf = (settings: Pick<BuildSettings, 'registry'>, appId: string): string => `${readRegistry(settings.registry).prefix}app-${appId}`;

/** The repository of its layers that builds keep for the next ones. */
export const cacheRepositoryOf = (settings: Pick<BuildSettings, 'registry'>, appId: string): string => `${repositoryOf(settings, appId)}/cache`;

/** All that the registry has of an app. */
export const repositoriesOf = (settings: Pick<BuildSettings, 'registry'>, appId: string): string[] => [repositoryOf(settings, appId), cacheRepositoryOf(settings, appId)];
