import type { V1Secret } from '@kubernetes/client-node';
import { ask } from '../../../bus/ask.ts';
import { replicaContext } from '../../../bus/app.ts';
import type { Bus } from '../../../bus/connect.ts';
import type { WantedRelease } from '../../deploy.ts';
import type { KubeApi } from '../api.ts';
import { configManifest } from './app-manifests.ts';
import { appNamespace, configName, label } from './names.ts';
import { configOf } from './seen.ts';
import type { AppView } from './view.ts';

/** So many configs that nothing runs with are kept for rollbacks; an older one is asked for again. */
const KEEP = 10;
/** What was needed so recently may be needed by a pod that has not read it yet. */
const RECENT_MS = 3_600_000;

/** The Secret with a release's config is there; its content is asked for where it is not, and kept nowhere else. */
export async function provideConfig({ api, bus, view, appId, release }: { api: KubeApi; bus: Bus; view: AppView; appId: string; release: Pick<WantedRelease, 'id' | 'configFingerprint'> }): Promise<void> {
  const name = configName(release.configFingerprint);
  const missing = view.pods().some(({ waiting }) => waiting?.reason === 'CreateContainerConfigError' && waiting.message.includes(name));
  if (!view.configs.has(name) || missing) {
    if (await api.get<V1Secret>('Secret', appNamespace(appId), name) === null) {
      const { config } = await ask(bus, replicaContext, { appId, releaseId: release.id });
      await api.apply(configManifest(appId, release.configFingerprint, config));
    }
  }
  view.configs.set(name, Date.now());
}

/** Deletes configs that are neither in use nor among the last ones. */
export async function pruneConfigs(api: KubeApi, view: AppView, appId: string): Promise<void> {
  const namespace = appNamespace(appId);
  const secrets = await api.list<V1Secret>('Secret', namespace, { labels: `${label.config}=true` });
  const used = new Set([...view.deployments().map(configOf), ...view.pods().map(({ template }) => template.split('.')[1])]);
  for (const [name, neededAt] of view.configs) if (neededAt > Date.now() - RECENT_MS) used.add(name);
  const rest = secrets.filter(({ metadata }) => !used.has(metadata?.name ?? '')).sort((a, b) => createdAt(b) - createdAt(a));
  for (const { metadata } of rest.slice(KEEP)) {
    view.configs.delete(metadata?.name ?? '');
    await api.remove('Secret', namespace, metadata?.name ?? '');
  }
}

const createdAt = ({ metadata }: V1Secret): number => (metadata?.creationTimestamp ? new Date(metadata.creationTimestamp).getTime() : 0);
