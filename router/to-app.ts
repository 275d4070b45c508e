import { Agent } from 'node:http';
import type { Route } from '../bus/route.ts';
import type { Reason } from '../http/page.ts';
import { forward } from './forward.ts';
import type { End, Visit } from './forward.ts';
import { forwardUpgrade } from './forward-upgrade.ts';
import type { UpgradeVisit } from './forward-upgrade.ts';
import { OnceAgent } from './once-agent.ts';
import { hasBody } from './pass-headers.ts';
import type { Routes } from './routes.ts';

export type Replica = Route['replicas'][number];

/** What became of a request: the replica that had it, and why there is no whole answer of the app, if there is none. */
export interface Outcome { replica: Replica | null; connectMs: number; reason: Reason | null }

export interface ToApp {
  web(route: Route, visit: Visit): Promise<Outcome>;
  /** Resolves when the joined connection has ended; `onAnswer` with the status as soon as there is one. */
  upgrade(route: Route, visit: UpgradeVisit, onAnswer: (status: number) => void): Promise<Outcome>;
  /** Resolves when the requests sent until now to replicas that have no route any more are being answered, or have had long enough to be read. */
  settled(): Promise<void>;
  close(): void;
}

const CONNECT_MS = 3_000;
/** When no replica takes the connection, the app may just be changing: this long a new route is waited for. */
const ROUTE_MS = 5_000;
/** A kept connection that is idle for longer is closed by us, before a server with a short patience does it under a request. */
const IDLE_MS = 1_000;
/** What a stopping replica has not read yet it never answers: this long its requests may take to begin their answer before it is told to stop. */
const SETTLE_MS = 500;

/**
 * Passes requests on to replicas, to the one with the fewest at the moment. Only what never reached a replica is tried on another.
 * A request with a body gets a new connection: on a kept one that closes just then, nobody could tell what of it was received.
 */
export function createToApp(routes: Routes, answerMs: number): ToApp {
  const kept = new Agent({ keepAlive: true, maxFreeSockets: 64, timeout: IDLE_MS, scheduling: 'lifo' });
  const fresh = new OnceAgent();
  const busy = new Map<string, number>();
  const unanswered = new Map<object, { replicaId: string; over: Promise<void> }>();

  const least = (route: Route, tried: ReadonlySet<string>): Replica | undefined => {
    let best: Replica | undefined;
    let fewest = Infinity;
    const { replicas } = route;
    const start = Math.floor(Math.random() * replicas.length);
    for (let step = 0; step < replicas.length; step++) {
      const replica = replicas[(start + step) % replicas.length];
      const now = replica && !tried.has(replica.id) ? busy.get(replica.id) ?? 0 : Infinity;
      if (now < fewest) { best = replica; fewest = now; }
    }
    return best;
  };

  /** One try on one replica, counted. */
  const attempt = async <T>(replica: Replica, act: (onAnswer: () => void) => Promise<T>): Promise<T> => {
    const mark = {};
    let answered = (): void => undefined;
    unanswered.set(mark, { replicaId: replica.id, over: new Promise((resolve) => { answered = resolve; }) });
    const over = (): void => { if (unanswered.delete(mark)) answered(); };
    busy.set(replica.id, (busy.get(replica.id) ?? 0) + 1);
    try {
      return await act(over);
    } finally {
      over();
      const now = (busy.get(replica.id) ?? 1) - 1;
      if (now === 0) busy.delete(replica.id); else busy.set(replica.id, now);
    }
  };

  /** Tries replica after replica while nothing of the request was sent, and waits for a new route when there is none left. */
  const serve = async (first: Route, act: (replica: Replica, onAnswer: () => void) => Promise<{ end: End; connectMs: number }>): Promise<Outcome> => {
    let deadline: AbortSignal | undefined;
    let route: Route | undefined = first;
    for (const tried = new Set<string>(); ;) {
      if (!route) return { replica: null, connectMs: 0, reason: 'unknown-app' };
      if (route.state !== 'up') return { replica: null, connectMs: 0, reason: route.state };
      const replica = least(route, tried);
      if (replica) {
        tried.add(replica.id);
        const { end, connectMs } = await attempt(replica, (onAnswer) => act(replica, onAnswer));
        if (end !== 'unreached') return { replica, connectMs, reason: reasons[end] };
      } else {
        deadline ??= AbortSignal.timeout(ROUTE_MS);
        if (deadline.aborted) return { replica: null, connectMs: 0, reason: 'crashed' };
        await routes.changed(route, deadline);
        // A replica that comes back has the same name, and is another one.
        tried.clear();
      }
      route = routes.byId(first.appId);
    }
  };

  return {
    web: (route, visit) => serve(route, (replica, onAnswer) => forward(visit, replica, { agent: hasBody(visit.request) ? fresh : kept, connectMs: CONNECT_MS, answerMs, onAnswer })),
    upgrade: (route, visit, onStatus) => serve(route, async (replica, onAnswer) => {
      const begun = performance.now();
      let connectMs = 0;
      const end = await forwardUpgrade(visit, replica, {
        agent: fresh, connectMs: CONNECT_MS, answerMs, onAnswer: (status) => { connectMs = performance.now() - begun; onAnswer(); onStatus(status); },
      });
      return { end, connectMs };
    }),
    settled: async () => {
      const leaving = [...unanswered.values()].filter(({ replicaId }) => !routes.hasReplica(replicaId)).map(({ over }) => over);
      if (leaving.length === 0) return;
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([Promise.all(leaving), new Promise((resolve) => { timer = setTimeout(resolve, SETTLE_MS); })]);
      clearTimeout(timer);
    },
    close: () => { kept.destroy(); fresh.destroy(); },
  };
}

const reasons: Record<Exclude<End, 'unreached'>, Reason | null> = {
  answered: null, closed: 'replica-closed', cut: 'replica-cut', timeout: 'timeout', gone: 'client-gone', refused: 'bad-request',
};
