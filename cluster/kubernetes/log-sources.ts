import type { V1Pod } from '@kubernetes/client-node';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { createWatches } from '../../service/watches.ts';
import type { LogSources, LogSourceFiles, RoutedReplica } from '../log-sources.ts';
import type { KubeApi } from './api.ts';
import { readableKanikoLine } from './kaniko-line.ts';
import { accessLogOf, addressesOf, describePod } from './pod-source.ts';
import type { PodSource, PodNames } from './pod-source.ts';

export interface KubernetesLogOptions {
  api: KubeApi;
  /** Pods' log directories on this node, as the kubelet makes them. */
  podLogDir: string;
  /** Where positions are kept; outlives the agent. */
  stateDir: string;
  nodeName: string;
  names: PodNames;
  /** The Ingress controller's pods, where one is known that writes an access log we can read. */
  ingress: { namespace: string; labels: string } | null;
  signal: AbortSignal;
}

/** How long a pod that is gone is remembered: its last lines are read from files that are open. */
const REMEMBER_MS = 10 * 60 * 1000;
/** How long a new replica's lines wait for the number and the release that the controller gives it. */
const NAMING_MS = 5_000;

interface SeenPod { pod: V1Pod; log: PodSource; goneAt: number | null }

/** Sources of our apps' pods on this node, and the Ingress controller's access log; the API server says whose they are. */
export function createKubernetesLogSources({ api, podLogDir, stateDir, nodeName, names, ingress, signal }: KubernetesLogOptions): LogSources {
  const pods = new Map<string, SeenPod>();
  const routers = new Map<string, SeenPod>();
  const sources = new Map<string, LogSourceFiles>();
  const watches = createWatches();
  let onChange = (): void => undefined;

  const note = (into: Map<string, SeenPod>, describe: (pod: V1Pod) => PodSource | null) => (pod: V1Pod): void => {
    const log = describe(pod);
    const uid = pod.metadata?.uid;
    if (!log || uid === undefined) return;
    into.set(uid, { pod, log, goneAt: null });
    onChange();
  };
  const follow = (into: Map<string, SeenPod>, describe: (pod: V1Pod) => PodSource | null, namespace: string | null, labels: string): void => {
    const changed = note(into, describe);
    const leave = (uid: string): void => {
      const seen = into.get(uid);
      if (seen) seen.goneAt ??= Date.now();
      onChange();
    };
    api.watch<V1Pod>('Pod', namespace, { labels, fields: `spec.nodeName=${nodeName}` }, {
      synced: (all) => {
        const there = new Set(all.map((pod) => pod.metadata?.uid));
        for (const pod of all) changed(pod);
        for (const uid of into.keys()) if (!there.has(uid)) leave(uid);
      },
      changed,
      deleted: (pod) => { leave(pod.metadata?.uid ?? ''); },
    }, signal);
  };
  follow(pods, (pod) => describePod(pod, names), null, names.selector);
  if (ingress) follow(routers, accessLogOf, ingress.namespace, ingress.labels);

  const seenOf = (id: string): SeenPod[] => [...pods.values(), ...routers.values()].filter(({ log }) => log.id === id)
    .sort((a, b) => Number(a.pod.metadata?.creationTimestamp ?? 0) - Number(b.pod.metadata?.creationTimestamp ?? 0));
  const dirsOf = (id: string): string[] => seenOf(id).flatMap(({ pod, log }) => log.containers.map((container) => join(podLogDir, `${pod.metadata?.namespace}_${pod.metadata?.name}_${pod.metadata?.uid}`, container)));
  const replicaAt = (address: string): RoutedReplica | null => addressesOf([...pods.values()].map(({ pod }) => pod)).get(address.replace(/:\d+$/, '')) ?? null;

  const sourceOf = ({ log }: SeenPod): LogSourceFiles => {
    const { id } = log;
    const newest = (): SeenPod => seenOf(id).at(-1) as SeenPod;
    return {
      id, dirs: () => dirsOf(id), positionFile: join(stateDir, `${id}.json`),
      content: log.kind === 'access-log' ? { kind: 'access-log', controller: 'traefik', sourceId: id, replicaAt } : {
        kind: 'source', meta: () => newest().log.meta ?? (log.meta as NonNullable<PodSource['meta']>),
        ...(log.meta?.source === 'BUILD' ? { readable: readableKanikoLine } : {}),
      },
      state: () => { const { log: last, goneAt } = newest(); return Promise.resolve(last.state === 'live' && goneAt !== null ? last.whenGone : last.state); },
    };
  };
  return {
    list: async () => {
      watches.watch(podLogDir, () => { onChange(); });
      forgetOld(pods, sources);
      forgetOld(routers, sources);
      for (const seen of [...pods.values(), ...routers.values()]) {
        if (sources.has(seen.log.id) || !isNamed(seen) || !await anyThere(dirsOf(seen.log.id))) continue;
        sources.set(seen.log.id, sourceOf(seen));
      }
      return [...sources.values()];
    },
    watch: (callback) => { onChange = callback; },
    // The kubelet removes what it wrote.
    forget: () => Promise.resolve(),
    close: () => { watches.close(); },
  };
}

function forgetOld(pods: Map<string, SeenPod>, sources: Map<string, LogSourceFiles>): void {
  for (const [uid, { goneAt, log }] of pods) {
    if (goneAt === null || Date.now() - goneAt < REMEMBER_MS) continue;
    pods.delete(uid);
    if (![...pods.values()].some((other) => other.log.id === log.id)) sources.delete(log.id);
  }
}

/** Whether its lines can be told by name: the controller has numbered it, or will not. */
function isNamed({ pod, log, goneAt }: SeenPod): boolean {
  return log.named || log.state !== 'live' || goneAt !== null || Date.now() - Number(pod.metadata?.creationTimestamp ?? 0) > NAMING_MS;
}

async function anyThere(dirs: string[]): Promise<boolean> {
  for (const dir of dirs) if (await access(dir).then(() => true, () => false)) return true;
  return false;
}
