import type { V1Deployment } from '@kubernetes/client-node';
import type { KubeApi } from '../api.ts';
import type { Kind, KubeObject } from '../kinds.ts';
import { ourSelector } from './names.ts';
import { seeDeployment } from './seen.ts';
import type { SeenDeployment } from './seen.ts';

/** Watched while an app is attended to. */
const WATCHED = ['Deployment', 'Service', 'Ingress', 'NetworkPolicy'] as const satisfies Kind[];
/** Never watched: nothing but a hand changes them. */
const STILL = ['ServiceAccount', 'ResourceQuota'] as const satisfies Kind[];

/** All of an app in the cluster but its pods, and of Secrets nothing. Of an app at rest nothing is kept: a look shows it again. */
export interface AppObjects {
  /** All is known: listed now, or as watches have told since it was. */
  look(): Promise<void>;
  /** From here on watches tell of changes to what was looked at. */
  attend(): void;
  isAttended(): boolean;
  /** The next look lists what no watch tells of. */
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

interface Known { objects: Map<Kind, Map<string, KubeObject>>; deployments: Map<string, SeenDeployment>; versions: Map<Kind, string>; watching: AbortController | null; expired: boolean }

export function createAppObjects(api: KubeApi, namespace: string, onChange: () => void): AppObjects {
  let known: Known | null = null;
  let revision = 0;

  const list = async (into: Known, kinds: readonly Kind[]): Promise<void> => {
    await Promise.all(kinds.map(async (kind) => {
      const { items, resourceVersion } = await api.snapshot<KubeObject>(kind, namespace, { labels: ourSelector });
      replace(into, kind, items);
      into.versions.set(kind, resourceVersion);
    }));
  };
  const watch = (into: Known, kind: Kind, signal: AbortSignal): void => {
    const changed = (): void => { revision++; onChange(); };
    api.watch<KubeObject>(kind, namespace, { labels: ourSelector, from: into.versions.get(kind) }, {
      synced: (all) => { replace(into, kind, all); changed(); },
      changed: (object) => { store(into, kind, object); changed(); },
      deleted: (object) => { mapOf(into, kind).delete(object.metadata?.name ?? ''); changed(); },
    }, signal);
  };
  return {
    look: async () => {
      if (known?.watching) {
        if (known.expired) await list(known, STILL);
        known.expired = false;
        return;
      }
      const now: Known = { objects: new Map(), deployments: new Map(), versions: new Map(), watching: null, expired: false };
      await list(now, [...WATCHED, ...STILL]);
      known = now;
    },
    attend: () => {
      if (!known || known.watching) return;
      known.watching = new AbortController();
      for (const kind of WATCHED) watch(known, kind, known.watching.signal);
    },
    isAttended: () => known !== null && known.watching !== null,
    expire: () => { if (known) known.expired = true; },
    forget: () => { known?.watching?.abort(); known = null; },
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
