import type { V1ContainerStateTerminated, V1Job, V1Pod } from '@kubernetes/client-node';
import type { BuildFailureReason, BuildOutcome, BuildReport } from '../../bus/build.ts';
import { CANCELED_ANNOTATION } from './build-job.ts';
import { readableKanikoLine } from './kaniko-line.ts';

/** What there is to know of a build: its Job and pod as they are, and what its parts reported. */
export interface BuildView {
  job: V1Job | null;
  pod: V1Pod | null;
  outcome: BuildOutcome | null;
  registry: Extract<BuildReport, { type: 'registry' }> | null;
  /** The last lines of the part that failed. */
  lines: string[];
}

/** `lost`: it ended by no fault of its own, and may be tried again. */
export type BuildVerdict = { status: 'running' } | { status: 'lost'; why: string } | { status: 'ended'; outcome: BuildOutcome };

type Part = 'prepare' | 'kaniko' | 'publish';
const parts: readonly Part[] = ['prepare', 'kaniko', 'publish'];

/** How a build is doing. Pure; of several causes the first of these counts: canceled, done, evicted, out of memory, out of time, its own word, lost, Kaniko's words. */
export function judgeBuild(view: BuildView): BuildVerdict {
  const { job, pod, outcome } = view;
  if (job?.metadata?.annotations?.[CANCELED_ANNOTATION] !== undefined) return isOver(pod) ? { status: 'ended', outcome: { status: 'CANCELED' } } : { status: 'running' };
  if (outcome?.status === 'SUCCEEDED') return { status: 'ended', outcome };
  if (!isOver(pod) || (pod === null && job !== null && !hasFailed(job))) return judgeWaiting(pod);
  return judgeEnd(view);
}

export const isOver = (pod: V1Pod | null): boolean => pod === null || pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';

const hasFailed = (job: V1Job): boolean => (job.status?.conditions ?? []).some(({ type, status }) => type === 'Failed' && status === 'True');
const isOutOfTime = (job: V1Job | null): boolean => (job?.status?.conditions ?? []).some(({ type, reason }) => (type === 'Failed' || type === 'FailureTarget') && reason === 'DeadlineExceeded');

const failed = (reason: BuildFailureReason, message: string, hint: string | null, lines: string[]): BuildVerdict => ({ status: 'ended', outcome: { status: 'FAILED', reason, message, hint, lines } });

/** What no waiting cures: a setting of the operator is wrong. */
const hopeless = new Set(['InvalidImageName', 'CreateContainerConfigError', 'ErrImageNeverPull']);

function judgeWaiting(pod: V1Pod | null): BuildVerdict {
  for (const { name, state } of containerStatuses(pod)) {
    const { reason, message } = state?.waiting ?? {};
    if (reason !== undefined && hopeless.has(reason)) return failed('INTERNAL', `The build's ${name} cannot start: ${message ?? reason}.`, 'Tell the operator: a setting of the builds is wrong.', []);
  }
  return { status: 'running' };
}

const containerStatuses = (pod: V1Pod | null) => [...pod?.status?.initContainerStatuses ?? [], ...pod?.status?.containerStatuses ?? []];

function endOf(pod: V1Pod | null, part: Part): V1ContainerStateTerminated | null {
  return containerStatuses(pod).find(({ name }) => name === part)?.state?.terminated ?? null;
}

/** The part that ended the build, where it is known. */
export function failedPart(pod: V1Pod | null): Part | null {
  return parts.find((part) => (endOf(pod, part)?.exitCode ?? 0) !== 0) ?? null;
}

