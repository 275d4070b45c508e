import type { DeployState } from '../../bus/push.ts';
import type { Release } from '../../prisma/generated/client/client.ts';
import { appUrl } from '../app/app.ts';
import type { Platform } from '../platform.ts';

/** Where a deploy is, from its build to the verdict of its release; null: there is no such build. */
export async function deployState(platform: Platform, buildId: string): Promise<DeployState | null> {
  const build = await platform.db.build.findUnique({ where: { id: buildId }, include: { release: true, app: true } });
  if (!build) return null;
  const release = build.release && await releaseThatCounts(platform, build.release);
  const [superseded, rollback, later] = await Promise.all([
    build.status === 'SUPERSEDED' ? platform.db.event.findFirst({ where: { deployId: build.id, type: 'BuildSuperseded' } }) : null,
    release?.status === 'FAILED' ? platform.db.release.findFirst({ where: { appId: build.appId, reason: 'AUTO_ROLLBACK', version: release.version + 1 } }) : null,
    platform.db.build.count({ where: { appId: build.appId, branch: build.branch, number: { gt: build.number }, refMovedAt: { not: null } } }),
  ]);
  const by = superseded?.data;
  return {
    build: {
      id: build.id, appId: build.appId, number: build.number, commit: build.commit, branch: build.branch, status: build.status,
      supersededBy: typeof by === 'object' && by !== null && 'by' in by && typeof by.by === 'string' ? by.by : null,
      failure: failureOf(build), overtaken: later > 0,
    },
    release: release && {
      id: release.id, version: release.version, status: release.status, failure: failureOf(release), url: appUrl(platform, build.app),
      rolledBack: rollback?.rolledBackTo == null ? null : { version: rollback.version, to: rollback.rolledBackTo },
    },
  };
}

/** Config that was set (or went back) during a rollout makes a release that carries the same slug on: that one's verdict is the deploy's. */
async function releaseThatCounts(platform: Platform, release: Release): Promise<Release> {
  if (release.status !== 'SUPERSEDED') return release;
  const next = await platform.db.release.findFirst({ where: { appId: release.appId, version: { gt: release.version } }, orderBy: { version: 'asc' } });
  return next && next.reason !== 'DEPLOY' && next.slugId === release.slugId ? releaseThatCounts(platform, next) : release;
}

interface FailureColumns { failureReason: string | null; failureMessage: string | null; failureHint: string | null; failureLines: string[] }

function failureOf({ failureReason, failureMessage, failureHint, failureLines }: FailureColumns): { reason: string; message: string; hint: string | null; lines: string[] } | null {
  return failureReason === null ? null : { reason: failureReason, message: failureMessage ?? failureReason, hint: failureHint, lines: failureLines };
}

/** Builds whose branch the git server still has to move, or may have to: those under way, and those whose release is, or is live and its branch was not moved. */
export async function unfinishedPushes(platform: Platform): Promise<{ buildId: string; appId: string; commit: string; branch: string; status: string }[]> {
  const builds = await platform.db.build.findMany({ where: { app: { deletedAt: null }, OR: [{ status: { in: ['QUEUED', 'RUNNING'] } }, { status: 'SUCCEEDED', refMovedAt: null, release: { status: { in: ['PENDING', 'ROLLING_OUT', 'LIVE'] } } }] }, orderBy: { queuedAt: 'asc' } });
  return builds.map(({ id, appId, commit, branch, status }) => ({ buildId: id, appId, commit, branch, status }));
}

/** The branch is at the build's commit now. */
export async function markMoved(platform: Platform, buildId: string): Promise<void> {
  await platform.db.build.updateMany({ where: { id: buildId, refMovedAt: null }, data: { refMovedAt: new Date() } });
}
