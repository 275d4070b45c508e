import type { V1Namespace } from '@kubernetes/client-node';
import type { KubeApi } from '../api.ts';
import { appOfNamespace, ourSelector } from './names.ts';

/** The namespaces of apps: all that we see of the cluster outside of them. */
export interface Namespaces {
  synced(): Promise<void>;
  get(appId: string): V1Namespace | null;
  /** It ends, and takes nothing new. */
  isGoing(appId: string): boolean;
  put(namespace: V1Namespace): void;
  count(): number;
  appIds(): string[];
}

/** @param onChange null: all of them */
export function watchNamespaces(api: KubeApi, onChange: (appId: string | null) => void, signal: AbortSignal): Namespaces {
  const known = new Map<string, V1Namespace>();
  const store = (namespace: V1Namespace): string | null => {
    const appId = appOfNamespace(namespace.metadata?.name ?? '');
    if (namespace.metadata) delete namespace.metadata.managedFields;
    if (appId !== null) known.set(appId, namespace);
    return appId;
  };
  const told = (appId: string | null): void => { if (appId !== null) onChange(appId); };
  const ready = new Promise<void>((resolve) => {
    api.watch<V1Namespace>('Namespace', null, { labels: ourSelector }, {
      synced: (all) => { known.clear(); for (const namespace of all) store(namespace); resolve(); onChange(null); },
      changed: (namespace) => { told(store(namespace)); },
      deleted: ({ metadata }) => { const appId = appOfNamespace(metadata?.name ?? ''); if (appId !== null) { known.delete(appId); onChange(appId); } },
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

