import type { Release } from '../../prisma/generated/client/client.ts';
import type { ReleaseFailureReason } from '../../prisma/generated/client/enums.ts';
import { changeApp } from '../app/change-app.ts';
import type { AppChange } from '../app/change-app.ts';
import { assertLead, CONTROLLER_LEASE } from '../lease.ts';
import { entriesOf, sealAgain, storeSnapshot } from '../config/config-snapshot.ts';
import type { Leadership } from '../lease.ts';
import type { Platform } from '../platform.ts';
import { createRelease, deployOf, lastLive } from './release.ts';
import { storedData } from '../stored-text.ts';

/** A rollout that is neither live nor failed after this long has failed. Its release command may take 600 s of it. */
const ROLLOUT_SECONDS = 900;

export interface ReleaseFailure { reason: ReleaseFailureReason; message: string; hint: string | null; exitCode: number | null; lines: string[] }

type Step = (change: AppChange, release: Release) => Promise<void>;

/** One step of an open release by the leader; a release that has its verdict, or was superseded, is left as it is. Throws LeadLost. */
async function stepOpenRelease(platform: Platform, lead: Leadership, releaseId: string, appId: string, step: Step): Promise<void> {
  await changeApp(platform, appId, { bump: false }, async (change) => {
    await assertLead(change.tx, CONTROLLER_LEASE, lead);
    const release = await change.tx.release.findUnique({ where: { id: releaseId } });
    if (release && (release.status === 'PENDING' || release.status === 'ROLLING_OUT')) await step(change, release);
  });
}

type ReleaseRef = Pick<Release, 'id' | 'appId'>;

/** The rollout begins: its release command, if it has one, is next. */
export async function markRollingOut(platform: Platform, lead: Leadership, { id, appId }: ReleaseRef): Promise<void> {
  await stepOpenRelease(platform, lead, id, appId, async ({ tx, event }, release) => {
    if (release.status !== 'PENDING') return;
    const startedAt = new Date();
    // From here on, not from when it was made: the platform may have been off in between.
    await tx.release.update({ where: { id }, data: { status: 'ROLLING_OUT', startedAt, deadlineAt: new Date(startedAt.getTime() + ROLLOUT_SECONDS * 1000) } });
    event('ReleaseRollingOut', { releaseId: id, version: release.version }, deployOf(release));
  });
}

/** Its release command ended well: it is not run again. */
export async function markCommandEnded(platform: Platform, lead: Leadership, { id, appId }: ReleaseRef): Promise<void> {
  await stepOpenRelease(platform, lead, id, appId, async ({ tx }) => { await tx.release.update({ where: { id }, data: { commandEndedAt: new Date() } }); });
}

/** All its replicas are up and have the traffic. */
export async function markLive(platform: Platform, lead: Leadership, { id, appId }: ReleaseRef): Promise<void> {
  await stepOpenRelease(platform, lead, id, appId, async ({ tx, event }, release) => {
    await tx.release.update({ where: { id }, data: { status: 'LIVE', endedAt: new Date() } });
    event('ReleaseLive', { releaseId: id, version: release.version }, deployOf(release));
  });
}

/** It failed: in the same transaction the last good pair of slug and config becomes an AUTO_ROLLBACK release, where there is one. */
export async function markFailed(platform: Platform, lead: Leadership, { id, appId }: ReleaseRef, failure: ReleaseFailure): Promise<void> {
  await stepOpenRelease(platform, lead, id, appId, async (change, release) => {
    const { tx, event } = change;
    const { reason, message, hint, exitCode, lines } = storedData(failure);
    await tx.release.update({ where: { id }, data: { status: 'FAILED', endedAt: new Date(), failureReason: reason, failureMessage: message, failureHint: hint, failureLines: lines, exitCode } });
    event('ReleaseFailed', { releaseId: id, version: release.version, reason, message, hint, exitCode }, deployOf(release));
    const good = await lastLive(tx, appId, release.version);
    // An automatic rollback that fails itself is not followed by another: there is nothing better to go back to.
    if (!good?.slugId || release.reason === 'AUTO_ROLLBACK') return;
    const { entries, changed } = await sealAgain(platform, tx, change.app, { entries: await entriesOf(tx, good.configId), since: good.version });
    const configId = changed ? await storeSnapshot(change, [...entries.values()], good.configId) : good.configId;
    await createRelease(change, { reason: 'AUTO_ROLLBACK', slugId: good.slugId, configId, rolledBackTo: good.version, createdById: null, description: `v${release.version} failed: back to v${good.version}` });
  });
}
