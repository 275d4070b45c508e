import { setTimeout as pause } from 'node:timers/promises';
import type { V1Job, V1Pod } from '@kubernetes/client-node';
import { buildReport } from '../../bus/build.ts';
import type { BuildContext, BuildOutcome, BuildStep } from '../../bus/build.ts';
import { createAlarm } from '../alarm.ts';
import type { Alarm } from '../alarm.ts';
import type { BuildCluster, BuildProgress } from '../build.ts';
import type { KubeApi } from './api.ts';
import { ATTEMPT_LABEL, BUILD_LABEL, buildJob, CANCELED_ANNOTATION } from './build-job.ts';
import { readRegistry, repositoryOf } from './build-settings.ts';
import type { BuildSettings } from './build-settings.ts';
import { failedPart, isOver, judgeBuild } from './build-verdict.ts';

/** How long a lost notice may go unnoticed. */
const LOOK_EVERY_MS = 5_000;
/** How long a context may be on its way before it is handed over again. */
const HAND_OVER_MS = 5_000;
/** Events of a pod that is gone may be gone too. */
const LAST_EVENTS_MS = 5_000;
/** A build that is lost by no fault of its own is tried so often. */
const MAX_ATTEMPTS = 2;
const MIN_SECONDS = 60;
const MAX_STEPS = 200;
const LAST_LINES = 20;

export interface KubernetesBuildOptions { api: KubeApi; settings: BuildSettings; signal: AbortSignal; onError: (error: unknown, subject: string) => void }

/** What one attempt has reported. */
interface Reported { job: string; steps: BuildStep[]; outcome: BuildOutcome | null; registry: Parameters<typeof judgeBuild>[0]['registry']; received: boolean; settled: boolean; handedOverAt: number }

/**
 * Builds as Jobs. What a build needs and no manifest may hold is handed to its pod by attach; its verdict is read from what it reports and
 * from how its pod ended, so that whoever claims the build next finds it.
 */
export function createKubernetesBuild({ api, settings, signal, onError }: KubernetesBuildOptions): BuildCluster {
  const { namespace } = settings;
  const followers = new Map<string, Set<() => void>>();
  const contexts = new Map<string, BuildContext>();
  const canceled = new Set<string>();
  const wake = (object: V1Pod | V1Job): void => { for (const ring of followers.get(object.metadata?.labels?.[BUILD_LABEL] ?? '') ?? []) ring(); };
  for (const kind of ['Pod', 'Job'] as const) api.watch<V1Pod | V1Job>(kind, namespace, { labels: BUILD_LABEL }, { synced: (all) => { all.forEach(wake); }, changed: wake, deleted: wake }, signal);

  const jobsOf = async (buildId: string): Promise<V1Job[]> => (await api.list<V1Job>('Job', namespace, { labels: `${BUILD_LABEL}=${buildId}` })).sort((a, b) => attemptOf(a) - attemptOf(b));
  const create = async (context: BuildContext, attempt: number, seconds: number): Promise<void> => {
    const { buildId, appId, number, clean, limits } = context;
    await api.apply(buildJob(settings, { buildId, appId, number, clean, attempt, seconds, memoryBytes: limits.memoryBytes, diskBytes: limits.diskBytes }));
  };

  /** Tries a lost build again in what is left of its time; false: it had its tries. */
  const tryAgain = async (buildId: string, jobs: V1Job[]): Promise<boolean> => {
    const context = contexts.get(buildId);
    const attempt = (jobs.at(-1) ? attemptOf(jobs.at(-1)) : 0) + 1;
    if (!context || attempt > MAX_ATTEMPTS || canceled.has(buildId)) return false;
    const begun = jobs[0]?.metadata?.creationTimestamp?.getTime() ?? Date.now();
    await create(context, attempt, Math.max(MIN_SECONDS, context.limits.seconds - Math.floor((Date.now() - begun) / 1000)));
    return true;
  };

  const handOver = async (reported: Reported, pod: V1Pod, buildId: string, until: AbortSignal): Promise<void> => {
    const context = contexts.get(buildId);
    if (!context || reported.received || Date.now() - reported.handedOverAt < HAND_OVER_MS || !isRunning(pod, 'prepare')) return;
    reported.handedOverAt = Date.now();
    // The line break ends what a builder that died left half-written.
    await api.attachStdin(namespace, pod.metadata?.name ?? '', 'prepare', `\n${JSON.stringify(context)}\n`, until).catch((error: unknown) => { if (!until.aborted) onError(error, `build ${buildId}`); });
  };

  const readEvents = async (reported: Reported, pod: V1Pod, alarm: Alarm, until: AbortSignal): Promise<void> => {
    for await (const line of api.followPodLog(namespace, pod.metadata?.name ?? '', 'events', until)) {
      takeReport(reported, line);
      alarm.ring();
    }
  };

  const lastLines = async (pod: V1Pod | null): Promise<string[]> => {
    const part = failedPart(pod);
    return part === null || !pod?.metadata?.name ? [] : api.podLog(namespace, pod.metadata.name, part, { tailLines: LAST_LINES }).catch(() => []);
  };

  const followOne = async (buildId: string, onProgress: (progress: BuildProgress) => void, alarm: Alarm, until: AbortSignal): Promise<BuildOutcome> => {
    let reported = newReport('');
    let reading: Promise<void> | null = null;
    for (;; await alarm.next(LOOK_EVERY_MS)) {
      const jobs = await jobsOf(buildId);
      const job = jobs.at(-1) ?? null;
      const pod = job && ((await api.list<V1Pod>('Pod', namespace, { labels: `job-name=${job.metadata?.name}` })).at(-1) ?? null);
      if (job && reported.job !== job.metadata?.name) { reported = newReport(job.metadata?.name ?? ''); reading = null; }
      if (canceled.has(buildId) && job === null) return { status: 'CANCELED' };
      if (pod && reading === null && hasBegun(pod, 'events')) {
        const own = reported;
        reading = readEvents(own, pod, alarm, until).catch((error: unknown) => { if (!until.aborted && !isOver(pod)) onError(error, `events of build ${buildId}`); })
          .then(() => { own.settled = true; reading = isOver(pod) ? reading : null; alarm.ring(); });
      }
      if (pod) await handOver(reported, pod, buildId, until);
      // The pod has ended: its last events come before its verdict.
      if (isOver(pod) && reading !== null && !reported.settled) await Promise.race([reading, pause(LAST_EVENTS_MS, undefined, { signal: until })]);
      const verdict = judgeBuild({ job, pod, outcome: reported.outcome, registry: reported.registry, lines: isOver(pod) ? await lastLines(pod) : [] });
      if (verdict.status === 'lost' && await tryAgain(buildId, jobs)) continue;
      const outcome = verdict.status === 'running' ? null : verdict.status === 'ended' ? ownImage(settings, job, verdict.outcome) : lostOutcome(verdict.why);
      onProgress({ steps: outcome ? reported.steps.map((step) => endedStep(step, outcome)) : reported.steps, outcome });
      if (outcome) return outcome;
    }
  };

  return {
    start: async (context) => {
      contexts.set(context.buildId, context);
      if ((await jobsOf(context.buildId)).length === 0 && !canceled.has(context.buildId)) await create(context, 1, context.limits.seconds);
    },
    follow: async (buildId, onProgress, followSignal) => {
      const until = AbortSignal.any([signal, followSignal]);
      const alarm = createAlarm(until);
      const rings = followers.get(buildId) ?? new Set();
      followers.set(buildId, rings.add(alarm.ring));
      try {
        return await followOne(buildId, onProgress, alarm, until);
      } finally {
        rings.delete(alarm.ring);
        if (rings.size === 0) followers.delete(buildId);
        contexts.delete(buildId);
        canceled.delete(buildId);
      }
    },
    cancel: async (buildId) => {
      canceled.add(buildId);
      for (const { metadata } of await jobsOf(buildId)) await api.patch('Job', namespace, metadata?.name ?? '', { metadata: { annotations: { [CANCELED_ANNOTATION]: 'true' } }, spec: { suspend: true } });
      for (const ring of followers.get(buildId) ?? []) ring();
    },
    forget: (buildId) => api.removeAll('Job', namespace, `${BUILD_LABEL}=${buildId}`),
  };
}

