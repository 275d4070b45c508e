import type { V1Deployment, V1Pod } from '@kubernetes/client-node';
import type { KubeApi } from '../api.ts';
import type { Kind, KubeObject } from '../kinds.ts';
import { appNamespace, ourSelector } from './names.ts';
import { listens } from './observe.ts';
import { seeDeployment, seePod } from './seen.ts';
import type { SeenDeployment, SeenPod } from './seen.ts';

/** Always watched: what happens to an app shows in them. */
const BUSY = ['Pod', 'Deployment'] as const satisfies Kind[];
/** Watched while there are few apps, else looked at now and then: nothing but a hand changes them. */
const QUIET = ['Service', 'Ingress', 'NetworkPolicy'] as const satisfies Kind[];
/** Looked at now and then. */
const STILL = ['ServiceAccount', 'ResourceQuota'] as const satisfies Kind[];

/** What there is of an app in the cluster, kept true by watches. Holds no more of an object than decisions need, and of Secrets nothing but names. */
export interface AppView {
  /** Resolves when all is known; rejects where it may not be read, and then the view is of no use. */
  synced(): Promise<void>;
  pods(): SeenPod[];
  deployments(): SeenDeployment[];
  object(kind: Kind, name: string): KubeObject | null;
  /** What we have just written need not wait for its watch. */
  put(object: KubeObject): void;
  /** Lists anew what is not watched, where that was long ago. */
  refresh(): Promise<void>;
  /** When which web replicas take requests last changed, milliseconds since 1970. */
  routeChangedAt(): number;
  /** Grows with everything that is seen. */
  revision(): number;
  /** Secrets with config that are known to be there, and when each was last needed. */
  configs: Map<string, number>;
  /** How many configs were known when old ones were deleted last. */
  tidied(): number;
  tidy(): void;
  close(): void;
}

export interface ViewOptions { api: KubeApi; appId: string; watchAll: boolean; refreshMs: number; onChange(): void }

export function openAppView({ api, appId, watchAll, refreshMs, onChange }: ViewOptions): AppView {
  const namespace = appNamespace(appId);
  const closing = new AbortController();
  const seen = new Map<string, Map<string, KubeObject>>();
  const pods = new Map<string, SeenPod>();
  const deployments = new Map<string, SeenDeployment>();
  let revision = 0;
  let route = '';
  let routeChangedAt = Date.now();
  let refreshedAt = 0;
  const configs = new Map<string, number>();
  let tidied = 1;

  const listed: Kind[] = [...STILL, ...(watchAll ? [] : QUIET)];
  const watched: Kind[] = [...BUSY, ...(watchAll ? QUIET : [])];
  const store = (kind: string, object: KubeObject): void => {
    const name = object.metadata?.name ?? '';
    if (kind === 'Pod') set(pods, name, seePod(object as V1Pod));
    else if (kind === 'Deployment') set(deployments, name, seeDeployment(slim(object) as V1Deployment));
    else set(mapOf(kind), name, slim(object));
  };
  const mapOf = (kind: string): Map<string, KubeObject> => { const map = seen.get(kind) ?? new Map<string, KubeObject>(); seen.set(kind, map); return map; };
  const drop = (kind: string, name: string | null): void => {
    const map: Map<string, unknown> = kind === 'Pod' ? pods : kind === 'Deployment' ? deployments : mapOf(kind);
    if (name === null) map.clear(); else map.delete(name);
  };
  const changed = (): void => {
    revision++;
    const now = routeOf(pods.values());
    if (now !== route) { route = now; routeChangedAt = Date.now(); }
    onChange();
  };
  const watch = (kind: Kind): Promise<void> => new Promise((resolve) => {
    api.watch<KubeObject>(kind, namespace, { labels: ourSelector }, {
      synced: (all) => { drop(kind, null); for (const object of all) store(kind, object); resolve(); changed(); },
      changed: (object) => { store(kind, object); changed(); },
      deleted: (object) => { drop(kind, object.metadata?.name ?? ''); changed(); },
    }, closing.signal);
  });
  const refresh = async (): Promise<void> => {
    if (Date.now() < refreshedAt + refreshMs) return;
    for (const kind of listed) {
      const all = await api.list<KubeObject>(kind, namespace, { labels: ourSelector });
      drop(kind, null);
      for (const object of all) store(kind, object);
    }
    // Not all apps at once.
    refreshedAt = Date.now() - Math.random() * refreshMs * 0.2;
    revision++;
  };
  // First what answers at once whether we may.
  const ready = refresh().then(async () => { await Promise.all(watched.map(watch)); });
  ready.catch(() => undefined);
  return {
    synced: () => ready, refresh,
    pods: () => [...pods.values()], deployments: () => [...deployments.values()],
    object: (kind, name) => (kind === 'Deployment' ? deployments.get(name)?.object : seen.get(kind)?.get(name)) ?? null,
    put: (object) => { store(object.kind ?? '', object); revision++; },
    routeChangedAt: () => routeChangedAt, revision: () => revision, configs,
    tidied: () => tidied, tidy: () => { tidied = configs.size; },
    close: () => { closing.abort(); },
  };
}

function set<T>(map: Map<string, T>, name: string, value: T | null): void {
  if (value === null) map.delete(name); else map.set(name, value);
}

/** Without what only the API server needs. */
function slim(object: KubeObject): KubeObject {
  if (object.metadata) delete object.metadata.managedFields;
  return object;
}

const routeOf = (pods: Iterable<SeenPod>): string => [...pods].filter((pod) => listens(pod) && pod.isReady && !pod.isGoing).map(({ uid }) => uid).sort().join();
