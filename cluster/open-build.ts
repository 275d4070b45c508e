import type { Bus } from '../bus/connect.ts';
import { readEnv } from '../service/env.ts';
import type { BuildCluster } from './build.ts';
import { clusterEnv } from './cluster-env.ts';
import { createLocalBuildCluster } from './local/build.ts';

export interface OpenBuildOptions { bus: Bus; signal: AbortSignal; onError(error: unknown, subject: string): void }

/** Where builds run, by SLIPWAY_CLUSTER: under this machine's node, or in Kubernetes. What only one of them needs is not loaded for the other. */
export async function openBuildCluster({ bus, signal, onError }: OpenBuildOptions): Promise<BuildCluster> {
  if (readEnv(clusterEnv).SLIPWAY_CLUSTER === 'local') return createLocalBuildCluster(bus, signal, onError);
  const { openKubernetesBuild } = await import('./kubernetes/open-build.ts');
  return openKubernetesBuild({ signal, onError });
}
