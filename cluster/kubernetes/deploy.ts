import type { Bus } from '../../bus/connect.ts';
import { faultPoint } from '../../service/fault.ts';
import type { ClusterCommand, CommandResult, DeployCluster, ObservedReplica, Rollout, WantedApp } from '../deploy.ts';
import type { KubeApi } from './api.ts';
import { ensureBase } from './app/base.ts';
import { commandName } from './app/command-manifest.ts';
import { runCommand } from './app/command.ts';
import { provideConfig } from './app/config.ts';
import { createAttention } from './app/attention.ts';
import { appNamespace, sha256 } from './app/names.ts';
import { watchNamespaces } from './app/namespaces.ts';
import type { ImageRelease } from './app/plan.ts';
import { isForbidden, provideNamespace } from './app/rights.ts';
import type { AppSettings, PlanSettings } from './app/settings.ts';
import { stepApp } from './app/step.ts';
import { createTurns } from './app/turns.ts';
import type { TurnTiming } from './app/turns.ts';
import { openAppView } from './app/view.ts';
import type { AppView } from './app/view.ts';

export interface KubernetesDeployOptions {
  api: KubeApi;
  bus: Bus;
  settings: AppSettings & PlanSettings;
  /** A dockerconfigjson to pull images with, as it is now; null: none is needed. */
  readLogin(): Promise<string | null>;
  /** Deletes an app's images from the registry, as far as it lets us. */
  removeImages(appId: string): Promise<void>;
  onError(error: unknown, subject: string): void;
  /** For tests: how many apps are attended to, and when each has its turn. */
  attended?: number;
  turns?: TurnTiming;
}

/** An app whose release, if it has one, can run here. */
type ImageApp = WantedApp & { release: ImageRelease | null };

interface Answer { rollout: Rollout; replicas: ObservedReplica[] }

