import type { BuildContext, BuildOutcome, BuildStep } from '../bus/build.ts';

export interface BuildProgress { steps: BuildStep[]; outcome: BuildOutcome | null }

/** Where builds run: a local job under the node, or a Kaniko job. Output goes to the log stream by itself. */
export interface BuildCluster {
  /** Starts the build if it is not known yet. A build survives the end of whoever started it. */
  start(context: BuildContext): Promise<void>;
  /** Calls back at each new step and at the end; resolves with the outcome. Null: the build was lost without one, start it again. Aborting stops the watching, not the build. */
  follow(buildId: string, onProgress: (progress: BuildProgress) => void, signal: AbortSignal): Promise<BuildOutcome | null>;
  /** Ends the build and all its processes; `follow` then answers CANCELED. */
  cancel(buildId: string): Promise<void>;
  /** Frees what is kept of an ended build. */
  forget(buildId: string): Promise<void>;
}
