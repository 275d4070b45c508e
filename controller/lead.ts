import { hostname } from 'node:os';
import { archiveLogs } from '../platform/log/archive.ts';
import { advanceRotation } from '../platform/encryption/key-rotation.ts';
import { CONTROLLER_LEASE, leaveLead, takeLead } from '../platform/lease.ts';
import type { Leadership } from '../platform/lease.ts';
import type { Platform } from '../platform/platform.ts';
import { sweep } from '../platform/sweep.ts';
import { thisMoment } from './lead-clock.ts';
import type { LeadClock } from './lead-clock.ts';
import type { Reconciler } from './reconcile.ts';

export interface LeadOptions { platform: Platform; sweepMs: number; reconciler: Reconciler; clock: LeadClock; signal: AbortSignal }

/** The lease lives 10 s; it is renewed three times in that. */
const RENEW_MS = 3_000;

/** Who leads, so that the next process on the same machine can tell whether it still runs. */
const holderName = (): string => `${hostname()}-${process.pid}`;

/** A holder of this machine that was killed need not be waited for; a wrong guess (its number is another's now) costs only the wait. */
async function endDeadLead(platform: Platform): Promise<void> {
  const lease = await platform.db.lease.findUnique({ where: { name: CONTROLLER_LEASE } });
  const pid = lease?.holder.startsWith(`${hostname()}-`) ? Number(lease.holder.slice(hostname().length + 1)) : NaN;
  if (lease && Number.isInteger(pid) && pid !== process.pid && !isAlive(pid)) await leaveLead(platform, CONTROLLER_LEASE, { holder: lease.holder, term: lease.term });
}

function isAlive(pid: number): boolean {
  try { process.kill(pid, 0); return true; } catch (error) { return (error as NodeJS.ErrnoException).code !== 'ESRCH'; }
}

/** Takes and renews the lead, and sweeps while it has it; answers how to stop. */
export function lead({ platform, sweepMs, reconciler, clock, signal }: LeadOptions): () => Promise<void> {
  let leadership: Leadership | null = null;
  let nextSweep = 0;
  let working = Promise.resolve();
  let sweeping: Promise<void> | null = null;
  let archiving: Promise<void> | null = null;
  let rotating: Promise<void> | null = null;
  const rotate = (lead: Leadership, again: boolean): void => { rotating ??= advanceRotation(platform, lead, { again, signal }).catch(warn).finally(() => { rotating = null; }); };

  /** What was begun under another term must have ended before this process leads again: it would write what it saw back then. */
  const giveUp = async (): Promise<void> => {
    clock.lost();
    reconciler.lead(null);
    await reconciler.drained();
    platform.log.warn('the lead is lost');
  };
  const beat = async (): Promise<void> => {
    const before = leadership;
    if (before && !clock.isHeld()) await giveUp();
    const askedAt = thisMoment();
    leadership = await takeLead(platform, CONTROLLER_LEASE, holderName());
    if (before && before.term !== leadership?.term) await giveUp();
    if (!leadership) return;
    clock.renewed(askedAt);
    reconciler.lead(leadership);
    // With every beat: a flooding app fills its log within seconds.
    archiving ??= archiveLogs(platform, signal).catch(warn).finally(() => { archiving = null; });
    if (before?.term !== leadership.term) platform.log.info({ term: leadership.term }, 'leads');
    const isSweep = before?.term !== leadership.term || Date.now() >= nextSweep;
    rotate(leadership, isSweep);
    if (!isSweep) return;
    nextSweep = Date.now() + sweepMs;
    reconciler.sweep();
    // Beside the renewals, which must not wait for it; every write of it is conditional on the term.
    sweeping ??= sweep(platform, leadership, before?.term !== leadership.term).catch(warn).finally(() => { sweeping = null; });
  };
  const warn = (error: unknown): void => { platform.log.warn({ error }, 'the lead or a sweep failed; trying again'); };
  const tick = (): void => {
    if (signal.aborted) return;
    working = working.then(beat).catch(warn);
  };
  working = endDeadLead(platform).catch(warn);
  tick();
  const timer = setInterval(tick, RENEW_MS);
  return async () => {
    clearInterval(timer);
    await working;
    await sweeping;
    await archiving;
    await rotating;
    reconciler.lead(null);
    await reconciler.drained();
    clock.lost();
    if (leadership) await leaveLead(platform, CONTROLLER_LEASE, leadership).catch(() => undefined);
  };
}
