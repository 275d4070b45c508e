import { notify } from '../../bus/ask.ts';
import { appChanged } from '../../bus/app.ts';
import type { BuildOutcome } from '../../bus/build.ts';
import type { Build } from '../../prisma/generated/client/client.ts';
import { faultPoint } from '../../service/fault.ts';
import { changeApp } from '../app/change-app.ts';
import type { AppChange } from '../app/change-app.ts';
import { assertLead, CONTROLLER_LEASE } from '../lease.ts';
import type { Leadership } from '../lease.ts';
import type { Platform } from '../platform.ts';
import { addProcesses } from '../app/process.ts';
import { baseOf, configOrEmpty, createRelease } from '../release/release.ts';
import { RELEASE_TYPE } from './slug.ts';
import { storedData } from '../stored-text.ts';
import { NotFound } from '../user-error.ts';

/** Writes a build's one verdict; a success makes slug, process types and release in the same transaction. What comes later, or from a builder that lost the build, changes nothing. */
export async function finishBuild(platform: Platform, buildId: string, builderId: string, outcome: BuildOutcome): Promise<void> {
  await endBuild(platform, buildId, outcome, (_change, build) => build.status === 'RUNNING' && build.builderId === builderId);
  faultPoint('gateway.build-finished');
}

/** The leader's verdict on a build; `isStillSo` looks once more, under the lock, at why. Throws LeadLost. */
export async function endBuildAsLeader(platform: Platform, lead: Leadership, buildId: string, outcome: BuildOutcome, isStillSo: (build: Build) => boolean): Promise<void> {
  await endBuild(platform, buildId, outcome, async ({ tx }, build) => {
    await assertLead(tx, CONTROLLER_LEASE, lead);
    return isStillSo(build);
  });
}

async function endBuild(platform: Platform, buildId: string, outcome: BuildOutcome, mayEnd: (change: AppChange, build: Build) => boolean | Promise<boolean>): Promise<void> {
  const found = await platform.db.build.findUnique({ where: { id: buildId }, select: { appId: true } });
  if (!found) return;
  const { appId } = found;
  let dropped: string | null = null;
  await changeApp(platform, appId, { evenDeleted: true }, async (change) => {
    const build = await change.tx.build.findUnique({ where: { id: buildId } });
    if (!build || (build.status !== 'QUEUED' && build.status !== 'RUNNING') || !await mayEnd(change, build)) return;
    await writeOutcome(change, build, storedData(outcome));
    dropped = await keepCache(change, build, outcome);
  }).catch((error: unknown) => { if (!(error instanceof NotFound)) throw error; });
  // A blob that stays when this fails is only room lost; one that is missing is a cold build.
  if (dropped !== null) await platform.blobs.delete('caches', dropped).catch((error: unknown) => { platform.log.warn({ error, appId }, 'an old build cache could not be deleted'); });
  // Who cleans up after a deleted app waits for its last build.
  notify(platform.bus, appChanged, { appId });
}

/** Remembers what a build kept for the next one; a clean build forgets what was before it, however it ended. Answers what is not needed any more. */
async function keepCache({ tx, app }: AppChange, build: Build, outcome: BuildOutcome): Promise<string | null> {
  const kept = outcome.status === 'SUCCEEDED' ? outcome.cacheDigest : null;
  const buildCache = kept ?? (build.clean ? null : app.buildCache);
  if (buildCache === app.buildCache) return null;
  await tx.app.update({ where: { id: app.id }, data: { buildCache } });
  return app.buildCache;
}

/** For an app that goes: after its last build. */
export async function deleteBuildCache({ db, blobs }: Platform, appId: string): Promise<void> {
  const app = await db.app.findUnique({ where: { id: appId }, select: { buildCache: true } });
  if (app?.buildCache) await blobs.delete('caches', app.buildCache);
}

async function writeOutcome(change: AppChange, build: Build, outcome: BuildOutcome): Promise<void> {
  const { tx, app, event } = change;
  const end = (data: object): Promise<Build> => tx.build.update({ where: { id: build.id }, data: { endedAt: new Date(), leaseUntil: null, ...data } });
  const who = { buildId: build.id, number: build.number };
  // Whoever asked for the end before there was a verdict gets it: nothing is deployed against their will.
  if (outcome.status === 'CANCELED' || build.cancelRequestedAt || app.deletedAt) {
    await end({ status: 'CANCELED' });
    // Nothing comes after the event of the app's own end.
    if (!app.deletedAt) event('BuildCanceled', who, build.id);
    return;
  }
  if (outcome.status === 'FAILED') {
    const { reason, message, hint, lines } = outcome;
    await end({ status: 'FAILED', failureReason: reason, failureMessage: message, failureHint: hint, failureLines: lines });
    event('BuildFailed', { ...who, reason, message, hint }, build.id);
    return;
  }
  const { digest, size, stack, buildpacks, processTypes, image } = outcome.slug;
  // Equal in all, or another one: no build changes what earlier releases run.
  const slug = await tx.slug.findFirst({ where: { appId: app.id, digest, stack, image, buildpacks: { equals: buildpacks }, processTypes: { equals: processTypes } } })
    ?? await tx.slug.create({ data: { appId: app.id, digest, size: BigInt(size), stack, buildpacks, processTypes, image } });
  await end({ status: 'SUCCEEDED', slugId: slug.id });
  event('BuildSucceeded', { ...who, slugDigest: digest }, build.id);
  await addProcesses(change, processTypes.map(({ type }) => type).filter((type) => type !== RELEASE_TYPE));
  const configId = await configOrEmpty(tx, app.id, (await baseOf(tx, app.id)).configId);
  await createRelease(change, { reason: 'DEPLOY', slugId: slug.id, configId, buildId: build.id, createdById: build.requestedById, description: `Deploy ${build.commit.slice(0, 8)}` });
}
