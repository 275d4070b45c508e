import type { DeployCluster } from '../cluster/deploy.ts';
import { LeadLost } from '../platform/lease.ts';
import type { Leadership } from '../platform/lease.ts';
import type { Platform } from '../platform/platform.ts';
import { outsideTrace, withTrace } from '../service/trace-context.ts';
import { inSpan } from '../service/trace.ts';
import { createCauses } from './causes.ts';
import type { LeadClock } from './lead-clock.ts';
import { createQueue } from './queue.ts';
import { reconcileApp } from './reconcile-app.ts';
import { createStaleApps } from './stale-apps.ts';
import { tellEvents } from './tell-events.ts';

export interface Reconciler {
  /** Takes the lead, or loses it: without it nothing is reconciled. */
  lead(leadership: Leadership | null): void;
  /** Something of the app changed. */
  enqueue(appId: string): void;
  /** Every app: something changed, nobody knows what. */
  all(): void;
  /** Every app of which a message may have been lost, and those that nobody looked at for long. */
  sweep(): void;
  /** Brings the app's events into its log. */
  tell(appId: string): void;
  /** Resolves when nothing is under way; without the lead nothing is begun. */
  drained(): Promise<void>;
  /** Resolves when nothing is under way; nothing new is begun. */
  idle(): Promise<void>;
}

export interface ReconcilerOptions {
  platform: Platform;
  cluster: DeployCluster;
  clock: LeadClock;
}

const CONCURRENCY = 8;

/** One app at a time, several apps at once; an app that changed meanwhile is done again. What a person or the cluster waits for comes before what a sweep finds. */
export function createReconciler({ platform, cluster, clock }: ReconcilerOptions): Reconciler {
  let leadership: Leadership | null = null;
  const stale = createStaleApps(platform, cluster.resyncMs);
  const causes = createCauses();
  const mayBegin = (): boolean => leadership !== null && clock.isHeld();
  const warn = (error: unknown, fields: object, message: string): void => { platform.log.warn({ error, ...fields }, message); };

  /** In the trace of who asked for it, for as long as a rollout goes on; what only a sweep looks at is in none. */
  const inCauses = async (appId: string, reconcile: () => Promise<'open' | 'settled'>): Promise<void> => {
    const [parent, ...links] = causes.take(appId);
    if (!parent) { await reconcile(); return; }
    let state: 'open' | 'settled' = 'open';
    try {
      state = await inSpan('reconcile', { kind: 'consumer', parent, links, attributes: { 'slipway.app.id': appId } }, reconcile);
    } finally {
      if (state === 'open') causes.putBack(appId, [parent, ...links]);
    }
  };
  const apps = createQueue({
    concurrency: CONCURRENCY, mayBegin,
    // Whoever made the turn free is not its cause.
    work: (appId) => outsideTrace(async () => {
      const lead = leadership;
      if (!lead) return;
      const mark = await stale.markOf(appId);
      await inCauses(appId, () => reconcileApp({ platform, cluster, lead, clock }, appId));
      stale.done(appId, mark);
      events.add(appId, true);
    }),
    onFailure: (error, appId, pauseMs) => {
      if (error instanceof LeadLost) return null;
      withTrace(causes.first(appId), () => { warn(error, { appId, again: pauseMs }, 'an app could not be reconciled; trying again'); });
      events.add(appId, true);
      return retryAfterMs(error);
    },
  });
  const events = createQueue({
    concurrency: CONCURRENCY, mayBegin,
    work: (appId) => outsideTrace(() => tellEvents(platform, clock, appId)),
    onFailure: (error, appId) => {
      if (!(error instanceof LeadLost)) warn(error, { appId }, 'events could not be brought into the log; the next change or sweep of the app will');
      return null;
    },
  });
  const addAll = (find: () => Promise<string[]>, urgent: boolean): void => {
    find().then((ids) => { for (const id of ids) apps.add(id, urgent); }).catch((error: unknown) => { warn(error, {}, 'the apps could not be listed; the next sweep will'); });
  };
  return {
    lead: (now) => {
      if (now?.term !== leadership?.term) stale.forget();
      leadership = now;
      apps.next();
      events.next();
    },
    enqueue: (appId) => { causes.note(appId); apps.add(appId, true); },
    // The rows last: an app that is there has had its row before.
    all: () => { addAll(async () => [...new Set([...await cluster.present(), ...await stale.all()])], false); },
    sweep: () => { addAll(() => stale.find(), false); },
    tell: (appId) => { events.add(appId, true); },
    drained: async () => { await Promise.all([apps.drained(), events.drained()]); },
    idle: async () => {
      apps.close();
      await apps.drained();
      events.close();
      await events.drained();
    },
  };
}

/** What the API server asked for, where it is busy. */
function retryAfterMs(error: unknown): number {
  const seconds = error instanceof Error && 'retryAfterSeconds' in error ? error.retryAfterSeconds : null;
  return typeof seconds === 'number' ? seconds * 1000 : 0;
}
