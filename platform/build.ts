import { notify } from '../bus/ask.ts';
import { buildCanceled, buildQueued } from '../bus/build.ts';
import type { BuildContext, BuildOutcome, BuildStep } from '../bus/build.ts';
import { enqueue } from '../bus/work.ts';
import type { Build } from '../prisma/generated/client/client.ts';
import { faultPoint } from '../service/fault.ts';
import { isUuid, mayApp, visibleApps } from './access.ts';
import type { Actor } from './access.ts';
import { changeApp } from './change-app.ts';
import type { AppChange } from './change-app.ts';
import { readConfig } from './config.ts';
import type { Platform } from './platform.ts';
import { addProcesses } from './process.ts';
import { baseOf, configOrEmpty, createRelease } from './release.ts';
import { RELEASE_TYPE } from './slug.ts';
import { BuildEnded, Forbidden, NotFound } from './user-error.ts';

/** A builder that is silent this long has lost its build. */
export const LEASE_SECONDS = 30;
/** A build is tried this often when its builder is lost. */
export const MAX_ATTEMPTS = 3;

export interface BuildRequest {
  buildId: string; appId: string; userId: string; apiKeyId: string; commit: string; branch: string; message: string; sourceDigest: string; clean: boolean;
}

/** Queues a build; the app's queued ones are superseded by it. The id is the caller's: asking twice makes one build. */
export async function requestBuild(platform: Platform, request: BuildRequest): Promise<Build> {
  const build = await changeApp(platform, request.appId, { actor: request }, async (change) => {
    const { tx, app, event, nextBuild } = change;
    const known = await tx.build.findUnique({ where: { id: request.buildId } });
    if (known) return known;
    const queued = await tx.build.findMany({ where: { appId: app.id, status: 'QUEUED' } });
    await tx.build.updateMany({ where: { id: { in: queued.map(({ id }) => id) } }, data: { status: 'SUPERSEDED', endedAt: new Date() } });
    for (const old of queued) event('BuildSuperseded', { buildId: old.id, number: old.number, by: request.commit }, old.id);
    const created = await tx.build.create({
      data: {
        id: request.buildId, appId: app.id, number: nextBuild(), commit: request.commit, branch: request.branch, message: request.message.slice(0, 500),
        sourceDigest: request.sourceDigest, clean: request.clean, requestedById: request.userId,
      },
    });
    event('BuildQueued', { buildId: created.id, number: created.number, commit: created.commit }, created.id);
    return created;
  });
  faultPoint('gateway.build-queued');
  // A message that is lost here is sent again by the sweep: the row says that the build is queued.
  if (build.status === 'QUEUED') await enqueue(platform.bus, buildQueued, { buildId: build.id, appId: build.appId }).catch((error: unknown) => { platform.log.warn({ error }, 'a queued build could not be announced; the sweep will'); });
  return build;
}

type Refusal = { refused: 'NOT_CLAIMABLE' | 'APP_BUSY' };
type Claim = Refusal | { claimed: Build; configId: string | null; appName: string };
export type ClaimAnswer = Refusal | { claimed: BuildContext };

/** Gives a queued build to a builder, with all it needs, for as long as it renews its lease. Never two builds of an app at once. */
export async function claimBuild(platform: Platform, buildId: string, builderId: string): Promise<ClaimAnswer> {
  const found = await platform.db.build.findUnique({ where: { id: buildId }, select: { appId: true } });
  if (!found) return { refused: 'NOT_CLAIMABLE' };
  const answer = await changeApp<Claim>(platform, found.appId, { bump: false }, async ({ tx, app, event }) => {
    const build = await tx.build.findUnique({ where: { id: buildId } });
    const own = build?.status === 'RUNNING' && build.builderId === builderId;
    if (!build || (build.status !== 'QUEUED' && !own)) return { refused: 'NOT_CLAIMABLE' };
    if (await tx.build.count({ where: { appId: app.id, status: 'RUNNING', id: { not: buildId } } }) > 0) return { refused: 'APP_BUSY' };
    const now = Date.now();
    const deadlineAt = build.deadlineAt ?? new Date(now + (platform.settings.buildLimits.seconds + 60) * 1000);
    const claimed = await tx.build.update({
      where: { id: buildId },
      data: { status: 'RUNNING', builderId, leaseUntil: new Date(now + LEASE_SECONDS * 1000), deadlineAt, startedAt: build.startedAt ?? new Date(now), attempts: { increment: own ? 0 : 1 } },
    });
    if (!build.startedAt) event('BuildStarted', { buildId, number: build.number }, buildId);
    return { claimed, configId: (await baseOf(tx, app.id)).configId, appName: app.name };
  }).catch((error: unknown): Claim => {
    if (error instanceof NotFound) return { refused: 'NOT_CLAIMABLE' };
    throw error;
  });
  if ('refused' in answer) return answer;
  faultPoint('gateway.build-claimed');
  return { claimed: await buildContext(platform, answer.claimed, answer.appName, answer.configId) };
}

async function buildContext(platform: Platform, build: Build, appName: string, configId: string | null): Promise<BuildContext> {
  const { buildLimits, internalUrl } = platform.settings;
  const seconds = buildLimits.seconds + 600;
  return {
    buildId: build.id, appId: build.appId, appName, number: build.number, commit: build.commit, clean: build.clean, limits: buildLimits, sourceDigest: build.sourceDigest,
    sourceUrl: internalUrl + platform.blobs.signGet('sources', build.sourceDigest, seconds),
    slugPutUrl: internalUrl + platform.blobs.signPut('slugs', buildLimits.slugBytes, seconds),
    config: configId === null ? [] : await readConfig(platform, build.appId, configId),
  };
}

