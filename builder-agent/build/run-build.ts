import { ask, askUntilAnswered, BusError } from '../../bus/ask.ts';
import { buildClaim, buildFinished, buildHeartbeat, buildStepsReported } from '../../bus/build.ts';
import type { BuildContext, BuildOutcome, BuildStep } from '../../bus/build.ts';
import type { Bus } from '../../bus/connect.ts';
import type { WorkVerdict } from '../../bus/work.ts';
import type { BuildCluster } from '../../cluster/build.ts';
import { faultPoint } from '../../service/fault.ts';
import type { Logger } from '../../service/log.ts';
import { inSpan } from '../../service/trace.ts';
import { traceSteps } from './trace-steps.ts';

export interface Builder {
  bus: Bus;
  cluster: BuildCluster;
  log: Logger;
  /** The same after a restart: a builder may claim again what it had. */
  builderId: string;
  /** Aborts when the process stops: running builds are left to be claimed again. */
  signal: AbortSignal;
  heartbeatMs: number;
  /** Calls back when somebody cancels this build. */
  onCancel: (buildId: string, cancel: () => void) => { forget: () => void };
}

/** How soon a build is tried again whose app is busy, and one that we leave because we stop. */
const BUSY_MS = 1_000;
const LEFT_MS = 100;

/** A build that its node loses is started again this often. */
const MAX_STARTS = 3;

class Lost extends Error {}

/** Takes a queued build to its verdict. Claims it, starts or finds its job, reports each step and the end; whoever is killed in between is followed by another. */
export async function runBuild(builder: Builder, buildId: string): Promise<WorkVerdict> {
  const { bus, log, builderId, signal } = builder;
  let context: BuildContext;
  try {
    context = await askUntilAnswered(bus, buildClaim, { buildId, builderId }, signal);
  } catch (error) {
    if (signal.aborted) return { retryInMs: LEFT_MS };
    if (error instanceof BusError && error.code === 'APP_BUSY') return { retryInMs: BUSY_MS };
    if (error instanceof BusError && error.code === 'NOT_CLAIMABLE') return 'done';
    throw error;
  }
  faultPoint('build.claimed');
  log.info({ buildId, app: context.appName, number: context.number }, 'building');
  try {
    const { appId, appName, number, commit } = context;
    const attributes = { 'slipway.app': appName, 'slipway.app.id': appId, 'slipway.build': number, 'slipway.build.id': buildId, 'vcs.ref.head.revision': commit };
    const outcome = await inSpan('build', { kind: 'consumer', attributes }, async (span) => {
      const ended = await followToEnd(builder, context);
      span.set({ 'slipway.build.status': ended.status });
      if (ended.status === 'FAILED') span.fail(ended.reason);
      return ended;
    });
    log.info({ buildId, outcome: outcome.status, reason: outcome.status === 'FAILED' ? outcome.reason : undefined }, 'built');
    return 'done';
  } catch (error) {
    if (error instanceof Lost) { log.warn({ buildId }, 'another builder has this build'); return 'done'; }
    if (signal.aborted) return { retryInMs: LEFT_MS };
    throw error;
  }
}

async function followToEnd(builder: Builder, context: BuildContext): Promise<BuildOutcome> {
  const { bus, cluster, builderId, signal } = builder;
  const { buildId } = context;
  const lost = new AbortController();
  const until = AbortSignal.any([signal, lost.signal]);
  const stopBeating = keepLease(builder, buildId, lost);
  try {
    let outcome: BuildOutcome | null = null;
    for (let starts = 0; outcome === null && starts < MAX_STARTS; starts++) outcome = await runJob(builder, context, until);
    outcome ??= { status: 'FAILED', reason: 'BUILDER_LOST', message: `The node that ran this build has lost it ${MAX_STARTS} times.`, hint: 'Push again; if it goes on, look at the log of local-node.', lines: [] };
    faultPoint('build.job-ended');
    await askUntilAnswered(bus, buildFinished, { buildId, builderId, outcome }, until);
    faultPoint('build.finished');
    await cluster.forget(buildId);
    return outcome;
  } finally {
    stopBeating();
  }
}

/** The build's job from its start (or where it is) to its end; null: it was lost. */
async function runJob(builder: Builder, context: BuildContext, signal: AbortSignal): Promise<BuildOutcome | null> {
  const { cluster } = builder;
  const { buildId } = context;
  await cluster.start(context);
  faultPoint('build.job-started');
  const steps = createStepReporter(builder, buildId, signal);
  const trace = traceSteps();
  const outcome = await cluster.follow(buildId, (progress) => { trace(progress.steps); steps.report(progress.steps); }, signal);
  await steps.settled();
  return outcome;
}

/** Renews the lease and hears of cancellation, until told to stop. */
function keepLease({ bus, cluster, log, builderId, heartbeatMs, onCancel }: Builder, buildId: string, lost: AbortController): () => void {
  let canceling = false;
  const cancel = (): void => {
    if (canceling) return;
    canceling = true;
    log.info({ buildId }, 'canceling');
    cluster.cancel(buildId).catch((error: unknown) => { canceling = false; log.warn({ buildId, error }, 'could not cancel, will try again'); });
  };
  const beat = async (): Promise<void> => {
    const answer = await ask(bus, buildHeartbeat, { buildId, builderId }, heartbeatMs).catch((error: unknown) => {
      // Nobody there, or not well: the next beat asks again.
      if (error instanceof BusError) return null;
      throw error;
    });
    if (answer?.lost) lost.abort(new Lost());
    else if (answer?.canceled) cancel();
  };
  const timer = setInterval(() => { beat().catch((error: unknown) => { log.warn({ buildId, error }, 'heartbeat failed'); }); }, heartbeatMs);
  const subscription = onCancel(buildId, cancel);
  return () => { clearInterval(timer); subscription.forget(); };
}

/** Reports steps as they begin and end, one report at a time; what changes meanwhile goes with the next. */
function createStepReporter({ bus, builderId }: Builder, buildId: string, signal: AbortSignal): { report(steps: readonly BuildStep[]): void; settled(): Promise<void> } {
  const reported = new Map<number, BuildStep['status']>();
  const waiting = new Map<number, BuildStep>();
  let sending: Promise<void> | null = null;
  const send = async (): Promise<void> => {
    while (waiting.size > 0) {
      const steps = [...waiting.values()].sort((a, b) => a.index - b.index);
      waiting.clear();
      await askUntilAnswered(bus, buildStepsReported, { buildId, builderId, steps }, signal);
    }
    sending = null;
  };
  return {
    report: (steps) => {
      for (const step of steps) {
        if (reported.get(step.index) === step.status) continue;
        reported.set(step.index, step.status);
        waiting.set(step.index, step);
      }
      // A failure is thrown by whoever waits for the last report; none comes after it.
      if (waiting.size > 0) { sending ??= send(); sending.catch(() => undefined); }
    },
    settled: async () => { await sending; },
  };
}
