import type { Bus } from '../bus/connect.ts';
import type { DeployCluster } from './deploy.ts';
import { createLocalDeploy } from './local/deploy.ts';

export interface OpenDeployOptions {
  bus: Bus;
  /** How long a web replica may take to listen. */
  bootSeconds: number;
  onError(error: unknown, subject: string): void;
}

/** Where apps run, by SLIPWAY_CLUSTER: under this machine's node, or in Kubernetes. */
export async function openDeployCluster({ bus, bootSeconds, onError }: OpenDeployOptions): Promise<DeployCluster & { close(): void }> {
  return createLocalDeploy({ bus, bootSeconds, onError });
}
