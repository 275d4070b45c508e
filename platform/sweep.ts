import { buildQueued } from '../bus/build.ts';
import type { BuildFailureReason, BuildOutcome } from '../bus/build.ts';
import { enqueue } from '../bus/work.ts';
import type { Build } from '../prisma/generated/client/client.ts';
import { changeApp } from './app/change-app.ts';
import { buildDeadline } from './build/claim-build.ts';
import { endBuildAsLeader } from './build/finish-build.ts';
import { IDEMPOTENCY_HOURS } from './idempotency.ts';
import { assertLead, CONTROLLER_LEASE, LeadLost } from './lease.ts';
import type { Leadership } from './lease.ts';
import type { Platform } from './platform.ts';
import { markFailed } from './release/verdict.ts';
import { NotFound } from './user-error.ts';

/** A build is tried this often when its builder is lost. */
export const MAX_ATTEMPTS = 3;
/** A build that waits this long may have lost its message: it is announced again, which changes nothing where it has not. */
const ANNOUNCE_AGAIN_MS = 15_000;
/** Nobody waits longer for a builder. */
const QUEUED_HOURS = 24;
/** What a new leader gives rollouts whose time passed while nobody led. */
const TAKEOVER_GRACE_MS = 120_000;

interface Sweep { platform: Platform; lead: Leadership }

/** What the leader looks after: whatever nobody holds any more gets another try, or its end. Each part is done though another fails. `isFirst`: of this leader. Throws LeadLost. */
export async function sweep(platform: Platform, lead: Leadership, isFirst = false): Promise<void> {
  const own: Sweep = { platform, lead };
  const parts = [...(isFirst ? [graceRollouts] : []), requeueLostBuilds, endOverdueBuilds, endOverdueReleases, announceBuilds, forgetIdempotency];
  for (const part of parts) {
    await part(own).catch((error: unknown) => {
      if (error instanceof LeadLost) throw error;
      platform.log.warn({ error, part: part.name }, 'a part of the sweep failed; the next one tries again');
    });
  }
}

const failed = (reason: BuildFailureReason, message: string, hint: string): BuildOutcome => ({ status: 'FAILED', reason, message, hint, lines: [] });

/** Builds whose builder has fallen silent: free for another builder, or lost for good. */
async function requeueLostBuilds({ platform, lead }: Sweep): Promise<void> {
  const now = new Date();
  const isLost = ({ leaseUntil }: Build): boolean => leaseUntil !== null && leaseUntil < now;
  for (const build of await platform.db.build.findMany({ where: { status: 'RUNNING', leaseUntil: { lt: now } }, include: { app: true } })) {
    const { id, appId, attempts, cancelRequestedAt, app } = build;
    if (cancelRequestedAt || app.deletedAt) await endBuildAsLeader(platform, lead, id, { status: 'CANCELED' }, isLost);
    else if (attempts >= MAX_ATTEMPTS) await endBuildAsLeader(platform, lead, id, failed('BUILDER_LOST', `The builder was lost ${attempts} times.`, 'Push again; if it goes on, look at the builder\'s log.'), isLost);
    else await freeBuild({ platform, lead }, { id, appId }, now);
  }
}

/** It stays RUNNING: its job may go on, and the builder that claims it next goes on with that. */
async function freeBuild({ platform, lead }: Sweep, { id, appId }: Pick<Build, 'id' | 'appId'>, now: Date): Promise<void> {
  const freed = await changeApp(platform, appId, { bump: false }, async ({ tx }) => {
    await assertLead(tx, CONTROLLER_LEASE, lead);
    const { count } = await tx.build.updateMany({ where: { id, status: 'RUNNING', leaseUntil: { lt: now } }, data: { builderId: null, leaseUntil: null, deadlineAt: buildDeadline(platform) } });
    return count > 0;
  }).catch(ignoreDeleted);
  if (freed) await enqueue(platform.bus, buildQueued, { buildId: id, appId });
}

async function endOverdueBuilds({ platform, lead }: Sweep): Promise<void> {
  const now = new Date();
  const isOverdue = ({ deadlineAt }: Build): boolean => deadlineAt !== null && deadlineAt < now;
  for (const { id, builderId } of await platform.db.build.findMany({ where: { status: 'RUNNING', deadlineAt: { lt: now } } })) {
    await endBuildAsLeader(platform, lead, id, builderId === null
      ? failed('BUILDER_LOST', 'The builder was lost, and no other took the build.', 'Push again; if it goes on, look at the builder\'s log.')
      : failed('BUILD_TIMEOUT', 'The build did not end in its time.', 'Make it faster, or raise SLIPWAY_BUILD_SECONDS.'), isOverdue);
  }
  const oldest = new Date(now.getTime() - QUEUED_HOURS * 3_600_000);
  for (const { id } of await platform.db.build.findMany({ where: { status: 'QUEUED', queuedAt: { lt: oldest } }, select: { id: true } })) {
    await endBuildAsLeader(platform, lead, id, failed('BUILDER_LOST', `No builder took the build within ${QUEUED_HOURS} hours.`, 'Start a builder, and push again.'), ({ status }) => status === 'QUEUED');
  }
}

/** Builds that a builder could take now. One of a busy app has its message, or gets it when the other has ended. */
async function announceBuilds({ platform }: Sweep): Promise<void> {
  const before = new Date(Date.now() - ANNOUNCE_AGAIN_MS);
  const waiting = await platform.db.build.findMany({
    where: { app: { deletedAt: null }, OR: [{ status: 'QUEUED', queuedAt: { lt: before }, app: { builds: { none: { status: 'RUNNING' } } } }, { status: 'RUNNING', builderId: null }] },
    select: { id: true, appId: true },
  });
  // Once a minute is enough for those who wait because all builders are busy.
  const minute = Math.floor(Date.now() / 60_000);
  for (const { id, appId } of waiting) await enqueue(platform.bus, buildQueued, { buildId: id, appId }, `${id} ${minute}`);
}

const open = { status: { in: ['PENDING' as const, 'ROLLING_OUT' as const] }, app: { deletedAt: null } };

async function endOverdueReleases({ platform, lead }: Sweep): Promise<void> {
  for (const release of await platform.db.release.findMany({ where: { ...open, deadlineAt: { lt: new Date() } } })) {
    await markFailed(platform, lead, release, { reason: 'TIMEOUT', message: 'The release was neither live nor failed in its time.', hint: null, exitCode: null, lines: [] }).catch(ignoreDeleted);
  }
}

/** While nobody led, no rollout could go on: those whose time has passed get some more. */
async function graceRollouts({ platform, lead }: Sweep): Promise<void> {
  const until = new Date(Date.now() + TAKEOVER_GRACE_MS);
  await platform.db.$transaction(async (tx) => {
    await assertLead(tx, CONTROLLER_LEASE, lead);
    await tx.release.updateMany({ where: { ...open, deadlineAt: { lt: until } }, data: { deadlineAt: until } });
  });
}

async function forgetIdempotency({ platform }: Sweep): Promise<void> {
  await platform.db.idempotency.deleteMany({ where: { createdAt: { lt: new Date(Date.now() - IDEMPOTENCY_HOURS * 3_600_000) } } });
}

function ignoreDeleted(error: unknown): undefined {
  if (!(error instanceof NotFound)) throw error;
}
