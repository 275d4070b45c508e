import type { Bus } from '../../bus/connect.ts';
import { faultPoint } from '../../service/fault.ts';
import type { Logger } from '../../service/log.ts';
import type { ClusterCommand, CommandResult, DeployCluster, ObservedReplica, Rollout, WantedApp } from '../deploy.ts';
import type { KubeApi } from './api.ts';
import { ensureBase } from './app/base.ts';
import { commandName } from './app/command-manifest.ts';
import { runCommand } from './app/command.ts';
import { provideConfig } from './app/config.ts';
import { appNamespace } from './app/names.ts';
import { watchNamespaces } from './app/namespaces.ts';
import type { ImageRelease } from './app/plan.ts';
import { isForbidden, provideNamespace } from './app/rights.ts';
import type { AppSettings, PlanSettings } from './app/settings.ts';
import { stepApp } from './app/step.ts';
import { openAppView } from './app/view.ts';
import type { AppView } from './app/view.ts';
import { createImageRemoval } from './image-removal.ts';

export interface KubernetesDeployOptions {
  api: KubeApi;
  bus: Bus;
  settings: AppSettings & PlanSettings;
  /** A dockerconfigjson to pull images with, as it is now; null: none is needed. */
  readLogin(): Promise<string | null>;
  /** Deletes an app's images and layer cache from the registry; what is gone already is well. */
  removeImages(appId: string, signal: AbortSignal): Promise<void>;
  log: Logger;
  onError(error: unknown, subject: string): void;
}

interface Answer { rollout: Rollout; replicas: ObservedReplica[] }

/** So many apps have all their objects watched; with more, what nobody but a hand changes is looked at now and then. */
const WATCH_ALL_OF = 300;
const REFRESH_MS = 600_000;

