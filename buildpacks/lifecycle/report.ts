import { writeSync } from 'node:fs';
import type { BuildOutcome, BuildReport, BuildStep } from '../../bus/build.ts';

/** Structured events go to whoever watches the build by this descriptor, one JSON document a line. */
let eventsFd = 3;

/** For a build whose watcher gave it no descriptor 3. */
export function reportTo(descriptor: number): void { eventsFd = descriptor; }

/** A node that is away reads our end from the exit code: the build must not break with it. */
export function reportOutcome(outcome: BuildOutcome): void { send({ type: 'outcome', outcome }); }

export function send(event: BuildReport): void {
  const bytes = Buffer.from(`${JSON.stringify(event)}\n`);
  for (let written = 0; written < bytes.length;) {
    try {
      written += writeSync(eventsFd, bytes, written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
    }
  }
}

let steps = 0;

/** Reports that a step began; whoever ends it, here or in another process, says so with `endStep`. */
export function beginStep(kind: BuildStep['kind'], name: string): BuildStep {
  const step: BuildStep = { index: steps++, kind, name: name.slice(0, 200), status: 'RUNNING', cacheHit: null, startedAt: new Date().toISOString(), endedAt: null };
  send({ type: 'step', step });
  return step;
}

export function endStep(step: BuildStep, status: BuildStep['status']): void {
  send({ type: 'step', step: { ...step, status, endedAt: new Date().toISOString() } });
}

/** Runs one step of the build and reports its begin, its end, and whether a cache spared it work. */
export async function runStep<T>(kind: BuildStep['kind'], name: string, run: () => Promise<T & { cacheHit?: boolean | null }>): Promise<T> {
  const begun = beginStep(kind, name);
  const end = (status: BuildStep['status'], cacheHit: boolean | null): void => { endStep({ ...begun, cacheHit }, status); };
  try {
    const result = await run();
    end('SUCCEEDED', result.cacheHit ?? null);
    return result;
  } catch (error) {
    end('FAILED', null);
    throw error;
  }
}
