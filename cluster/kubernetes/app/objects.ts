import type { V1Deployment } from '@kubernetes/client-node';
import type { KubeApi } from '../api.ts';
import type { Kind, KubeObject } from '../kinds.ts';
import { ourSelector } from './names.ts';
import { seeDeployment } from './seen.ts';
import type { SeenDeployment } from './seen.ts';

/** Watched while an app is attended to. */
const WATCHED = ['Deployment', 'Service', 'Ingress', 'NetworkPolicy'] as const satisfies Kind[];
/** Never watched: nothing but a hand changes them. */
const STILL: readonly Kind[] = ['ServiceAccount', 'ResourceQuota'];
const ALL: readonly Kind[] = [...WATCHED, ...STILL];

/** All of an app in the cluster but its pods, and of Secrets nothing. Of an app at rest nothing is kept: a look shows it again. */
export interface AppObjects {
  /** Deployments are known, or all is: listed now, or as watches have told since it was. */
  look(all: boolean): Promise<void>;
  knowsAll(): boolean;
  /** From here on watches tell of changes to what was looked at. */
  attend(): void;
  isAttended(): boolean;
  /** The next look at all lists what no watch tells of. */
  expire(): void;
  /** Nothing is known, nothing is watched. */
  forget(): void;
  deployments(): SeenDeployment[];
  get(kind: Kind, name: string): KubeObject | null;
  /** What we have just written need not wait for its watch. */
  put(object: KubeObject): void;
  /** Grows with every change that a watch tells of. */
  revision(): number;
}

interface Known {
  objects: Map<Kind, Map<string, KubeObject>>;
  deployments: Map<string, SeenDeployment>;
  /** Of what was listed: where a watch goes on. */
  versions: Map<Kind, string>;
  watched: Set<Kind>;
  watching: AbortController;
}

const nothing = (): Known => ({ objects: new Map(), deployments: new Map(), versions: new Map(), watched: new Set(), watching: new AbortController() });

/** @param signal ends it for good: a look that is under way then brings nothing */
export function createAppObjects(api: KubeApi, namespace: string, onChange: () => void, signal: AbortSignal): AppObjects {
  let known: Known | null = null;
  let revision = 0;

  const list = async (into: Known, kind: Kind): Promise<void> => {
    const { items, resourceVersion } = await api.snapshot<KubeObject>(kind, namespace, { labels: ourSelector });
    replace(into, kind, items);
    into.versions.set(kind, resourceVersion);
  };
  const watch = (into: Known, kind: Kind): void => {
    const changed = (): void => { revision++; onChange(); };
    into.watched.add(kind);
    api.watch<KubeObject>(kind, namespace, { labels: ourSelector, from: into.versions.get(kind) }, {
      synced: (all) => { replace(into, kind, all); changed(); },
      changed: (object) => { store(into, kind, object); changed(); },
      deleted: (object) => { mapOf(into, kind).delete(object.metadata?.name ?? ''); changed(); },
    }, into.watching.signal);
  };
  const forget = (): void => { known?.watching.abort(); known = null; };
  signal.addEventListener('abort', forget, { once: true });
  const isAttended = (): boolean => known !== null && known.watched.size > 0;
  return {
    look: async (all) => {
      const now = known !== null && isAttended() ? known : nothing();
      const kinds: readonly Kind[] = all ? ALL : ['Deployment'];
      await Promise.all(kinds.filter((kind) => !now.versions.has(kind)).map((kind) => list(now, kind)));
      if (!signal.aborted) known = now;
    },
    knowsAll: () => ALL.every((kind) => known?.versions.has(kind)),
    attend: () => { for (const kind of WATCHED) if (known?.versions.has(kind) && !known.watched.has(kind)) watch(known, kind); },
    isAttended,
    expire: () => { for (const kind of STILL) known?.versions.delete(kind); },
    forget,
    deployments: () => [...known?.deployments.values() ?? []],
    get: (kind, name) => (kind === 'Deployment' ? known?.deployments.get(name)?.object : known?.objects.get(kind)?.get(name)) ?? null,
    put: (object) => { if (known) store(known, object.kind as Kind, object); },
    revision: () => revision,
  };
}

function mapOf({ objects, deployments }: Known, kind: Kind): Map<string, unknown> {
  if (kind === 'Deployment') return deployments;
  const map = objects.get(kind) ?? new Map<string, KubeObject>();
  objects.set(kind, map);
  return map;
}

function store(into: Known, kind: Kind, object: KubeObject): void {
  const name = object.metadata?.name ?? '';
  const seen = kind === 'Deployment' ? seeDeployment(object as V1Deployment) : object;
  if (seen === null) mapOf(into, kind).delete(name); else mapOf(into, kind).set(name, seen);
}

function replace(into: Known, kind: Kind, all: readonly KubeObject[]): void {
  mapOf(into, kind).clear();
  for (const object of all) store(into, kind, object);
}
