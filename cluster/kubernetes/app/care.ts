import type { Bus } from '../../../bus/connect.ts';
import type { WantedApp } from '../../deploy.ts';
import type { KubeApi } from '../api.ts';
import { createAttention } from './attention.ts';
import { ensureBase } from './base.ts';
import { provideConfig } from './config.ts';
import { sha256 } from './names.ts';
import type { Namespaces } from './namespaces.ts';
import type { ImageRelease } from './plan.ts';
import { isForbidden, provideNamespace } from './rights.ts';
import type { AppSettings } from './settings.ts';
import { createTurns } from './turns.ts';
import type { TurnTiming } from './turns.ts';
import { openAppView } from './view.ts';
import type { AppView } from './view.ts';

/** An app whose release, if it has one, can run here. */
export type ImageApp = WantedApp & { release: ImageRelease | null };

export interface CareOptions {
  api: KubeApi;
  bus: Bus;
  settings: AppSettings;
  /** A dockerconfigjson to pull images with, as it is now; null: none is needed. */
  readLogin(): Promise<string | null>;
  namespaces: Namespaces;
  onChange(appId: string): void;
  /** For tests: how many apps are attended to, and when each has its turn. */
  attended?: number;
  turns?: TurnTiming;
}

/** What we see of apps, how closely we look, and all of them that is no pod's. */
export interface AppCare {
  /** The app has a namespace in which we may work, and its pods are known. */
  open(app: { appId: string; name: string }): Promise<AppView>;
  /** All that is no pod's was found to be as this app wants it, and it had no turn since. */
  isFounded(app: WantedApp): boolean;
  /** Looks at the app, sees to all that is no pod's, and works on it. The app is attended to until work on it says that nothing was to be done. `revision` is what was seen before anything was decided. */
  attendTo<T>(app: ImageApp, view: AppView, work: (revision: number) => Promise<{ result: T; isQuiet: boolean }>): Promise<T>;
  /** Whatever is refused in the app's namespace: the next try begins with the rights. */
  inNamespace<T>(appId: string, work: () => Promise<T>): Promise<T>;
  /** Tells of the app at this time though nothing changes; null: not any more. */
  lookAgain(appId: string, at: number | null): void;
  forget(appId: string): void;
  close(): void;
}

export const hashOf = (app: WantedApp): string => sha256(JSON.stringify(app));

export function createAppCare({ api, bus, settings, readLogin, namespaces, onChange, attended, turns: timing }: CareOptions): AppCare {
  const views = new Map<string, AppView>();
  const timers = new Map<string, NodeJS.Timeout>();
  /** What the app was wanted to be (a hash) when all of it but its pods was so; as long as it is, only its Deployments are looked at. */
  const founded = new Map<string, string>();
  /** Apps in whose namespace we were refused. */
  const refused = new Set<string>();
  const attention = createAttention(() => namespaces.count(), attended);
  const turns = createTurns((appId) => {
    views.get(appId)?.expire();
    founded.delete(appId);
    onChange(appId);
  }, timing);

  const lookAgain = (appId: string, at: number | null): void => {
    clearTimeout(timers.get(appId));
    timers.delete(appId);
    if (at !== null) timers.set(appId, setTimeout(() => { timers.delete(appId); onChange(appId); }, Math.max(at - Date.now(), 0) + 10));
  };
  const forget = (appId: string): void => {
    views.get(appId)?.close();
    views.delete(appId);
    founded.delete(appId);
    attention.forget(appId);
    turns.remove(appId);
    lookAgain(appId, null);
  };
  const lookAt = async (app: ImageApp, view: AppView): Promise<number> => {
    const wanted = hashOf(app);
    await view.look(founded.get(app.appId) !== wanted || attention.isForAll());
    const revision = view.revision();
    if (view.knowsAll()) {
      await ensureBase({ api, view, settings, readLogin }, app);
      founded.set(app.appId, wanted);
    }
    if (app.release) await provideConfig({ api, bus, view, appId: app.appId, release: app.release });
    return revision;
  };
  return {
    open: async (app) => {
      await provideNamespace(api, namespaces, app, settings, refused.has(app.appId));
      refused.delete(app.appId);
      const view = views.get(app.appId) ?? openAppView(api, app.appId, () => { onChange(app.appId); });
      views.set(app.appId, view);
      turns.add(app.appId);
      try { await view.synced(); } catch (error) { forget(app.appId); throw error; }
      return view;
    },
    isFounded: (app) => founded.get(app.appId) === hashOf(app),
    attendTo: async (app, view, work) => {
      let isQuiet = false;
      attention.begin(app.appId);
      try {
        const { result, ...done } = await work(await lookAt(app, view));
        isQuiet = done.isQuiet;
        return result;
      } finally { attention.end(app.appId, view, isQuiet); }
    },
    inNamespace: async (appId, work) => {
      try {
        return await work();
      } catch (error) {
        if (isForbidden(error)) { refused.add(appId); forget(appId); }
        throw error;
      }
    },
    lookAgain, forget,
    close: () => {
      turns.close();
      for (const view of views.values()) view.close();
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}
