import { createLocalBuildCluster } from './local/build.ts';
import type { BuildCluster } from './build.ts';
import type { Bus } from '../bus/connect.ts';

export interface OpenBuildOptions { bus: Bus; signal: AbortSignal; onError(error: unknown, subject: string): void }

/** Where builds run, by SLIPWAY_CLUSTER: under this machine's node, or in Kubernetes. */
export async function openBuildCluster({ bus, signal, onError }: OpenBuildOptions): Promise<BuildCluster> {
  return createLocalBuildCluster(bus, signal, onError);
}
