import type { WantedApp } from '../../deploy.ts';
import type { KubeApi } from '../api.ts';
import type { Kind, KubeObject } from '../kinds.ts';
import { accountManifest, networkPolicyManifest, PULL_SECRET, pullSecretManifest, quotaManifest } from './app-manifests.ts';
import { isApplied, stamp } from './covers.ts';
import { appNamespace, sha256 } from './names.ts';
import type { AppSettings } from './settings.ts';
import type { AppView } from './view.ts';
import { ingressManifest, serviceManifest } from './web-manifests.ts';

export interface BaseOptions { api: KubeApi; view: AppView; settings: AppSettings; readLogin(): Promise<string | null> }

/** All of an app that no release changes; written only where it is not as wanted. What keeps others out comes first. */
export async function ensureBase(options: BaseOptions, { appId, name, formerNames, processes }: WantedApp): Promise<void> {
  const { settings } = options;
  await ensure(options, networkPolicyManifest(appId, settings));
  await ensure(options, accountManifest(appId));
  await ensure(options, quotaManifest(appId));
  if (settings.pullSecret) await ensureLogin(options, appId);
  if (!processes.some(({ type }) => type === 'web')) return;
  await ensure(options, serviceManifest(appId));
  await ensure(options, ingressManifest(appId, [name, ...formerNames], settings));
}

/** Applies an object where it is not as it was applied last, or somebody changed it. */
export async function ensure({ api, view }: Pick<BaseOptions, 'api' | 'view'>, manifest: KubeObject): Promise<void> {
  const wanted = stamp(manifest);
  if (!isApplied(view.object(wanted.kind as Kind, wanted.metadata?.name ?? ''), wanted)) view.put(await api.apply(wanted));
}

/** Secrets are not watched: it is compared once, and again when the login changed. */
async function ensureLogin({ api, view, readLogin }: BaseOptions, appId: string): Promise<void> {
  const login = await readLogin();
  if (login === null) return;
  const known = `${PULL_SECRET}/${sha256(login)}`;
  if (view.configs.has(known)) return;
  const wanted = stamp(pullSecretManifest(appId, login));
  if (!isApplied(await api.get('Secret', appNamespace(appId), PULL_SECRET), wanted)) await api.apply(wanted);
  view.configs.set(known, Date.now());
}
