import { readFile } from 'node:fs/promises';
import { readEnv } from '../../service/env.ts';
import type { DeployCluster } from '../deploy.ts';
import type { OpenDeployOptions } from '../open-deploy.ts';
import { connectKube } from './api.ts';
import { createKubernetesDeploy } from './deploy.ts';
import { removeRepository } from './registry.ts';
import { deployEnv, kubernetesEnv } from './settings.ts';

/** Apps in the cluster that this process runs in, by its environment. */
export function openKubernetesDeploy({ bus, bootSeconds, onError }: OpenDeployOptions): DeployCluster & { close(): void } {
  const env = readEnv({ ...kubernetesEnv, ...deployEnv });
  const api = connectKube({ kubeconfig: null });
  // Read each time: who changes the Secret restarts nothing.
  const readLogin = async (): Promise<string | null> => (env.SLIPWAY_REGISTRY_SECRET === undefined ? null : readFile(env.SLIPWAY_REGISTRY_LOGIN_FILE, 'utf8'));
  const cluster = createKubernetesDeploy({
    api, bus, readLogin, onError,
    removeImages: async (appId) => {
      await removeRepository({ registry: env.SLIPWAY_REGISTRY, insecure: env.SLIPWAY_REGISTRY_INSECURE, login: await readLogin() }, `app-${appId}`)
        .catch((error: unknown) => { onError(error, `images of app ${appId}, which stay in the registry`); });
    },
    settings: {
      platformNamespace: env.SLIPWAY_NAMESPACE, ingressClass: env.SLIPWAY_INGRESS_CLASS, ingressNamespace: env.SLIPWAY_INGRESS_NAMESPACE, appsDomain: env.SLIPWAY_APPS_DOMAIN,
      privateCidrs: env.SLIPWAY_PRIVATE_CIDRS, pullSecret: env.SLIPWAY_REGISTRY_SECRET !== undefined,
      bootSeconds, drainSeconds: env.SLIPWAY_DRAIN_SECONDS, waitSeconds: env.SLIPWAY_WAIT_SECONDS, routeMs: env.SLIPWAY_ROUTE_MS,
    },
  });
  return { ...cluster, close: () => { cluster.close(); api.close(); } };
}
