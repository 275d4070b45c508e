import { writeSync } from 'node:fs';
import type { BuildOutcome, BuildStep } from '../../bus/build.ts';

/** Structured events go to the node by this descriptor, one JSON document a line. */
const EVENTS_FD = 3;

/** A node that is away reads our end from the exit code: the build must not break with it. */
export function reportOutcome(outcome: BuildOutcome): void { send({ type: 'outcome', outcome }); }

function send(event: { type: 'step'; step: BuildStep } | { type: 'outcome'; outcome: BuildOutcome }): void {
  const bytes = Buffer.from(`${JSON.stringify(event)}\n`);
  for (let written = 0; written < bytes.length;) {
    try {
      written += writeSync(EVENTS_FD, bytes, written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
    }
  }
}

let steps = 0;

/** Runs one step of the build and reports its begin, its end, and whether a cache spared it work. */
export async function runStep<T>(kind: BuildStep['kind'], name: string, run: () => Promise<T & { cacheHit?: boolean | null }>): Promise<T> {
  const begun: BuildStep = { index: steps++, kind, name: name.slice(0, 200), status: 'RUNNING', cacheHit: null, startedAt: new Date().toISOString(), endedAt: null };
  send({ type: 'step', step: begun });
  const end = (status: BuildStep['status'], cacheHit: boolean | null): void => { send({ type: 'step', step: { ...begun, status, cacheHit, endedAt: new Date().toISOString() } }); };
  try {
    const result = await run();
    end('SUCCEEDED', result.cacheHit ?? null);
    return result;
  } catch (error) {
    end('FAILED', null);
    throw error;
  }
}