const attemptOf = (job: V1Job | undefined): number => Number(job?.metadata?.labels?.[ATTEMPT_LABEL] ?? 0);
const newReport = (job: string): Reported => ({ job, steps: [], outcome: null, registry: null, received: false, settled: false, handedOverAt: 0 });

const stateOf = (pod: V1Pod, container: string) => [...pod.status?.initContainerStatuses ?? [], ...pod.status?.containerStatuses ?? []].find(({ name }) => name === container)?.state;
const isRunning = (pod: V1Pod, container: string): boolean => stateOf(pod, container)?.running !== undefined;
const hasBegun = (pod: V1Pod, container: string): boolean => isRunning(pod, container) || stateOf(pod, container)?.terminated !== undefined;

/** A build's programs may write anything there: what does not parse is passed over. */
function takeReport(reported: Reported, line: string): void {
  let parsed: ReturnType<typeof buildReport.parse>;
  try { parsed = buildReport.parse(JSON.parse(line)); } catch { return; }
  switch (parsed.type) {
    case 'received': reported.received = true; return;
    // What follows from a refusal (a broken connection) says less than the refusal.
    case 'registry': if (reported.registry === null || parsed.reason !== 'REGISTRY_UNAVAILABLE') reported.registry = parsed; return;
    case 'outcome': reported.outcome ??= parsed.outcome; return;
    case 'step': {
      const { step } = parsed;
      const at = reported.steps.findIndex(({ index }) => index === step.index);
      if (at >= 0) reported.steps[at] = step; else if (reported.steps.length < MAX_STEPS) reported.steps.push(step);
    }
  }
}

/** Whoever was in the middle of a step when the build ended cannot say that it failed. */
function endedStep(step: BuildStep, outcome: BuildOutcome): BuildStep {
  return step.status === 'RUNNING' && outcome.status !== 'SUCCEEDED' ? { ...step, status: 'FAILED', endedAt: new Date().toISOString() } : step;
}

/** A build's own programs could report a success, with the image of another app in it. */
function ownImage(settings: BuildSettings, job: V1Job | null, outcome: BuildOutcome): BuildOutcome {
  if (outcome.status !== 'SUCCEEDED') return outcome;
  const name = `${readRegistry(settings.registry).host}/${repositoryOf(settings, job?.metadata?.labels?.['slipway.dev/app'] ?? '')}`;
  const { image } = outcome.slug;
  if (image?.startsWith(`${name}@`) && /^sha256:[0-9a-f]{64}$/.test(image.slice(name.length + 1))) return outcome;
  return { status: 'FAILED', reason: 'INTERNAL', message: 'The build reported an image that is not the app\'s own.', hint: 'A step of the build reported for it; look at what it runs.', lines: [] };
}

const lostOutcome = (why: string): BuildOutcome => ({ status: 'FAILED', reason: 'BUILDER_LOST', message: `The build was lost, and lost again: ${why}.`, hint: 'Push again; if it goes on, look at the cluster\'s nodes.', lines: [] });
