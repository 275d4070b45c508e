import { faultPoint } from '../../service/fault.ts';
import type { Logger } from '../../service/log.ts';
import type { ClusterCommand, CommandResult, DeployCluster, ObservedReplica, Rollout, WantedApp } from '../deploy.ts';
import { createAppCare, hashOf } from './app/care.ts';
import type { CareOptions, ImageApp } from './app/care.ts';
import { commandName } from './app/command-manifest.ts';
import { runCommand } from './app/command.ts';
import { appNamespace } from './app/names.ts';
import { watchNamespaces } from './app/namespaces.ts';
import type { PlanSettings } from './app/settings.ts';
import { stepApp } from './app/step.ts';
import { createImageRemoval } from './image-removal.ts';

export interface KubernetesDeployOptions extends Omit<CareOptions, 'namespaces' | 'onChange'> {
  settings: CareOptions['settings'] & PlanSettings;
  /** Deletes an app's images and layer cache from the registry; what is gone already is well. */
  removeImages(appId: string, signal: AbortSignal): Promise<void>;
  log: Logger;
  onError(error: unknown, subject: string): void;
}

interface Answer { rollout: Rollout; replicas: ObservedReplica[] }

/** Apps on Kubernetes: a namespace each. Keeps no state that it could not read again. */
export function createKubernetesDeploy({ api, settings, removeImages, log, onError, ...options }: KubernetesDeployOptions): DeployCluster & { close(): void } {
  const closing = new AbortController();
  /** What was answered when all was well, and to what: the same again is answered without a look. */
  const settled = new Map<string, { wanted: string; revision: number; answer: Answer }>();
  /** Apps that no row knows, of whose namespace the operator was told. */
  const left = new Set<string>();
  let onChange: (appId: string | null) => void = () => undefined;
  const namespaces = watchNamespaces(api, (appId) => { onChange(appId); }, closing.signal);
  const care = createAppCare({ ...options, api, settings, namespaces, onChange: (appId) => { onChange(appId); } });
  const images = createImageRemoval({ remove: removeImages, onEnd: (appId) => { onChange(appId); }, log });

  const forget = (appId: string): void => {
    care.forget(appId);
    settled.delete(appId);
  };
  const reconcile = async (app: WantedApp): Promise<Answer> => {
    await namespaces.synced();
    const { appId } = app;
    if (!app.release && !namespaces.get(appId)) return { rollout: { status: 'complete' }, replicas: [] };
    // It comes back once it is gone, and the end of it is an event.
    if (namespaces.isGoing(appId)) { forget(appId); return { rollout: { status: 'progressing' }, replicas: [] }; }
    if (!hasImage(app)) return { rollout: withoutImage, replicas: [] };
    const view = await care.open(app);
    const wanted = hashOf(app);
    const before = settled.get(appId);
    const isSame = before === undefined || (before.wanted === wanted && before.revision === view.revision());
    if (before && isSame && care.isFounded(app)) return before.answer;
    return care.attendTo(app, view, async (revision) => {
      const { lookAgainAt, ...answer } = await stepApp({ api, view, settings }, app);
      faultPoint('controller.replicas-wanted');
      const isSettled = answer.rollout.status === 'complete' && lookAgainAt === null && view.revision() === revision;
      if (isSettled) settled.set(appId, { wanted, revision, answer }); else settled.delete(appId);
      care.lookAgain(appId, lookAgainAt);
      return { result: answer, isQuiet: isSettled && isSame };
    });
  };
  const command = async (wanted: ClusterCommand): Promise<CommandResult> => {
    await namespaces.synced();
    const app = { appId: wanted.appId, name: wanted.appName, formerNames: [], release: wanted.release, processes: [] };
    if (!hasImage(app) || !app.release) return { status: 'ended', exitCode: 1, exitReason: 'the slug has no image', lastLines: [] };
    if (namespaces.isGoing(app.appId)) return { status: 'running' };
    const { release } = app;
    const view = await care.open(app);
    return care.attendTo(app, view, async () => {
      const result = await runCommand(api, view, { ...wanted, release }, settings);
      // A pod that waits for a place or an image tells nothing when that took too long.
      care.lookAgain(app.appId, result.status === 'running' ? Date.now() + settings.waitSeconds * 1000 : null);
      return { result, isQuiet: false };
    });
  };
  return {
    // Each app has its turn.
    resyncMs: Infinity,
    reconcile: (app) => care.inNamespace(app.appId, () => reconcile(app)),
    runCommand: (wanted) => care.inNamespace(wanted.appId, () => command(wanted)),
    forgetCommand: async ({ id, appId }) => {
      await namespaces.synced();
      if (namespaces.get(appId) && !namespaces.isGoing(appId)) await care.inNamespace(appId, () => api.remove('Job', appNamespace(appId), commandName(id)));
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
      care.close();
    },
  };
}

const withoutImage: Rollout = {
  status: 'failed', reason: 'SLUG_UNAVAILABLE', message: 'The slug of this release has no image: it was built where there was no Kubernetes.', hint: 'Push again.', exitCode: null, lines: [],
};

const hasImage = (app: WantedApp): app is ImageApp => app.release === null || app.release.image !== null;
