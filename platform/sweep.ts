import { buildQueued } from '../bus/build.ts';
import { enqueue } from '../bus/work.ts';
import { finishBuild, MAX_ATTEMPTS } from './build.ts';
import { changeApp } from './change-app.ts';
import { IDEMPOTENCY_HOURS } from './idempotency.ts';
import { assertLead } from './lease.ts';
import type { Leadership } from './lease.ts';
import type { Platform } from './platform.ts';
import { NotFound } from './user-error.ts';
import { CONTROLLER_LEASE, markFailed } from './verdict.ts';

/** A queued build this old has lost its message: it is announced again, which changes nothing where it has not. */
const ANNOUNCE_AGAIN_MS = 15_000;

/** What the leader looks after: whatever nobody holds any more gets another try, or its end. Every operation has a deadline. */
export async function sweep(platform: Platform, lead: Leadership): Promise<void> {
  await requeueLostBuilds(platform, lead);
  await announceQueuedBuilds(platform);
  await endOverdue(platform, lead);
  await platform.db.idempotency.deleteMany({ where: { createdAt: { lt: new Date(Date.now() - IDEMPOTENCY_HOURS * 3_600_000) } } });
}

async function requeueLostBuilds(platform: Platform, lead: Leadership): Promise<void> {
  const now = new Date();
  const lost = await platform.db.build.findMany({ where: { status: 'RUNNING', leaseUntil: { lt: now } }, select: { id: true, appId: true, attempts: true, cancelRequestedAt: true } });
  for (const { id, appId, attempts, cancelRequestedAt } of lost) {
    if (cancelRequestedAt) { await finishBuild(platform, id, null, { status: 'CANCELED' }); continue; }
    if (attempts >= MAX_ATTEMPTS) {
      await finishBuild(platform, id, null, { status: 'FAILED', reason: 'BUILDER_LOST', message: `The builder was lost ${attempts} times.`, hint: 'Push again; if it goes on, look at the builder\'s log.', lines: [] });
      continue;
    }
    await changeApp(platform, appId, { bump: false }, async ({ tx }) => {
      await assertLead(tx, CONTROLLER_LEASE, lead);
      await tx.build.updateMany({ where: { id, status: 'RUNNING', leaseUntil: { lt: now } }, data: { status: 'QUEUED', builderId: null, leaseUntil: null } });
    }).catch(ignoreDeleted);
    await enqueue(platform.bus, buildQueued, { buildId: id, appId });
  }
}

async function announceQueuedBuilds(platform: Platform): Promise<void> {
  const waiting = await platform.db.build.findMany({ where: { status: 'QUEUED', queuedAt: { lt: new Date(Date.now() - ANNOUNCE_AGAIN_MS) } }, select: { id: true, appId: true } });
  for (const { id, appId } of waiting) await enqueue(platform.bus, buildQueued, { buildId: id, appId });
}

async function endOverdue(platform: Platform, lead: Leadership): Promise<void> {
  const now = new Date();
  for (const { id } of await platform.db.build.findMany({ where: { status: 'RUNNING', deadlineAt: { lt: now } }, select: { id: true } })) {
    await finishBuild(platform, id, null, { status: 'FAILED', reason: 'BUILD_TIMEOUT', message: 'The build did not end in its time.', hint: 'Make it faster, or raise SLIPWAY_BUILD_SECONDS.', lines: [] });
  }
  for (const release of await platform.db.release.findMany({ where: { status: { in: ['PENDING', 'ROLLING_OUT'] }, deadlineAt: { lt: now }, app: { deletedAt: null } } })) {
    await markFailed(platform, lead, release, { reason: 'TIMEOUT', message: 'The release was neither live nor failed in its time.', hint: null, exitCode: null, lines: [] }).catch(ignoreDeleted);
  }
}

function ignoreDeleted(error: unknown): void {
  if (!(error instanceof NotFound)) throw error;
}
