import { accountManifest, configManifest, namespaceManifest, networkPolicyManifest, quotaManifest, roleBindingManifest } from '../../cluster/kubernetes/app/app-manifests.ts';
import { stamp } from '../../cluster/kubernetes/app/covers.ts';
import { annotation, appNamespace } from '../../cluster/kubernetes/app/names.ts';
import { deploymentManifest, templateOf } from '../../cluster/kubernetes/app/process-manifests.ts';
import type { AppSettings } from '../../cluster/kubernetes/app/settings.ts';
import { ingressManifest, serviceManifest } from '../../cluster/kubernetes/app/web-manifests.ts';
import type { WantedApp } from '../../cluster/deploy.ts';
import type { FakeStore, StoredObject } from './fake-kube-store.ts';

/** A replica as it is in the rows once the app has settled. */
export interface SettledReplica { id: string; appId: string; releaseId: string; process: string; index: number; startedAt: string; readyAt: string }

/** An app as a controller has left it in the cluster: for thousands of them that takes a controller long. */
export async function putSettledApp(store: FakeStore, app: WantedApp, settings: AppSettings): Promise<SettledReplica[]> {
  const { appId, name, formerNames, release } = app;
  if (!release?.image) throw new Error('An app that has settled has a release with an image.');
  const web = { ...release, image: release.image };
  const manifests = [
    namespaceManifest(appId, name), roleBindingManifest(appId, settings), networkPolicyManifest(appId, settings), accountManifest(appId), quotaManifest(appId), serviceManifest(appId), ingressManifest(appId, [name, ...formerNames], settings),
    ...app.processes.map((process) => deploymentManifest(templateOf(app, web, process), { replicas: process.quantity, hold: false }, settings)),
  ];
  for (const manifest of manifests) store.apply(JSON.parse(JSON.stringify(stamp(manifest))) as Record<string, unknown>);
  store.apply(JSON.parse(JSON.stringify(configManifest(appId, release.configFingerprint, []))) as Record<string, unknown>);
  // Its pods come in a moment of their own.
  await Promise.resolve();
  return store.list('Pod', appNamespace(appId)).map((pod, nth) => named(store, app, web, pod, nth + 1));
}

function named(store: FakeStore, { appId }: WantedApp, release: { id: string; version: number }, pod: StoredObject, index: number): SettledReplica {
  const { metadata, status } = store.merge('Pod', appNamespace(appId), pod.metadata.name, { metadata: { annotations: { [annotation.index]: String(index), [annotation.release]: String(release.version), [annotation.releaseId]: release.id } } }) ?? pod;
  const { conditions, containerStatuses } = status as { conditions: { type: string; lastTransitionTime: string }[]; containerStatuses: { state: { running: { startedAt: string } } }[] };
  return {
    id: String(metadata.uid), appId, releaseId: release.id, process: (metadata.annotations as Record<string, string>)[annotation.process] ?? '', index,
    startedAt: containerStatuses[0]?.state.running.startedAt ?? '', readyAt: conditions.find(({ type }) => type === 'Ready')?.lastTransitionTime ?? '',
  };
}
