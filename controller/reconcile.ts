import type { DeployCluster } from '../cluster/deploy.ts';
import { LeadLost } from '../platform/lease.ts';
import type { Leadership } from '../platform/lease.ts';
import type { Platform } from '../platform/platform.ts';
import { reconcileApp } from './reconcile-app.ts';
import { tellEvents } from './tell-events.ts';

export interface Reconciler {
  /** Takes the lead, or loses it: without it nothing is reconciled. */
  lead(leadership: Leadership | null): void;
  enqueue(appId: string): void;
  /** Every app there is. */
  all(): void;
  /** Brings the app's events into its log. */
  tell(appId: string): void;
  /** Resolves when nothing is under way; nothing new is begun. */
  idle(): Promise<void>;
}

const CONCURRENCY = 8;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 15_000;

/** One app at a time, several apps at once; an app that changed meanwhile is done again, one that failed after a growing pause with jitter. */
export function createReconciler({ platform, cluster }: { platform: Platform; cluster: DeployCluster }): Reconciler {
  let leadership: Leadership | null = null;
  let stopped = false;
  const waiting = new Set<string>();
  const running = new Map<string, Promise<void>>();
  const pauses = new Map<string, { ms: number; timer: NodeJS.Timeout }>();
  const telling = new Map<string, Promise<void>>();

  const next = (): void => {
    if (leadership === null || stopped) return;
    for (const appId of waiting) {
      if (running.size >= CONCURRENCY) return;
      if (running.has(appId)) continue;
      waiting.delete(appId);
      running.set(appId, work(appId, leadership).finally(() => { running.delete(appId); next(); }));
    }
  };
  const work = async (appId: string, lead: Leadership): Promise<void> => {
    try {
      await reconcileApp({ platform, cluster, lead }, appId);
      pauses.delete(appId);
    } catch (error) {
      if (error instanceof LeadLost) return;
      const ms = Math.min((pauses.get(appId)?.ms ?? FIRST_PAUSE_MS / 2) * 2, LONGEST_PAUSE_MS);
      platform.log.warn({ error, appId, again: ms }, 'an app could not be reconciled; trying again');
      clearTimeout(pauses.get(appId)?.timer);
      pauses.set(appId, { ms, timer: setTimeout(() => { enqueue(appId); }, ms * (0.75 + Math.random() / 2)) });
    }
    tell(appId);
  };
  const enqueue = (appId: string): void => { waiting.add(appId); next(); };
  const tell = (appId: string): void => {
    if (leadership === null || stopped) return;
    const before = telling.get(appId) ?? Promise.resolve();
    const mine = before.then(() => tellEvents(platform, appId)).catch((error: unknown) => { platform.log.warn({ error, appId }, 'events could not be brought into the log; the next sweep will'); })
      .finally(() => { if (telling.get(appId) === mine) telling.delete(appId); });
    telling.set(appId, mine);
  };
  return {
    lead: (now) => { leadership = now; next(); },
    enqueue, tell,
    all: () => {
      platform.db.app.findMany({ select: { id: true } }).then((apps) => { for (const { id } of apps) enqueue(id); })
        .catch((error: unknown) => { platform.log.warn({ error }, 'the apps could not be listed; the next sweep will'); });
    },
    idle: async () => {
      stopped = true;
      for (const { timer } of pauses.values()) clearTimeout(timer);
      await Promise.all([...running.values(), ...telling.values()]);
    },
  };
}
