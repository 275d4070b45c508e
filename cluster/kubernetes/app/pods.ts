import { isDeepStrictEqual } from 'node:util';
import type { V1Pod } from '@kubernetes/client-node';
import type { KubeApi, Watch } from '../api.ts';
import { ourSelector } from './names.ts';
import { listens } from './observe.ts';
import { seePod } from './seen.ts';
import type { SeenPod } from './seen.ts';

/** They are listed anew with each turn of the app; this is for more apps than have turns in that time. */
const LONGEST_WATCH_MS = 6 * 3_600_000;

/** An app's pods, always watched: what happens to an app shows in them. */
export interface AppPods {
  /** Resolves when all are known; rejects where they could not be read, and then this is of no use. */
  synced(): Promise<void>;
  all(): SeenPod[];
  /** Grows with every change that we see a difference in. */
  revision(): number;
  /** When which web replicas take requests last changed, milliseconds since 1970. */
  routeChangedAt(): number;
  /** Whatever the watch said, all are listed anew. */
  relist(): void;
}

export function watchPods(api: KubeApi, namespace: string, onChange: () => void, signal: AbortSignal): AppPods {
  let pods = new Map<string, SeenPod>();
  let revision = 0;
  let route = '';
  let routeChangedAt = Date.now();
  let watch: Watch | null = null;

  const changed = (): void => {
    revision++;
    const now = routeOf(pods.values());
    if (now !== route) { route = now; routeChangedAt = Date.now(); }
  };
  const synced = (all: V1Pod[]): void => {
    const now = new Map(all.map(seePod).filter((pod) => pod !== null).map((pod) => [pod.name, pod]));
    if (isDeepStrictEqual(now, pods)) return;
    pods = now;
    changed();
    onChange();
  };
  const store = (object: V1Pod): void => {
    const name = object.metadata?.name ?? '';
    const pod = seePod(object);
    if (isDeepStrictEqual(pod, pods.get(name) ?? null)) return;
    if (pod === null) pods.delete(name); else pods.set(name, pod);
    changed();
    onChange();
  };
  const drop = ({ metadata }: V1Pod): void => {
    if (!pods.delete(metadata?.name ?? '')) return;
    changed();
    onChange();
  };
  // A list of our own comes first: it answers at once whether we may. Who waits for it needs no call.
  const ready = api.snapshot<V1Pod>('Pod', namespace, { labels: ourSelector }).then(({ items, resourceVersion }) => {
    pods = new Map(items.map(seePod).filter((pod) => pod !== null).map((pod) => [pod.name, pod]));
    changed();
    watch = api.watch<V1Pod>('Pod', namespace, { labels: ourSelector, from: resourceVersion, relistMs: LONGEST_WATCH_MS }, { synced, changed: store, deleted: drop }, signal);
  });
  ready.catch(() => undefined);
  return { synced: () => ready, all: () => [...pods.values()], revision: () => revision, routeChangedAt: () => routeChangedAt, relist: () => { watch?.relist(); } };
}

const routeOf = (pods: Iterable<SeenPod>): string => [...pods].filter((pod) => listens(pod) && pod.isReady && !pod.isGoing).map(({ uid }) => uid).sort().join();
