import type { RolloutFailure, WantedApp } from '../../deploy.ts';
import { isOver, listens, statusOf } from './observe.ts';
import type { SeenDeployment, SeenPod } from './seen.ts';
import type { PlanSettings } from './settings.ts';

/** An exit this often before the release was ever complete is a crash loop; Kubernetes waits ten seconds before the third start. */
const CRASH_LOOP_EXITS = 2;
/** Ready conditions change in the second in which a container starts; later than this it was ready and is not any more. */
const FLAP_MS = 2_000;

/** A failure, and whose last lines tell more of it. */
export interface FoundFailure { failure: RolloutFailure; lines: { pod: string; previous: boolean } | null }

/** Why the replicas of a release that is not live yet will not do; null: nothing speaks against it so far. */
export function findFailure(app: WantedApp, pods: readonly SeenPod[], deployments: readonly SeenDeployment[], settings: PlanSettings, now: number): FoundFailure | null {
  for (const pod of pods) {
    const found = failureOf(app, pod, settings, now);
    if (found) return found;
  }
  const refused = deployments.find((deployment) => deployment.refused !== null);
  return refused ? { failure: refusal(refused), lines: null } : null;
}

const told = (reason: RolloutFailure['reason'], message: string, hint: string | null, exitCode: number | null = null): RolloutFailure => ({ reason, message: message.slice(0, 1_000), hint, exitCode, lines: [] });

/** Kubernetes' own word about how its pod was refused. */
function refusal({ process, refused }: SeenDeployment): RolloutFailure {
  const words = (refused ?? '').replace(/^pods? "[^"]*" is forbidden: /, '');
  if (/exceeded quota/.test(words)) return told('QUOTA_EXCEEDED', `${process} may have no more replicas: ${words}.`, 'A rollout needs room for the old and the new replicas at once: scale down, use a smaller size, or ask the operator of the cluster for a larger quota.');
  return told('INTERNAL', `The cluster refused the replicas of ${process}: ${words}`, 'This is for the operator of the cluster.');
}

function failureOf(app: WantedApp, pod: SeenPod, settings: PlanSettings, now: number): FoundFailure | null {
  if (statusOf(pod, now) === 'UP' || pod.isGoing) return null;
  if (isOver(pod)) return null;
  if (pod.unschedulable !== null) return waitedTooLong(pod.createdAt) ? { failure: noRoom(pod), lines: null } : null;
  if (pod.waiting) {
    const waiting = waitingFailure(pod, pod.waiting, waitedTooLong(pod.createdAt));
    if (waiting) return { failure: waiting, lines: null };
  }
  const exits = pod.restarts + (pod.ended || pod.waiting?.reason === 'CrashLoopBackOff' ? 1 : 0);
  const crashes = pod.waiting?.reason === 'CrashLoopBackOff' || exits >= CRASH_LOOP_EXITS;
  if (crashes && (pod.ended ?? pod.endedBefore)) return crash(app, pod);
  return probeFailure(pod, settings, now);

  function waitedTooLong(since: number): boolean { return now >= since + settings.waitSeconds * 1000; }
}

const nameOf = ({ process, index }: SeenPod): string => (index === null ? process : `${process}.${index}`);

const noRoom = (pod: SeenPod): RolloutFailure =>
  told('UNSCHEDULABLE', `No node of the cluster has room for ${nameOf(pod)}: ${pod.unschedulable ?? ''}`, 'Use a smaller size or fewer replicas, or give the cluster another node. A rollout needs room for the old and the new replicas at once.');

/** What a registry says that has no such image for us; anything else may be better the next time. */
const FINAL = /not found|manifest unknown|name unknown|unauthorized|denied|forbidden|no basic auth|invalid reference|no match for platform/i;

function waitingFailure(pod: SeenPod, { reason, message }: NonNullable<SeenPod['waiting']>, late: boolean): RolloutFailure | null {
  const pull = /^(ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull|ImageInspectError|RegistryUnavailable)$/.test(reason);
  if (pull && (late || reason === 'InvalidImageName' || FINAL.test(message))) {
    return told('IMAGE_PULL_FAILED', `The image of ${nameOf(pod)} could not be fetched: ${message || reason}`, 'Deploy again; if the registry lost the image or refuses it, the operator of the cluster must look at it.');
  }
  if (!/^(CreateContainerConfigError|CreateContainerError|RunContainerError)$/.test(reason)) return null;
  if (/run as (root|non-root)|runAsNonRoot|verify user is non-root/.test(message)) return told('CRASH_LOOP', `${nameOf(pod)} could not be started: ${message}`, 'Let the Dockerfile end with USER and a number other than 0.');
  return late ? told('CRASH_LOOP', `${nameOf(pod)} could not be started: ${message || reason}`, null) : null;
}

function crash(app: WantedApp, pod: SeenPod): FoundFailure {
  const exit = pod.ended ?? pod.endedBefore;
  const lines = { pod: pod.name, previous: pod.ended === null };
  if (exit?.reason === 'OOMKilled') return { failure: told('OUT_OF_MEMORY', `${nameOf(pod)} used more memory than its size gives it.`, 'Give the process type a larger size, or let it use less.', exit.code), lines };
  const command = app.processes.find(({ type }) => type === pod.process)?.command ?? '';
  const what = exit?.reason === 'StartError' ? `cannot be started: ${exit.message}` : `ends soon after each start, the last time with exit code ${exit?.code ?? 'unknown'}.`;
  return { failure: told('CRASH_LOOP', `${nameOf(pod)}${command === '' ? '' : ` (${command})`} ${what}`, 'Its last lines say why; run the same command with the same config on your machine.', exit?.code ?? null), lines };
}

const wasReady = ({ readyChangedAt, runningSince }: SeenPod): boolean => readyChangedAt !== null && runningSince !== null && readyChangedAt > runningSince + FLAP_MS;

/** When the time of a web replica to listen is over; null: it does not boot. */
function bootDeadline(pod: SeenPod, { bootSeconds }: PlanSettings): number | null {
  if (!listens(pod) || pod.isReady || pod.isGoing || pod.runningSince === null) return null;
  return (wasReady(pod) ? (pod.readyChangedAt ?? pod.runningSince) : pod.runningSince) + bootSeconds * 1000;
}

function probeFailure(pod: SeenPod, settings: PlanSettings, now: number): FoundFailure | null {
  const deadline = bootDeadline(pod, settings);
  if (deadline === null || now < deadline) return null;
  const { bootSeconds } = settings;
  const failure = wasReady(pod)
    ? told('HEALTH_CHECK_FAILED', `${nameOf(pod)} listened on $PORT and then did not for ${bootSeconds} s.`, 'Its program runs, and takes no connections any more: its last lines may say why.')
    : told('PORT_NOT_BOUND', `${nameOf(pod)} did not listen on $PORT within ${bootSeconds} s.`, 'Let the web process listen on the port in the environment variable PORT, on all addresses.');
  return { failure, lines: { pod: pod.name, previous: false } };
}

/** When to look again though nothing changes; milliseconds since 1970. */
export function nextLook(pods: readonly SeenPod[], settings: PlanSettings, now: number): number | null {
  const times = pods.flatMap((pod) => {
    const waits = pod.unschedulable !== null || pod.waiting !== null ? pod.createdAt + settings.waitSeconds * 1000 : null;
    return [bootDeadline(pod, settings), waits].filter((at) => at !== null && at > now) as number[];
  });
  return times.length > 0 ? Math.min(...times) : null;
}
