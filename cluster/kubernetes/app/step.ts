import type { ObservedReplica, Rollout, WantedApp } from '../../deploy.ts';
import type { KubeApi } from '../api.ts';
import { ensure } from './base.ts';
import { pruneConfigs } from './config.ts';
import type { FoundFailure } from './failure.ts';
import { annotation, appNamespace } from './names.ts';
import { planApp } from './plan.ts';
import type { AppPlan, ImageRelease, PodNaming } from './plan.ts';
import { CONTAINER, deploymentManifest } from './process-manifests.ts';
import type { AppSettings, PlanSettings } from './settings.ts';
import type { AppView } from './view.ts';

export interface StepOptions { api: KubeApi; view: AppView; settings: AppSettings & PlanSettings }

const LINES = 20;

/** Plans the next step from what is seen now, and takes it. */
export async function stepApp(options: StepOptions, app: WantedApp & { release: ImageRelease | null }): Promise<{ rollout: Rollout; replicas: ObservedReplica[]; lookAgainAt: number | null }> {
  const { api, view, settings } = options;
  const namespace = appNamespace(app.appId);
  const plan = planApp(app, { pods: view.pods(), deployments: view.deployments(), routeChangedAt: view.routeChangedAt() }, settings, Date.now());
  // Who goes first must be known before fewer are asked for.
  for (const naming of plan.naming) await api.patch('Pod', namespace, naming.pod, namingPatch(naming));
  for (const pod of plan.clean) await api.remove('Pod', namespace, pod);
  for (const { template, replicas, hold } of plan.deployments ?? []) await ensure(options, deploymentManifest(template, { replicas, hold }, settings));
  for (const name of plan.remove) await api.remove('Deployment', namespace, name);
  if (plan.rollout.status === 'complete') await tidy(options, app);
  return { rollout: await withLines(api, namespace, plan), replicas: plan.replicas, lookAgainAt: plan.lookAgainAt };
}

const namingPatch = ({ index, release, releaseId, deletionCost }: PodNaming): object => ({
  metadata: { annotations: {
    [annotation.index]: String(index), [annotation.release]: String(release), [annotation.releaseId]: releaseId,
    ...(deletionCost === 0 ? {} : { [annotation.deletionCost]: String(deletionCost) }),
  } },
});

/** What only an older release needed goes once the new one is complete. */
async function tidy({ api, view }: StepOptions, { appId, processes, release }: WantedApp): Promise<void> {
  const namespace = appNamespace(appId);
  if (release && !processes.some(({ type }) => type === 'web')) {
    for (const kind of ['Ingress', 'Service'] as const) if (view.object(kind, 'web')) await api.remove(kind, namespace, 'web');
  }
  if (view.configs.size > view.tidied()) { await pruneConfigs(api, view, appId); view.tidy(); }
}

async function withLines(api: KubeApi, namespace: string, { rollout, failure }: AppPlan): Promise<Rollout> {
  if (rollout.status !== 'failed' || !failure?.lines) return rollout;
  return { ...rollout, lines: await linesOf(api, namespace, failure.lines) };
}

/** A container that was just made anew may have no lines of its last life any more; then none are told. */
const linesOf = (api: KubeApi, namespace: string, { pod, previous }: NonNullable<FoundFailure['lines']>): Promise<string[]> =>
  api.podLog(namespace, pod, CONTAINER, { tailLines: LINES, previous }).catch(() => []);
