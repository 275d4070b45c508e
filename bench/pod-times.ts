import type { V1Pod } from '@kubernetes/client-node';
import type { KubeApi } from '../cluster/kubernetes/api.ts';

/** When a pod was seen to reach what, by performance.now(): in its own words Kubernetes has only seconds. */
export interface PodTimes {
  name: string;
  created: number;
  scheduled: number | null;
  ready: number | null;
  /** By container, the first times. */
  begun: Map<string, number>;
  ended: Map<string, { at: number; exitCode: number }>;
}

export interface PodWatch { api: KubeApi; namespace: string; labels: string; signal: AbortSignal; onBegun?(pod: string, container: string): void }

/** The pods that appear from now on, oldest first; the list grows until the signal. */
export async function watchPods({ api, namespace, labels, signal, onBegun = () => undefined }: PodWatch): Promise<PodTimes[]> {
  const old = new Set<string | undefined>();
  const pods = new Map<string, PodTimes>();
  const list: PodTimes[] = [];
  const note = (pod: V1Pod): void => {
    const { uid = '', name = '' } = pod.metadata ?? {};
    if (old.has(uid)) return;
    const times = pods.get(uid) ?? { name, created: performance.now(), scheduled: null, ready: null, begun: new Map<string, number>(), ended: new Map<string, { at: number; exitCode: number }>() };
    if (!pods.has(uid)) list.push(times);
    pods.set(uid, times);
    noteStates(times, pod, onBegun);
  };
  await new Promise<void>((resolve) => {
    let isFirst = true;
    api.watch<V1Pod>('Pod', namespace, { labels }, {
      synced: (all) => {
        for (const pod of all) { if (isFirst) old.add(pod.metadata?.uid); else note(pod); }
        isFirst = false;
        resolve();
      },
      changed: note,
      deleted: () => undefined,
    }, signal);
  });
  return list;
}

function noteStates(times: PodTimes, { spec, status }: V1Pod, onBegun: (pod: string, container: string) => void): void {
  const now = performance.now();
  if (spec?.nodeName) times.scheduled ??= now;
  for (const { name, state } of [...status?.initContainerStatuses ?? [], ...status?.containerStatuses ?? []]) {
    if ((state?.running || state?.terminated) && !times.begun.has(name)) { times.begun.set(name, now); onBegun(times.name, name); }
    if (state?.terminated && !times.ended.has(name)) times.ended.set(name, { at: now, exitCode: state.terminated.exitCode });
  }
  if (status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True')) times.ready ??= now;
}
