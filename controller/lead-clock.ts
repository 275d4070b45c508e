import { LeadLost, LEADER_SECONDS } from '../platform/lease.ts';

/** Whether this process still leads, by its own clocks: asked before each write to the cluster, where no database can ask for it. */
export interface LeadClock {
  /** The lead was asked for at this moment, and given. */
  renewed(askedAt: Moment): void;
  lost(): void;
  isHeld(): boolean;
  /** Throws LeadLost. */
  assertHeld(): void;
}

export interface Moment { monotonic: number; wall: number }

export const thisMoment = (): Moment => ({ monotonic: performance.now(), wall: Date.now() });

/** The lease ends by PostgreSQL's clock; ours ends so much before, for a write that is on its way. */
const MARGIN_MS = 1_000;

/**
 * A process that was frozen and goes on finds its time is up, before anything leaves it. Both clocks have to agree:
 * the monotonic one stands still in a suspended machine, the other may be set back.
 */
export function createLeadClock(now: () => Moment = thisMoment): LeadClock {
  let until: Moment | null = null;
  const isHeld = (): boolean => {
    const { monotonic, wall } = now();
    return until !== null && monotonic < until.monotonic && wall < until.wall;
  };
  return {
    renewed: ({ monotonic, wall }) => { until = { monotonic: monotonic + LEADER_SECONDS * 1000 - MARGIN_MS, wall: wall + LEADER_SECONDS * 1000 - MARGIN_MS }; },
    lost: () => { until = null; },
    isHeld,
    assertHeld: () => { if (!isHeld()) throw new LeadLost(); },
  };
}
