import type { Bus } from '../bus/connect.ts';
import { readEnv } from '../service/env.ts';
import type { Logger } from '../service/log.ts';
import { clusterEnv } from './cluster-env.ts';
import type { DeployCluster } from './deploy.ts';
import { createLocalDeploy } from './local/deploy.ts';

export interface OpenDeployOptions {
  bus: Bus;
  /** How long a web replica may take to listen. */
  bootSeconds: number;
  /** Called just before anything is changed; throws where that may not be any more. */
  beforeWrite(): void;
  onError(error: unknown, subject: string): void;
  log: Logger;
}

/** Where apps run, by SLIPWAY_CLUSTER: under this machine's node, or in Kubernetes. What only one of them needs is not loaded for the other. */
export async function openDeployCluster(options: OpenDeployOptions): Promise<DeployCluster & { close(): void }> {
  if (readEnv(clusterEnv).SLIPWAY_CLUSTER === 'local') return createLocalDeploy(options);
  const { openKubernetesDeploy } = await import('./kubernetes/open-deploy.ts');
  return openKubernetesDeploy(options);
}
