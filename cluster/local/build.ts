import { askUntilAnswered, BusError, onNotice } from '../../bus/ask.ts';
import type { BuildContext, BuildOutcome } from '../../bus/build.ts';
import type { Bus } from '../../bus/connect.ts';
import { nodeJobChanged, nodeJobForget, nodeJobStart, nodeJobState, nodeJobStop } from '../../bus/node.ts';
import type { JobState } from '../../bus/node.ts';
import type { BuildCluster } from '../build.ts';

/** How long a lost notice may go unnoticed. */
const LOOK_EVERY_MS = 3_000;

/**
 * Builds as jobs of the local node, by messages alone; a job has its build's id. While the node is away, calls wait for it.
 * @param signal ends the waiting when the process stops; builds go on
 */
export function createLocalBuildCluster(bus: Bus, signal: AbortSignal, onError: (error: unknown, subject: string) => void): BuildCluster {
  /** Who follows a build wants to be woken. */
  const followers = new Map<string, Set<() => void>>();
  onNotice(bus, nodeJobChanged, ({ id }) => { for (const wake of followers.get(id) ?? []) wake(); }, onError);

  /** A job that the node does not know is as good as ended. */
  const askAboutJob = async (ask: () => Promise<unknown>): Promise<void> => {
    await ask().catch((error: unknown) => { if (!(error instanceof BusError && error.code === 'NOT_FOUND')) throw error; });
  };

  return {
    start: async (context: BuildContext) => { await askUntilAnswered(bus, nodeJobStart, { kind: 'build', id: context.buildId, context }, signal); },

    follow: async (buildId, onProgress, followSignal) => {
      const until = AbortSignal.any([signal, followSignal]);
      const alarm = createAlarm(until);
      const wakers = followers.get(buildId) ?? new Set();
      followers.set(buildId, wakers.add(alarm.ring));
      try {
        for (;;) {
          const looked = await lookAt(bus, buildId, onProgress, until);
          if (looked !== 'running') return looked;
          await alarm.next(LOOK_EVERY_MS);
        }
      } finally {
        wakers.delete(alarm.ring);
        if (wakers.size === 0) followers.delete(buildId);
      }
    },

    cancel: (buildId) => askAboutJob(() => askUntilAnswered(bus, nodeJobStop, { id: buildId }, signal)),
    forget: (buildId) => askAboutJob(() => askUntilAnswered(bus, nodeJobForget, { id: buildId }, signal)),
  };
}

async function lookAt(bus: Bus, buildId: string, onProgress: Parameters<BuildCluster['follow']>[1], signal: AbortSignal): Promise<BuildOutcome | null | 'running'> {
  try {
    const state = await askUntilAnswered(bus, nodeJobState, { id: buildId }, signal);
    const outcome = state.status === 'ENDED' ? state.outcome ?? outcomeOfLost(state) : null;
    onProgress({ steps: state.steps, outcome });
    return outcome ?? 'running';
  } catch (error) {
    if (!(error instanceof BusError && error.code === 'NOT_FOUND')) throw error;
    return null;
  }
}

/** A job that ended without a word of its own. */
const outcomeOfLost = ({ exitCode, exitReason, lastLines }: JobState): BuildOutcome => ({
  status: 'FAILED', reason: 'INTERNAL', message: `The build ended without a verdict: ${exitReason ?? `exit code ${exitCode}`}.`, hint: 'Push again; if it stays, tell the operator.', lines: lastLines,
});

/** Rings are kept while nobody waits, so that none is missed between two looks. */
function createAlarm(signal: AbortSignal): { ring: () => void; next(withinMs: number): Promise<void> } {
  let rung = false;
  let wake: (() => void) | null = null;
  return {
    ring: () => { rung = true; wake?.(); },
    next: async (withinMs) => {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(done, withinMs);
          function done(): void { clearTimeout(timer); signal.removeEventListener('abort', done); wake = null; resolve(); }
          wake = done;
          signal.addEventListener('abort', done, { once: true });
        });
      }
      rung = false;
      signal.throwIfAborted();
    },
  };
}
