import { readFile } from 'node:fs/promises';
import { createRegistryClient } from '../../registry/client.ts';
import { deleteRepository } from '../../registry/delete-repository.ts';
import { readCredentials } from '../../registry/login.ts';
import { readEnv } from '../../service/env.ts';
import type { DeployCluster } from '../deploy.ts';
import type { OpenDeployOptions } from '../open-deploy.ts';
import { connectKube } from './api.ts';
import { readRegistry, repositoriesOf } from './build-settings.ts';
import { createKubernetesDeploy } from './deploy.ts';
import { deployEnv, kubernetesEnv } from './settings.ts';

/** Apps in the cluster that KUBECONFIG names, else the one that this process runs in. */
export function openKubernetesDeploy({ bus, bootSeconds, beforeWrite, onError, log }: OpenDeployOptions): DeployCluster & { close(): void } {
  const env = readEnv({ ...kubernetesEnv, ...deployEnv });
  const api = connectKube({ kubeconfig: env.KUBECONFIG ?? null, beforeWrite, onError });
  // Read each time: who changes the Secret restarts nothing.
  const readLogin = async (): Promise<string | null> => (env.SLIPWAY_REGISTRY_SECRET === undefined ? null : readFile(env.SLIPWAY_REGISTRY_LOGIN_FILE, 'utf8'));
  const cluster = createKubernetesDeploy({
    api, bus, readLogin, onError, log,
    removeImages: async (appId, signal) => {
      const { host } = readRegistry(env.SLIPWAY_REGISTRY);
      const login = await readLogin();
      const client = createRegistryClient({ host, insecure: env.SLIPWAY_REGISTRY_INSECURE, login: login === null ? null : readCredentials(login, host), signal });
      for (const repository of repositoriesOf({ registry: env.SLIPWAY_REGISTRY }, appId)) await deleteRepository(client, repository);
    },
    settings: {
      platformNamespace: env.SLIPWAY_NAMESPACE, ingressClass: env.SLIPWAY_INGRESS_CLASS, ingressNamespace: env.SLIPWAY_INGRESS_NAMESPACE, appsDomain: env.SLIPWAY_APPS_DOMAIN,
      privateCidrs: env.SLIPWAY_PRIVATE_CIDRS, pullSecret: env.SLIPWAY_REGISTRY_SECRET !== undefined,
      bootSeconds, drainSeconds: env.SLIPWAY_DRAIN_SECONDS, waitSeconds: env.SLIPWAY_WAIT_SECONDS, routeMs: env.SLIPWAY_ROUTE_MS,
    },
  });
  return { ...cluster, close: () => { cluster.close(); api.close(); } };
}
