import type { V1ContainerState, V1Deployment, V1Pod } from '@kubernetes/client-node';
import { annotation, label } from './names.ts';
import { CONTAINER } from './process-manifests.ts';

/** How a program ended. */
export interface SeenExit { code: number; reason: string; message: string }

/** What we know of a pod: as little as decisions need, for ten thousand apps are kept in memory. Times are milliseconds since 1970. */
export interface SeenPod {
  name: string;
  uid: string;
  /** The process type; of a command too. */
  process: string;
  /** Set on pods of commands. */
  command: string | null;
  /** `<program>.<config Secret>`; of a command's pod empty. */
  template: string;
  index: number | null;
  /** The release that it belongs to; null: not named yet. */
  release: number | null;
  releaseId: string | null;
  deletionCost: number;
  phase: string;
  /** Why the pod as a whole ended: Evicted, DeadlineExceeded. */
  podReason: string | null;
  podMessage: string | null;
  createdAt: number;
  isGoing: boolean;
  isReady: boolean;
  /** When it last became ready, or stopped being so. */
  readyChangedAt: number | null;
  /** The scheduler's words, where it finds no node. */
  unschedulable: string | null;
  /** The container: when it began to run, what it waits for, how it ended now or the last time. */
  runningSince: number | null;
  waiting: { reason: string; message: string } | null;
  ended: SeenExit | null;
  endedBefore: SeenExit | null;
  restarts: number;
}

const millis = (time: Date | undefined): number | null => (time === undefined ? null : new Date(time).getTime());

/** A pod of ours; null: it is not. */
export function seePod({ metadata, spec, status }: V1Pod): SeenPod | null {
  const { name, uid, labels = {}, annotations = {}, creationTimestamp, deletionTimestamp } = metadata ?? {};
  const process = annotations[annotation.process] ?? labels[label.process];
  if (name === undefined || uid === undefined || process === undefined) return null;
  const container = status?.containerStatuses?.find((one) => one.name === CONTAINER);
  const condition = (type: string) => status?.conditions?.find((one) => one.type === type);
  const [ready, scheduled] = [condition('Ready'), condition('PodScheduled')];
  const { running, waiting, terminated } = container?.state ?? {};
  return {
    name, uid, process, command: labels[label.command] ?? null, template: annotations[annotation.template] ?? '',
    index: wholeNumber(annotations[annotation.index]), release: wholeNumber(annotations[annotation.release]), releaseId: annotations[annotation.releaseId] ?? null, deletionCost: Number(annotations[annotation.deletionCost] ?? 0),
    phase: status?.phase ?? 'Pending', podReason: status?.reason ?? null, podMessage: status?.message ?? null,
    createdAt: millis(creationTimestamp) ?? 0, isGoing: deletionTimestamp !== undefined,
    isReady: ready?.status === 'True', readyChangedAt: millis(ready?.lastTransitionTime),
    unschedulable: spec?.nodeName === undefined && scheduled?.status === 'False' && scheduled.reason === 'Unschedulable' ? (scheduled.message ?? '') : null,
    runningSince: running ? (millis(running.startedAt) ?? 0) : null,
    waiting: waiting ? { reason: waiting.reason ?? '', message: waiting.message ?? '' } : null,
    ended: seeExit(terminated), endedBefore: seeExit(container?.lastState?.terminated), restarts: container?.restartCount ?? 0,
  };
}

function seeExit(terminated: V1ContainerState['terminated']): SeenExit | null {
  return terminated ? { code: terminated.exitCode, reason: terminated.reason ?? '', message: terminated.message ?? '' } : null;
}

const wholeNumber = (text: string | undefined): number | null => (text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null);

/** A Deployment of ours: what it runs, and why it can make no pods. */
export interface SeenDeployment {
  name: string;
  process: string;
  template: string;
  program: string;
  replicas: number;
  /** The words of whoever refuses its pods: a quota, an admission rule. */
  refused: string | null;
  /** As it is, to compare. */
  object: V1Deployment;
}

export function seeDeployment(object: V1Deployment): SeenDeployment | null {
  const { metadata, spec, status } = object;
  const process = metadata?.annotations?.[annotation.process];
  if (metadata?.name === undefined || process === undefined) return null;
  const told = spec?.template.metadata?.annotations ?? {};
  // What is told of an older generation is told of another template.
  const current = (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  const failure = status?.conditions?.find(({ type }) => type === 'ReplicaFailure');
  return {
    name: metadata.name, process, template: told[annotation.template] ?? '', program: told[annotation.program] ?? '', replicas: spec?.replicas ?? 0,
    refused: current && failure?.status === 'True' ? (failure.message ?? failure.reason ?? '') : null, object,
  };
}

/** The app's name that its program is told. */
export const appNameOf = ({ object }: SeenDeployment): string | null => object.spec?.template.spec?.containers.find(({ name }) => name === CONTAINER)?.env?.find(({ name }) => name === 'SLIPWAY_APP')?.value ?? null;

/** The Secret with the environment of what it runs. */
export const configOf = ({ object }: SeenDeployment): string | null => object.spec?.template.spec?.containers.find(({ name }) => name === CONTAINER)?.envFrom?.[0]?.secretRef?.name ?? null;