/** Apps on Kubernetes: a namespace each. Keeps no state that it could not read again. */
export function createKubernetesDeploy({ api, bus, settings, readLogin, removeImages, onError, attended, turns: turnTiming }: KubernetesDeployOptions): DeployCluster & { close(): void } {
  const closing = new AbortController();
  const timers = new Map<string, NodeJS.Timeout>();
  const views = new Map<string, AppView>();
  /** What was answered when all was well, and to what (a hash): the same again is answered without a look. */
  const settled = new Map<string, { wanted: string; revision: number; answer: Answer }>();
  /** What it was wanted to be (a hash) when all of it but its pods was found to be so; while that is so, only its Deployments are looked at. */
  const founded = new Map<string, string>();
  /** Apps in whose namespace we were refused. */
  const refused = new Set<string>();
  let onChange: (appId: string | null) => void = () => undefined;
  const namespaces = watchNamespaces(api, (appId) => { onChange(appId); }, closing.signal);
  const attention = createAttention(() => namespaces.count(), attended);
  const turns = createTurns((appId) => {
    views.get(appId)?.expire();
    settled.delete(appId);
    founded.delete(appId);
    onChange(appId);
  }, turnTiming);

  const lookAgain = (appId: string, at: number | null): void => {
    clearTimeout(timers.get(appId));
    timers.delete(appId);
    if (at !== null) timers.set(appId, setTimeout(() => { timers.delete(appId); onChange(appId); }, Math.max(at - Date.now(), 0) + 10));
  };
  const forget = (appId: string): void => {
    views.get(appId)?.close();
    views.delete(appId);
    settled.delete(appId);
    founded.delete(appId);
    attention.forget(appId);
    turns.remove(appId);
    lookAgain(appId, null);
  };
  const open = async (app: { appId: string; name: string }): Promise<AppView> => {
    await provideNamespace(api, namespaces, app, settings, refused.has(app.appId));
    refused.delete(app.appId);
    const view = views.get(app.appId) ?? openAppView(api, app.appId, () => { onChange(app.appId); });
    views.set(app.appId, view);
    turns.add(app.appId);
    try { await view.synced(); } catch (error) { forget(app.appId); throw error; }
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
  /** Looks at the app, sees to all that is no pod's, and works on it; until it is as wanted, it is attended to. `revision` is what was seen before anything was decided. */
  const attendTo = async <T>(app: ImageApp, view: AppView, wanted: string, work: (revision: number) => Promise<{ result: T; isQuiet: boolean }>): Promise<T> => {
    let isQuiet = false;
    attention.begin(app.appId);
    try {
      await view.look(founded.get(app.appId) !== wanted || attention.isForAll());
      const revision = view.revision();
      if (view.knowsAll()) {
        await ensureBase({ api, view, settings, readLogin }, app);
        founded.set(app.appId, wanted);
      }
      if (app.release) await provideConfig({ api, bus, view, appId: app.appId, release: app.release });
      const { result, ...done } = await work(revision);
      isQuiet = done.isQuiet;
      return result;
    } finally { attention.end(app.appId, view, isQuiet); }
  };
  const reconcile = async (app: WantedApp): Promise<Answer> => {
    await namespaces.synced();
    if (!app.release && !namespaces.get(app.appId)) return { rollout: { status: 'complete' }, replicas: [] };
    // It comes back once it is gone, and the end of it is an event.
    if (namespaces.isGoing(app.appId)) { forget(app.appId); return { rollout: { status: 'progressing' }, replicas: [] }; }
    if (!hasImage(app)) return { rollout: withoutImage, replicas: [] };
    const view = await open(app);
    const wanted = sha256(JSON.stringify(app));
    const before = settled.get(app.appId);
    if (before?.wanted === wanted && before.revision === view.revision()) return before.answer;
    return attendTo(app, view, wanted, async (revision) => {
      const { lookAgainAt, ...answer } = await stepApp({ api, view, settings }, app);
      faultPoint('controller.replicas-wanted');
      const isSettled = answer.rollout.status === 'complete' && lookAgainAt === null && view.revision() === revision;
      if (isSettled) settled.set(app.appId, { wanted, revision, answer }); else settled.delete(app.appId);
      lookAgain(app.appId, lookAgainAt);
      return { result: answer, isQuiet: isSettled && before === undefined };
    });
  };
  const command = async (wanted: ClusterCommand): Promise<CommandResult> => {
    await namespaces.synced();
    const app = { appId: wanted.appId, name: wanted.appName, release: wanted.release, processes: [] };
    if (!hasImage(app) || !app.release) return { status: 'ended', exitCode: 1, exitReason: 'the slug has no image', lastLines: [] };
    if (namespaces.isGoing(app.appId)) return { status: 'running' };
    const { release } = app;
    const view = await open(app);
    return attendTo(app, view, sha256(JSON.stringify(app)), async () => {
      const result = await runCommand(api, view, { ...wanted, release }, settings);
      // A pod that waits for a place or an image tells nothing when that took too long.
      lookAgain(app.appId, result.status === 'running' ? Date.now() + settings.waitSeconds * 1000 : null);
      return { result, isQuiet: false };
    });
  };
  return {
    // Each app has its turn.
    resyncMs: Infinity,
    reconcile: (app) => inNamespace(app.appId, () => reconcile(app)),
    runCommand: (wanted) => inNamespace(wanted.appId, () => command(wanted)),
    forgetCommand: async ({ id, appId }) => {
      await namespaces.synced();
      if (namespaces.get(appId) && !namespaces.isGoing(appId)) await inNamespace(appId, () => api.remove('Job', appNamespace(appId), commandName(id)));
    },
    remove: async (appId) => {
      forget(appId);
      const namespace = await api.get('Namespace', null, appNamespace(appId));
      if (namespace === null) {
        await removeImages(appId);
        return true;
      }
      if (namespace.metadata?.deletionTimestamp === undefined) await api.remove('Namespace', null, appNamespace(appId));
      return false;
    },
    watch: (callback) => { onChange = (appId) => { try { callback(appId); } catch (error) { onError(error, 'kubernetes.changed'); } }; },
    close: () => {
      closing.abort();
      turns.close();
      for (const view of views.values()) view.close();
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}

const withoutImage: Rollout = {
  status: 'failed', reason: 'SLUG_UNAVAILABLE', message: 'The slug of this release has no image: it was built where there was no Kubernetes.', hint: 'Push again.', exitCode: null, lines: [],
};

const hasImage = (app: WantedApp): app is ImageApp => app.release === null || app.release.image !== null;
