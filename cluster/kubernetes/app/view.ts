import type { KubeApi } from '../api.ts';
import type { Kind, KubeObject } from '../kinds.ts';
import { appNamespace } from './names.ts';
import { createAppObjects } from './objects.ts';
import { watchPods } from './pods.ts';
import type { SeenDeployment, SeenPod } from './seen.ts';

/** What there is of an app in the cluster. Its pods are always known; the rest is known after a look, and stays so while the app is attended to. */
export interface AppView {
  /** Resolves when the pods are known; rejects where they could not be read, and then the view is of no use. */
  synced(): Promise<void>;
  /** Deployments are known, or all is, from here until it rests. */
  look(all: boolean): Promise<void>;
  knowsAll(): boolean;
  /** All that was looked at is watched. */
  attend(): void;
  isAttended(): boolean;
  /** Only pods are watched, and only they are known. */
  rest(): void;
  /** Pods are listed anew within seconds whatever their watch said, and what no watch tells of with the next look at all. */
  expire(): void;
  pods(): SeenPod[];
  deployments(): SeenDeployment[];
  object(kind: Kind, name: string): KubeObject | null;
  /** What we have just written need not wait for its watch. */
  put(object: KubeObject): void;
  /** When which web replicas take requests last changed, milliseconds since 1970. */
  routeChangedAt(): number;
  /** Grows with every change that watches tell of. */
  revision(): number;
  /** Secrets with config that are known to be there, and when each was last needed. */
  configs: Map<string, number>;
  /** How many configs were known when old ones were deleted last. */
  tidied(): number;
  tidy(): void;
  close(): void;
}

export function openAppView(api: KubeApi, appId: string, onChange: () => void): AppView {
  const namespace = appNamespace(appId);
  const closing = new AbortController();
  const pods = watchPods(api, namespace, onChange, closing.signal);
  const objects = createAppObjects(api, namespace, onChange, closing.signal);
  const configs = new Map<string, number>();
  let tidied = 1;

  return {
    synced: pods.synced, look: objects.look, knowsAll: objects.knowsAll, attend: objects.attend, isAttended: objects.isAttended, rest: objects.forget,
    expire: () => { pods.relist(); objects.expire(); },
    pods: pods.all, deployments: objects.deployments, object: objects.get, put: objects.put,
    routeChangedAt: pods.routeChangedAt, revision: () => pods.revision() + objects.revision(), configs,
    tidied: () => tidied, tidy: () => { tidied = configs.size; },
    close: () => { closing.abort(); },
  };
}