/** Apps on Kubernetes: a namespace each. Keeps no state that it could not read again. */
export function createKubernetesDeploy({ api, bus, settings, readLogin, removeImages, log, onError }: KubernetesDeployOptions): DeployCluster & { close(): void } {
  const closing = new AbortController();
  const timers = new Map<string, NodeJS.Timeout>();
  const views = new Map<string, AppView>();
  /** What was answered when all was well, and to what: the same again is answered without a look. */
  const settled = new Map<string, { wanted: string; revision: number; answer: Answer }>();
  /** Apps in whose namespace we were refused. */
  const refused = new Set<string>();
  /** Apps that no row knows, of whose namespace the operator was told. */
  const left = new Set<string>();
  let onChange: (appId: string | null) => void = () => undefined;
  const namespaces = watchNamespaces(api, (appId) => { onChange(appId); }, closing.signal);
  const images = createImageRemoval({ remove: removeImages, onEnd: (appId) => { onChange(appId); }, log });

  const lookAgain = (appId: string, at: number | null): void => {
    clearTimeout(timers.get(appId));
    timers.delete(appId);
    if (at !== null) timers.set(appId, setTimeout(() => { timers.delete(appId); onChange(appId); }, Math.max(at - Date.now(), 0) + 10));
  };
  const forget = (appId: string): void => {
    views.get(appId)?.close();
    views.delete(appId);
    settled.delete(appId);
    lookAgain(appId, null);
  };
  const open = async (app: { appId: string; name: string }): Promise<AppView> => {
    await provideNamespace(api, namespaces, app, settings, refused.has(app.appId));
    refused.delete(app.appId);
    const view = views.get(app.appId) ?? openAppView({ api, appId: app.appId, watchAll: namespaces.count() <= WATCH_ALL_OF, refreshMs: REFRESH_MS, onChange: () => { onChange(app.appId); } });
    views.set(app.appId, view);
    await view.synced();
    await view.refresh();
    return view;
  };
  /** Whatever is refused: the next try begins with the rights. */
  const inNamespace = async <T>(appId: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (isForbidden(error)) { refused.add(appId); forget(appId); }
      throw error;
    }
  };
  const reconcile = async (app: WantedApp): Promise<Answer> => {
    await namespaces.synced();
    if (!app.release && !namespaces.get(app.appId)) return { rollout: { status: 'complete' }, replicas: [] };
    // It comes back once it is gone, and the end of it is an event.
    if (namespaces.isGoing(app.appId)) { forget(app.appId); return { rollout: { status: 'progressing' }, replicas: [] }; }
    if (!hasImage(app)) return { rollout: withoutImage, replicas: [] };
    const view = await open(app);
    const wanted = JSON.stringify(app);
    const before = settled.get(app.appId);
    if (before?.wanted === wanted && before.revision === view.revision()) return before.answer;
    const revision = view.revision();
    await ensureBase({ api, view, settings, readLogin }, app);
    if (app.release) await provideConfig({ api, bus, view, appId: app.appId, release: app.release });
    const { lookAgainAt, ...answer } = await stepApp({ api, view, settings }, app);
    faultPoint('controller.replicas-wanted');
    if (answer.rollout.status === 'complete' && lookAgainAt === null && view.revision() === revision) settled.set(app.appId, { wanted, revision, answer });
    else settled.delete(app.appId);
    lookAgain(app.appId, lookAgainAt);
    return answer;
  };
  const command = async (wanted: ClusterCommand): Promise<CommandResult> => {
    await namespaces.synced();
    const app = { appId: wanted.appId, name: wanted.appName, release: wanted.release, processes: [] };
    if (!hasImage(app) || !app.release) return { status: 'ended', exitCode: 1, exitReason: 'the slug has no image', lastLines: [] };
    if (namespaces.isGoing(app.appId)) return { status: 'running' };
    const view = await open(app);
    await ensureBase({ api, view, settings, readLogin }, app);
    await provideConfig({ api, bus, view, appId: app.appId, release: app.release });
    const result = await runCommand(api, view, { ...wanted, release: app.release }, settings);
    // A pod that waits for a place or an image tells nothing when that took too long.
    lookAgain(app.appId, result.status === 'running' ? Date.now() + settings.waitSeconds * 1000 : null);
    return result;
  };
  return {
    // What is watched tells of itself, and is listed anew now and then.
    resyncMs: REFRESH_MS,
    reconcile: (app) => inNamespace(app.appId, () => reconcile(app)),
    runCommand: (wanted) => inNamespace(wanted.appId, () => command(wanted)),
    forgetCommand: async ({ id, appId }) => {
      await namespaces.synced();
      if (namespaces.get(appId) && !namespaces.isGoing(appId)) await inNamespace(appId, () => api.remove('Job', appNamespace(appId), commandName(id)));
    },
    present: async () => { await namespaces.synced(); return namespaces.appIds(); },
    leave: async (appId) => {
      await namespaces.synced();
      const isThere = namespaces.get(appId) !== null && !namespaces.isGoing(appId);
      if (isThere && !left.has(appId)) {
        log.info({ appId, namespace: appNamespace(appId) }, 'a namespace is of an app that the database does not know: it is left as it is, with all that runs in it, for it may be another Slipway\'s; if nothing needs it, delete it with kubectl delete namespace');
      }
      if (isThere) left.add(appId); else left.delete(appId);
    },
    remove: async (appId) => {
      forget(appId);
      const namespace = await api.get('Namespace', null, appNamespace(appId));
      if (namespace === null) return images.isOver(appId);
      if (namespace.metadata?.deletionTimestamp === undefined) await api.remove('Namespace', null, appNamespace(appId));
      return false;
    },
    watch: (callback) => { onChange = (appId) => { try { callback(appId); } catch (error) { onError(error, 'kubernetes.changed'); } }; },
    close: () => {
      closing.abort();
      images.close();
      for (const view of views.values()) view.close();
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}

const withoutImage: Rollout = {
  status: 'failed', reason: 'SLUG_UNAVAILABLE', message: 'The slug of this release has no image: it was built where there was no Kubernetes.', hint: 'Push again.', exitCode: null, lines: [],
};

const hasImage = (app: WantedApp): app is WantedApp & { release: ImageRelease | null } => app.release === null || app.release.image !== null;
