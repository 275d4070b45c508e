import { activeTrace } from '../service/trace-context.ts';
import type { TraceContext } from '../service/trace-context.ts';

/** Why apps are to be reconciled: the traces in which somebody asked for it. */
export interface Causes {
  /** The app is to be reconciled because of what goes on now. */
  note(appId: string): void;
  /** The first that was noted. */
  first(appId: string): TraceContext | undefined;
  /** What was noted, the first one first; the app has no cause any more. */
  take(appId: string): TraceContext[];
  /** The work is not done: it goes on by the same causes. */
  putBack(appId: string, causes: readonly TraceContext[]): void;
}

/** What comes together is done together, and a span has only so many links. */
const MOST = 8;

export function createCauses(): Causes {
  const causes = new Map<string, TraceContext[]>();
  const add = (appId: string, more: readonly TraceContext[]): void => {
    const all = [...causes.get(appId) ?? [], ...more];
    const apart = all.filter((trace, at) => all.findIndex(({ traceId }) => traceId === trace.traceId) === at);
    if (apart.length > 0) causes.set(appId, apart.slice(0, MOST));
  };
  return {
    note: (appId) => { const trace = activeTrace(); if (trace) add(appId, [trace]); },
    first: (appId) => causes.get(appId)?.[0],
    take: (appId) => { const taken = causes.get(appId) ?? []; causes.delete(appId); return taken; },
    putBack: (appId, taken) => { const since = causes.get(appId) ?? []; causes.delete(appId); add(appId, [...taken, ...since]); },
  };
}
