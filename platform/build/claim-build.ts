import type { BuildContext, BuildStep } from '../../bus/build.ts';
import type { App, Build } from '../../prisma/generated/client/client.ts';
import { faultPoint } from '../../service/fault.ts';
import { changeApp } from '../app/change-app.ts';
import type { AppChange } from '../app/change-app.ts';
import { readConfig } from '../config/config.ts';
import type { Platform } from '../platform.ts';
import { baseOf } from '../release/release.ts';
import { storedText } from '../stored-text.ts';
import { NotFound } from '../user-error.ts';

/** A builder that is silent this long has lost its build. */
export const LEASE_SECONDS = 30;
/** Beyond the build's own limit, so that the build can say itself that it took too long. */
const DEADLINE_GRACE_SECONDS = 60;
/** Signed URLs outlive the slowest build. */
const URL_GRACE_SECONDS = 600;

const inSeconds = (seconds: number): Date => new Date(Date.now() + seconds * 1000);

/** When a build that is begun (again) now must have its verdict. */
export const buildDeadline = ({ settings }: Pick<Platform, 'settings'>): Date => inSeconds(settings.buildLimits.seconds + DEADLINE_GRACE_SECONDS);

type Refusal = { refused: 'NOT_CLAIMABLE' | 'APP_BUSY' };
interface Taken { claimed: Build; configId: string | null; app: App }
type Claim = Refusal | Taken;
export type ClaimAnswer = Refusal | { claimed: BuildContext };

/** Gives a build that nobody has to a builder, with all it needs, for as long as it renews its lease. Never two builds of an app at once. */
export async function claimBuild(platform: Platform, buildId: string, builderId: string): Promise<ClaimAnswer> {
  const found = await platform.db.build.findUnique({ where: { id: buildId }, select: { appId: true } });
  if (!found) return { refused: 'NOT_CLAIMABLE' };
  const answer = await changeApp<Claim>(platform, found.appId, { bump: false }, (change) => takeBuild(platform, change, buildId, builderId)).catch((error: unknown): Claim => {
    if (error instanceof NotFound) return { refused: 'NOT_CLAIMABLE' };
    throw error;
  });
  if ('refused' in answer) return answer;
  faultPoint('gateway.build-claimed');
  return { claimed: await buildContext(platform, answer) };
}

async function takeBuild(platform: Platform, { tx, app, event }: AppChange, buildId: string, builderId: string): Promise<Claim> {
  const build = await tx.build.findUnique({ where: { id: buildId } });
  // A builder that asks again has lost the answer, or itself: it goes on with what it has.
  const isOwn = build?.status === 'RUNNING' && build.builderId === builderId;
  const isFree = build?.status === 'QUEUED' || (build?.status === 'RUNNING' && build.builderId === null);
  if (!build || !(isOwn || isFree)) return { refused: 'NOT_CLAIMABLE' };
  if (await tx.build.count({ where: { appId: app.id, status: 'RUNNING', id: { not: buildId } } }) > 0) return { refused: 'APP_BUSY' };
  const goesOn = isOwn && build.leaseUntil !== null && build.leaseUntil > new Date();
  const claimed = await tx.build.update({
    where: { id: buildId },
    data: {
      status: 'RUNNING', builderId, leaseUntil: inSeconds(LEASE_SECONDS), startedAt: build.startedAt ?? new Date(),
      ...(goesOn ? {} : { attempts: { increment: 1 }, deadlineAt: buildDeadline(platform) }),
    },
  });
  if (!build.startedAt) event('BuildStarted', { buildId, number: build.number }, buildId);
  return { claimed, configId: (await baseOf(tx, app.id)).configId, app };
}

async function buildContext(platform: Platform, { claimed: build, configId, app }: Taken): Promise<BuildContext> {
  const { buildLimits, internalUrl } = platform.settings;
  const seconds = buildLimits.seconds + URL_GRACE_SECONDS;
  const { blobs } = platform;
  return {
    buildId: build.id, appId: build.appId, appName: app.name, number: build.number, commit: build.commit, clean: build.clean, limits: buildLimits, sourceDigest: build.sourceDigest,
    sourceUrl: internalUrl + blobs.signGet('sources', build.sourceDigest, seconds),
    slugPutUrl: internalUrl + blobs.signPut('slugs', buildLimits.slugBytes, seconds),
    cacheUrl: build.clean || app.buildCache === null ? null : internalUrl + blobs.signGet('caches', app.buildCache, seconds),
    cachePutUrl: internalUrl + blobs.signPut('caches', Math.floor(buildLimits.diskBytes / 2), seconds),
    config: configId === null ? [] : await readConfig(platform, build.appId, configId),
  };
}

/** The builds that a builder has claimed and not ended. */
export async function heldBuilds({ db }: Pick<Platform, 'db'>, builderId: string): Promise<string[]> {
  return (await db.build.findMany({ where: { builderId, status: 'RUNNING' }, select: { id: true }, orderBy: { startedAt: 'asc' } })).map(({ id }) => id);
}

/** Keeps a build with its builder. `lost`: it is not theirs any more. */
export async function renewLease(platform: Platform, buildId: string, builderId: string): Promise<{ canceled: boolean; lost: boolean }> {
  const [row] = await platform.db.build.updateManyAndReturn({
    where: { id: buildId, builderId, status: 'RUNNING' }, data: { leaseUntil: inSeconds(LEASE_SECONDS) }, select: { cancelRequestedAt: true },
  });
  return { lost: row === undefined, canceled: row?.cancelRequestedAt != null };
}

/** Notes which steps began or ended. A report by one who lost the build changes nothing, and one that comes late takes no end back. */
export async function reportSteps({ db }: Pick<Platform, 'db'>, buildId: string, builderId: string, steps: readonly BuildStep[]): Promise<void> {
  // A step is named once in a statement.
  const last = [...new Map(steps.map((step) => [step.index, { ...step, name: storedText(step.name) }])).values()];
  await db.$executeRaw`
    INSERT INTO "BuildStep" (id, "buildId", index, kind, name, status, "cacheHit", "startedAt", "endedAt")
    SELECT gen_random_uuid(), build.id, step.index, step.kind, step.name, step.status, step."cacheHit", step."startedAt", step."endedAt"
    FROM "Build" build, jsonb_to_recordset(${JSON.stringify(last)}::jsonb)
      AS step(index int, kind "BuildStepKind", name text, status "BuildStepStatus", "cacheHit" boolean, "startedAt" timestamptz(3), "endedAt" timestamptz(3))
    WHERE build.id = ${buildId}::uuid AND build."builderId" = ${builderId} AND build.status = 'RUNNING'
    ON CONFLICT ("buildId", index) DO UPDATE
      SET kind = excluded.kind, name = excluded.name, status = excluded.status, "cacheHit" = excluded."cacheHit", "startedAt" = excluded."startedAt", "endedAt" = excluded."endedAt"
      WHERE "BuildStep"."endedAt" IS NULL OR "BuildStep"."startedAt" < excluded."startedAt"`;
}
