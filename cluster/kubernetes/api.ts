import { outsideTrace } from '../../service/trace-context.ts';
import { attachStdin } from './attach.ts';
import { createConnection } from './connection.ts';
import { readCredentials } from './credentials.ts';
import { isKind, kindPath, kinds } from './kinds.ts';
import type { Kind, KubeObject } from './kinds.ts';
import { listObjects } from './list.ts';
import type { Listed, Selector } from './list.ts';
import { followPodLog, readPodLog } from './pod-log.ts';
import { parseAnswer, readObject } from './read-object.ts';
import { createRequests } from './request.ts';
import { createWatching, watchObjects, watchTiming } from './watch.ts';
import type { Due, WatchedScope, WatchHandlers, WatchTiming } from './watch.ts';

export { KubeError } from './kube-error.ts';

/** The API server, as much of it as we use. Requests that got no answer are sent again, so each may happen twice. Throws KubeError. */
export interface KubeApi {
  /** Null: not there. */
  get<T extends KubeObject>(kind: Kind, namespace: string | null, name: string): Promise<T | null>;
  list<T extends KubeObject>(kind: Kind, namespace: string | null, selector?: Selector): Promise<T[]>;
  /** With the version from which a watch can go on. */
  snapshot<T extends KubeObject>(kind: Kind, namespace: string | null, selector?: Selector): Promise<Listed<T>>;
  /** Server-side apply as field manager `slipway`, forced: what somebody changed by hand in our fields is put back. A field that the kind does not have is refused. */
  apply<T extends KubeObject>(object: T): Promise<T>;
  /** Merge patch. Null: not there. */
  patch<T extends KubeObject>(kind: Kind, namespace: string | null, name: string, patch: object): Promise<T | null>;
  /** Background deletion; false: not there. */
  remove(kind: Kind, namespace: string | null, name: string, options?: { graceSeconds?: number }): Promise<boolean>;
  removeAll(kind: Kind, namespace: string, labels: string): Promise<void>;
  /** Last lines of a container's log. */
  podLog(namespace: string, pod: string, container: string, options: { tailLines: number; previous?: boolean }): Promise<string[]>;
  /** Follows a container's log from its first line, across lost connections; the lines end when the container has. */
  followPodLog(namespace: string, pod: string, container: string, signal: AbortSignal): AsyncIterable<string>;
  /** Writes to a container's standard input through attach, once, and closes it. */
  attachStdin(namespace: string, pod: string, container: string, content: string, signal: AbortSignal): Promise<void>;
  /** The first list, then each change, for as long as the signal; survives everything. `synced` comes again whenever all was listed anew: what it does not have is gone. */
  watch<T extends KubeObject>(kind: Kind, namespace: string | null, scope: WatchedScope, on: WatchHandlers<T>, signal: AbortSignal): Watch;
  /** Ends all connections; watches must have been ended by their signals. */
  close(): void;
}

export interface Watch {
  /** Lists all anew within seconds. */
  relist(): void;
}

export interface KubeOptions {
  /** A kubeconfig's path; null: what a pod is given. */
  kubeconfig: string | null;
  /** Called in the very turn in which a change leaves this process, each time it does; throws where it may not (any more), and that is what the caller gets. */
  beforeWrite?(): void;
  /** Hears of watches that fail again and again; they go on trying. */
  onError?(error: unknown, what: string): void;
  /** For tests. */
  timing?: Partial<WatchTiming>;
}

const MANAGER = 'slipway';

export function connectKube({ kubeconfig, beforeWrite = () => undefined, onError = () => undefined, timing = {} }: KubeOptions): KubeApi {
  const credentials = readCredentials(kubeconfig);
  const connection = createConnection(credentials);
  const requests = createRequests(connection, credentials, beforeWrite);
  const watching = createWatching(requests, { ...watchTiming, ...timing }, onError);
  const read = <T extends KubeObject>(text: string | null): T | null => (text === null ? null : readObject<T>(parseAnswer(text)));

  return {
    get: async (kind, namespace, name) => read(await requests.send({ method: 'GET', path: kindPath(kind, namespace, name) })),
    list: async <T extends KubeObject>(kind: Kind, namespace: string | null, selector: Selector = {}) => (await listObjects<T>(requests, kind, namespace, selector)).items,
    snapshot: (kind, namespace, selector = {}) => listObjects(requests, kind, namespace, selector),
    apply: async <T extends KubeObject>(object: T) => {
      const { kind, namespace, name } = identityOf(object);
      const applied = read<T>(await requests.send({ method: 'PATCH', path: kindPath(kind, namespace, name), query: { fieldManager: MANAGER, force: 'true', fieldValidation: 'Strict' }, contentType: 'application/apply-patch+yaml', body: object }));
      if (!applied) throw new Error(`The API server knows no ${kinds[kind].plural} of ${kinds[kind].apiVersion}, or there is no namespace ${namespace}.`);
      return applied;
    },
    patch: async (kind, namespace, name, patch) => read(await requests.send({ method: 'PATCH', path: kindPath(kind, namespace, name), query: { fieldManager: MANAGER }, contentType: 'application/merge-patch+json', body: patch })),
    remove: async (kind, namespace, name, { graceSeconds } = {}) =>
      await requests.send({ method: 'DELETE', path: kindPath(kind, namespace, name), query: { propagationPolicy: 'Background', gracePeriodSeconds: graceSeconds?.toString() } }) !== null,
    removeAll: async (kind, namespace, labels) => { await requests.send({ method: 'DELETE', path: kindPath(kind, namespace), query: { propagationPolicy: 'Background', labelSelector: labels } }); },
    podLog: (namespace, pod, container, options) => readPodLog(requests, { namespace, pod, container }, options),
    followPodLog: (namespace, pod, container, signal) => followPodLog(requests, { namespace, pod, container }, signal),
    attachStdin: (namespace, pod, container, content, signal) => attachStdin(credentials, { namespace, pod, container }, content, signal),
    watch: (kind, namespace, scope, on, signal) => {
      const due: Due = { at: 0 };
      // It outlives whoever began it.
      outsideTrace(() => { void watchObjects(watching, kind, namespace, scope, on, signal, due); });
      return { relist: () => { due.at = 0; } };
    },
    close: () => { connection.close(); },
  };
}

function identityOf({ apiVersion, kind, metadata }: KubeObject): { kind: Kind; namespace: string | null; name: string } {
  if (!kind || !isKind(kind) || apiVersion !== kinds[kind].apiVersion) throw new Error(`cluster/kubernetes/kinds.ts has no ${kind} of ${apiVersion}: add it there.`);
  if (!metadata?.name || (kinds[kind].namespaced && !metadata.namespace)) throw new Error(`A ${kind} is applied by its name and namespace: set both.`);
  return { kind, namespace: metadata.namespace ?? null, name: metadata.name };
}