function judgeEnd(view: BuildView): BuildVerdict {
  const { job, pod, outcome, lines } = view;
  const { reason, message = '' } = pod?.status ?? {};
  if (reason === 'Evicted' && /exceeds the (total )?limit/i.test(message)) return failed('DISK_FULL', 'The build used more disk than it may.', 'Let it write less, or ask the operator for more (SLIPWAY_BUILD_DISK_MB).', lines);
  if (parts.some((part) => endOf(pod, part)?.reason === 'OOMKilled')) return outOfMemory(lines);
  if (outcome) return { status: 'ended', outcome };
  if (isOutOfTime(job)) return failed('BUILD_TIMEOUT', timeoutMessage(pod), 'Make it faster, or ask the operator for more (SLIPWAY_BUILD_SECONDS).', lines);
  const part = failedPart(pod);
  const end = part && endOf(pod, part);
  if (pod === null || pod.metadata?.deletionTimestamp !== undefined) return { status: 'lost', why: 'its pod was deleted' };
  if (wasDisrupted(pod) || end?.reason === 'ContainerStatusUnknown') return { status: 'lost', why: (message || reason) ?? 'its node was lost' };
  if (part === 'kaniko') return judgeKaniko(view);
  if (end?.exitCode === 137) return { status: 'lost', why: `its ${part} was killed` };
  return failed('INTERNAL', `The build ended without a verdict (${part ?? reason ?? 'unknown'}, exit code ${end?.exitCode ?? 'unknown'}).`, 'A build step may have ended its own builder; its last lines may say more.', lines);
}

const outOfMemory = (lines: string[]): BuildVerdict => failed('OUT_OF_MEMORY', 'The build used more memory than it may.', 'Let it use less (fewer workers in parallel), or ask the operator for more (SLIPWAY_BUILD_MEMORY_MB).', lines);

/** Nodes that are drained, shut down, short of something, or gone. */
function wasDisrupted({ status }: V1Pod): boolean {
  return ['Evicted', 'NodeLost', 'Shutdown', 'NodeShutdown', 'Terminated', 'Preempting', 'UnexpectedAdmissionError', 'OutOfmemory', 'OutOfcpu'].includes(status?.reason ?? '')
    || (status?.conditions ?? []).some((condition) => condition.type === 'DisruptionTarget' && condition.status === 'True');
}

function timeoutMessage(pod: V1Pod | null): string {
  const unscheduled = (pod?.status?.conditions ?? []).find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  if (unscheduled) return `The build found no room in the cluster in its time: ${unscheduled.message ?? unscheduled.reason ?? 'unknown'}.`;
  const waiting = containerStatuses(pod).find(({ state }) => state?.waiting?.reason !== undefined && state.waiting.reason !== 'PodInitializing');
  return waiting ? `The build took too long: its ${waiting.name} could not start (${waiting.state?.waiting?.message ?? waiting.state?.waiting?.reason}).` : 'The build took too long and was ended.';
}

const registryHints: Record<Extract<BuildReport, { type: 'registry' }>['reason'], string> = {
  REGISTRY_UNAVAILABLE: 'Push again in a while; if it stays, tell the operator.',
  REGISTRY_DENIED: 'Tell the operator: the login in the registry\'s Secret is wrong, or may not push.',
  REGISTRY_FULL: 'Tell the operator: the registry needs more room, or a clean-up.',
};

function judgeKaniko({ pod, registry, lines }: BuildView): BuildVerdict {
  const said = lines.map(readableKanikoLine).filter((line) => line !== null);
  const text = [...lines, endOf(pod, 'kaniko')?.message ?? ''].join('\n');
  if (/no space left on device|disk quota exceeded/i.test(text)) return failed('DISK_FULL', 'The build ran out of disk space.', 'Make the image smaller, or ask the operator for more (SLIPWAY_BUILD_DISK_MB).', said);
  if (/signal: killed|exit status 137|cannot allocate memory/i.test(text)) return outOfMemory(said);
  if (registry) return failed(registry.reason, registry.message, registryHints[registry.reason], said);
  const cause = said.findLast((line) => /error|failed/i.test(line))?.replace(/^[\s!]*(error building image: )?(error building stage: )?(failed to execute command: )?/i, '') ?? 'it said nothing';
  if (/connection refused|i\/o timeout|no such host|TLS handshake timeout|connection reset|Client\.Timeout|502 Bad Gateway|503 Service Unavailable|TOOMANYREQUESTS/i.test(text)) {
    return failed('REGISTRY_UNAVAILABLE', `A registry did not answer: ${cause}`, 'Push again in a while. If a base image is meant, is its registry up, and may builds reach it?', said);
  }
  return failed('IMAGE_BUILD_FAILED', `The image could not be built: ${cause}`, 'The lines above say which step of the Dockerfile it was. If old layers may be the cause, build without them: git push -o clean', said);
}
