import { setTimeout as pause } from 'node:timers/promises';
import type { V1Namespace, V1ServiceAccount } from '@kubernetes/client-node';
import { KubeError } from '../api.ts';
import type { KubeApi } from '../api.ts';
import { namespaceManifest, roleBindingManifest } from './app-manifests.ts';
import { isApplied, stamp } from './covers.ts';
import { appNamespace } from './names.ts';
import type { Namespaces } from './namespaces.ts';
import type { AppSettings } from './settings.ts';

/** The API server's authorizer learns of a RoleBinding a moment after it is written. */
const GRANTED_WITHIN_MS = 10_000;

export const isForbidden = (error: unknown): boolean => error instanceof KubeError && error.status === 403;

/** The namespace is there and we may work in it. @param again also the rights are given anew: they were found missing */
export async function provideNamespace(api: KubeApi, namespaces: Namespaces, app: { appId: string; name: string }, settings: AppSettings, again: boolean): Promise<void> {
  const wanted = stamp(namespaceManifest(app.appId, app.name));
  const live = namespaces.get(app.appId);
  if (!again && isApplied(live, wanted)) return;
  namespaces.put(await api.apply<V1Namespace>(wanted));
  await api.apply(stamp(roleBindingManifest(app.appId, settings)));
  await untilGranted(api, app.appId);
}

async function untilGranted(api: KubeApi, appId: string): Promise<void> {
  for (const deadline = Date.now() + GRANTED_WITHIN_MS; ;) {
    try {
      await api.get<V1ServiceAccount>('ServiceAccount', appNamespace(appId), 'default');
      return;
    } catch (error) {
      if (!isForbidden(error) || Date.now() > deadline) throw error;
      await pause(50);
    }
  }
}
