import type { ObservedReplica } from '../../deploy.ts';
import type { SeenExit, SeenPod } from './seen.ts';

/** What does not listen counts as up when it has run this long, as on one machine; the kubelet tells whole seconds. */
const RAN_MS = 2_000;

export const listens = ({ process }: Pick<SeenPod, 'process'>): boolean => process === 'web';
export const isOver = ({ phase }: SeenPod): boolean => phase === 'Succeeded' || phase === 'Failed';

/** When a replica that runs and need not listen counts as up; null: that is not what it waits for. */
export const upAt = (pod: SeenPod): number | null => (pod.isReady && pod.runningSince !== null && !listens(pod) ? pod.runningSince + RAN_MS : null);

export function statusOf(pod: SeenPod, now: number): ObservedReplica['status'] {
  if (isOver(pod)) return 'EXITED';
  if (pod.isGoing) return 'STOPPING';
  if (pod.ended || pod.waiting?.reason === 'CrashLoopBackOff') return 'BACKING_OFF';
  const at = upAt(pod);
  return pod.isReady && pod.runningSince !== null && (at === null || now >= at) ? 'UP' : 'STARTING';
}

/** The last exit in the words of one machine's node. */
export function exitReason({ code, reason, message }: SeenExit): string {
  if (reason === 'OOMKilled') return 'out of memory';
  if (reason === 'StartError' || reason === 'ContainerCannotRun') return `could not start: ${message}`.slice(0, 500);
  if (reason === 'DeadlineExceeded') return 'took too long';
  return code > 128 ? `killed by signal ${code - 128}` : 'exited';
}

/** A replica as the rows have it; null: a pod that we have not named yet. */
export function observe(pod: SeenPod, now: number): ObservedReplica | null {
  if (pod.command !== null || pod.index === null || pod.releaseId === null) return null;
  const status = statusOf(pod, now);
  const exit = pod.ended ?? pod.endedBefore;
  const readyAt = listens(pod) ? pod.readyChangedAt : upAt(pod);
  return {
    id: pod.uid, process: pod.process, index: pod.index, releaseId: pod.releaseId, status, restarts: pod.restarts,
    exitCode: exit?.code ?? null, exitReason: exit ? exitReason(exit) : null, lastLines: [],
    startedAt: new Date(pod.runningSince ?? pod.createdAt), readyAt: status === 'UP' && readyAt !== null ? new Date(readyAt) : null,
  };
}
