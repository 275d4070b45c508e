import type { V1Namespace } from '@kubernetes/client-node';
import type { KubeApi } from '../api.ts';
import type { KubeObject } from '../kinds.ts';
import { appOfNamespace, ourSelector } from './names.ts';

/** The namespaces of apps: all that we see of the cluster outside of them. */
export interface Namespaces {
  synced(): Promise<void>;
  /** Its labels and annotations. */
  get(appId: string): KubeObject | null;
  /** It ends, and takes nothing new. */
  isGoing(appId: string): boolean;
  put(namespace: V1Namespace): void;
  count(): number;
  appIds(): string[];
}

/** @param onChange null: all of them */
export function watchNamespaces(api: KubeApi, onChange: (appId: string | null) => void, signal: AbortSignal): Namespaces {
  const known = new Map<string, KubeObject>();
  let isSynced = false;

  /** Answers the app where there is news of it. */
  const store = ({ apiVersion, kind, metadata }: V1Namespace): string | null => {
    const appId = appOfNamespace(metadata?.name ?? '');
    if (appId === null || known.get(appId)?.metadata?.resourceVersion === metadata?.resourceVersion) return null;
    known.set(appId, { apiVersion, kind, metadata: { name: metadata?.name, labels: metadata?.labels, annotations: metadata?.annotations, deletionTimestamp: metadata?.deletionTimestamp, resourceVersion: metadata?.resourceVersion } });
    return appId;
  };
  const drop = (appId: string | null): string | null => (appId !== null && known.delete(appId) ? appId : null);
  const told = (appId: string | null): void => { if (appId !== null) onChange(appId); };
  /** What is listed anew is mostly as it was. */
  const replace = (all: V1Namespace[]): void => {
    const there = new Set(all.map(({ metadata }) => appOfNamespace(metadata?.name ?? '')));
    for (const appId of [...known.keys()].filter((one) => !there.has(one))) told(drop(appId));
    for (const namespace of all) told(store(namespace));
  };
  const ready = new Promise<void>((resolve) => {
    api.watch<V1Namespace>('Namespace', null, { labels: ourSelector }, {
      synced: (all) => {
        if (isSynced) { replace(all); return; }
        isSynced = true;
        for (const namespace of all) store(namespace);
        resolve();
        onChange(null);
      },
      changed: (namespace) => { told(store(namespace)); },
      deleted: ({ metadata }) => { told(drop(appOfNamespace(metadata?.name ?? ''))); },
    }, signal);
  });
  return {
    synced: () => ready,
    get: (appId) => known.get(appId) ?? null,
    isGoing: (appId) => known.get(appId)?.metadata?.deletionTimestamp !== undefined,
    put: (namespace) => { store(namespace); },
    count: () => known.size,
    appIds: () => [...known.keys()],
  };
}
