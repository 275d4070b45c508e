import { readEnv } from '../../service/env.ts';
import type { BuildCluster } from '../build.ts';
import { connectKube } from './api.ts';
import { createKubernetesBuild } from './build.ts';
import type { KubernetesBuildOptions } from './build.ts';
import type { BuildSettings } from './build-settings.ts';
import { kubernetesEnv } from './settings.ts';
import type { KubernetesSettings } from './settings.ts';

/** Builds in the cluster that this process runs in, by its environment. */
export function openKubernetesBuild(options: Pick<KubernetesBuildOptions, 'signal' | 'onError'>): BuildCluster {
  const env = readEnv(kubernetesEnv);
  return createKubernetesBuild({ ...options, api: connectKube({ kubeconfig: env.KUBECONFIG ?? null, onError: options.onError }), settings: buildSettingsOf(env) });
}

export const buildSettingsOf = (env: KubernetesSettings): BuildSettings => ({
  namespace: env.SLIPWAY_BUILDS_NAMESPACE, registry: env.SLIPWAY_REGISTRY, registryInsecure: env.SLIPWAY_REGISTRY_INSECURE, registrySecret: env.SLIPWAY_REGISTRY_SECRET ?? null,
  registryMirrors: env.SLIPWAY_REGISTRY_MIRRORS, kanikoImage: env.SLIPWAY_KANIKO_IMAGE, stackImage: env.SLIPWAY_STACK_IMAGE, builderImage: env.SLIPWAY_BUILDER_IMAGE,
  runtimeClass: env.SLIPWAY_RUNTIME_CLASS ?? null, userNamespaces: env.SLIPWAY_BUILD_USER_NAMESPACES, environment: env.SLIPWAY_BUILD_ENVIRONMENT,
});
