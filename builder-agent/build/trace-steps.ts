import type { BuildStep } from '../../bus/build.ts';
import { activeTrace } from '../../service/trace-context.ts';
import { beginSpan, isTracing } from '../../service/trace.ts';

/** A build that tells of more steps than it has would tell without end. */
const MOST_STEPS = 200;

/** Makes a span of each step that has ended, once, in the trace that the code is in now. What a build says of its own times counts within the time that it had. */
export function traceSteps(now: () => number = Date.now): (steps: readonly BuildStep[]) => void {
  const parent = activeTrace();
  if (!isTracing() || !parent) return () => undefined;
  const begun = now();
  const told = new Set<number>();
  const within = (time: string, from: number): Date => new Date(Math.min(Math.max(Date.parse(time), from), now()));
  return (steps) => {
    for (const { index, kind, name, status, cacheHit, startedAt, endedAt } of steps) {
      if (endedAt === null || told.has(index) || told.size >= MOST_STEPS) continue;
      told.add(index);
      const startTime = within(startedAt, begun);
      const attributes = { 'slipway.build.step': index, 'slipway.build.step.name': name, ...(cacheHit === null ? {} : { 'slipway.build.step.cache_hit': cacheHit }) };
      const span = beginSpan(`build step ${kind}`, { kind: 'internal', parent, attributes, startTime });
      if (status === 'FAILED') span.fail('step_failed');
      span.end(within(endedAt, startTime.getTime()));
    }
  };
}