/** Keeps a build with its builder. `lost`: it is not theirs any more. */
export async function renewLease(platform: Platform, buildId: string, builderId: string): Promise<{ canceled: boolean; lost: boolean }> {
  const [row] = await platform.db.build.updateManyAndReturn({
    where: { id: buildId, builderId, status: 'RUNNING' }, data: { leaseUntil: new Date(Date.now() + LEASE_SECONDS * 1000) }, select: { cancelRequestedAt: true },
  });
  return { lost: row === undefined, canceled: row?.cancelRequestedAt != null };
}

/** Notes that a step began or ended; a report of one who lost the build changes nothing. */
export async function reportStep(platform: Platform, buildId: string, builderId: string, step: BuildStep): Promise<void> {
  if (await platform.db.build.count({ where: { id: buildId, builderId, status: 'RUNNING' } }) === 0) return;
  const data = { kind: step.kind, name: step.name, status: step.status, cacheHit: step.cacheHit, startedAt: new Date(step.startedAt), endedAt: step.endedAt ? new Date(step.endedAt) : null };
  await platform.db.buildStep.upsert({ where: { buildId_index: { buildId, index: step.index } }, create: { buildId, index: step.index, ...data }, update: data });
}

/** Writes a build's one verdict; a success makes slug, process types and release in the same transaction. Later verdicts change nothing. `builderId` null: the platform's own. */
export async function finishBuild(platform: Platform, buildId: string, builderId: string | null, outcome: BuildOutcome): Promise<void> {
  const found = await platform.db.build.findUnique({ where: { id: buildId }, select: { appId: true } });
  if (!found) return;
  await changeApp(platform, found.appId, {}, async (change) => {
    const build = await change.tx.build.findUnique({ where: { id: buildId } });
    if (!build || build.status !== 'RUNNING' || (builderId !== null && build.builderId !== builderId)) return;
    await writeOutcome(change, build, outcome);
  }).catch((error: unknown) => { if (!(error instanceof NotFound)) throw error; });
  faultPoint('gateway.build-finished');
}

async function writeOutcome(change: AppChange, build: Build, outcome: BuildOutcome): Promise<void> {
  const { tx, event } = change;
  const ended = { endedAt: new Date(), leaseUntil: null };
  const who = { buildId: build.id, number: build.number };
  if (outcome.status === 'CANCELED') {
    await tx.build.update({ where: { id: build.id }, data: { ...ended, status: 'CANCELED' } });
    event('BuildCanceled', who, build.id);
    return;
  }
  if (outcome.status === 'FAILED') {
    const { reason, message, hint, lines } = outcome;
    await tx.build.update({ where: { id: build.id }, data: { ...ended, status: 'FAILED', failureReason: reason, failureMessage: message, failureHint: hint, failureLines: lines } });
    event('BuildFailed', { ...who, reason, message, hint }, build.id);
    return;
  }
  const { digest, size, stack, buildpacks, processTypes } = outcome.slug;
  const slug = await tx.slug.upsert({
    where: { appId_digest: { appId: build.appId, digest } }, create: { appId: build.appId, digest, size: BigInt(size), stack, buildpacks, processTypes }, update: { processTypes, buildpacks },
  });
  await tx.build.update({ where: { id: build.id }, data: { ...ended, status: 'SUCCEEDED', slugId: slug.id } });
  event('BuildSucceeded', { ...who, slugDigest: digest }, build.id);
  await addProcesses(change, processTypes.map(({ type }) => type).filter((type) => type !== RELEASE_TYPE));
  const configId = await configOrEmpty(tx, build.appId, (await baseOf(tx, build.appId)).configId);
  await createRelease(change, { reason: 'DEPLOY', slugId: slug.id, configId, buildId: build.id, createdById: build.requestedById, description: `Deploy ${build.commit.slice(0, 8)}` });
}

/** Cancels a build: a queued one at once, a running one as soon as its builder hears. Throws NotFound, Forbidden, BuildEnded. */
export async function cancelBuild(platform: Platform, actor: Actor, buildId: string): Promise<Build> {
  const path = { path: ['input', 'build'] };
  const found = isUuid(buildId) ? await platform.db.build.findFirst({ where: { id: buildId, app: visibleApps(actor) }, include: { app: true } }) : null;
  if (!found) throw new NotFound('build', buildId, path);
  if (!mayApp(actor, found.app, 'deploy')) throw new Forbidden('cancel builds of this app');
  await changeApp(platform, found.appId, { actor }, async (change) => {
    const build = await change.tx.build.findUniqueOrThrow({ where: { id: buildId } });
    if (build.status === 'QUEUED') await writeOutcome(change, build, { status: 'CANCELED' });
    else if (build.status === 'RUNNING') await change.tx.build.update({ where: { id: buildId }, data: { cancelRequestedAt: new Date() } });
    else throw new BuildEnded(buildId, build.status);
  });
  notify(platform.bus, buildCanceled, { buildId });
  return platform.db.build.findUniqueOrThrow({ where: { id: buildId } });
}
