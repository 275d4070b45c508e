import type { BuildOutcome } from '../bus/build.ts';
import type { JobState } from '../bus/node.ts';

/** Why the node ended a job. */
export type Limit = 'time' | 'memory' | 'disk' | 'full disk' | 'canceled';

export const limitReasons: Record<Limit, string> = { time: 'took too long', memory: 'out of memory', disk: 'used too much disk', 'full disk': 'the disk was full', canceled: 'canceled' };

/** A build's verdict: what the node ended it for, else what it reported itself, else that it reported nothing. */
export function outcomeOf(state: JobState, limit: Limit | null, lines: string[]): BuildOutcome {
  const failed = (reason: Extract<BuildOutcome, { status: 'FAILED' }>['reason'], message: string, hint: string | null): BuildOutcome => ({ status: 'FAILED', reason, message, hint, lines });
  switch (limit) {
    case 'canceled': return { status: 'CANCELED' };
    case 'time': return failed('BUILD_TIMEOUT', 'The build took too long and was ended.', 'Make it faster, or raise SLIPWAY_BUILD_SECONDS.');
    case 'memory': return failed('OUT_OF_MEMORY', 'The build used more memory than it may.', 'Let it use less (fewer workers in parallel), or raise SLIPWAY_BUILD_MEMORY_MB.');
    case 'disk': return failed('DISK_FULL', 'The build used more disk than it may.', 'Let it write less, or raise SLIPWAY_BUILD_DISK_MB.');
    case 'full disk': return failed('DISK_FULL', 'The disk of the platform was almost full, and the build was ended.', 'Let it write less, or give the platform a larger disk.');
    case null: return state.outcome ?? failed('INTERNAL', `The build ended without a verdict (${state.exitReason ?? 'unknown'}, exit code ${state.exitCode ?? 'unknown'}).`, 'A build step may have ended its own builder; its last lines may say more.');
  }
}
