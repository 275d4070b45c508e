import type { DeployState } from '../bus/push.ts';
import { appUrl } from './app.ts';
import type { Platform } from './platform.ts';

/** Where a deploy is, from its build to the verdict of its release; null: there is no such build. */
export async function deployState(platform: Platform, buildId: string): Promise<DeployState | null> {
  const build = await platform.db.build.findUnique({ where: { id: buildId }, include: { release: true, app: true } });
  if (!build) return null;
  const [superseded, rollback] = await Promise.all([
    build.status === 'SUPERSEDED' ? platform.db.event.findFirst({ where: { deployId: build.id, type: 'BuildSuperseded' } }) : null,
    build.release?.status === 'FAILED' ? platform.db.release.findFirst({ where: { appId: build.appId, reason: 'AUTO_ROLLBACK', version: { gt: build.release.version } }, orderBy: { version: 'asc' } }) : null,
  ]);
  const by = superseded?.data;
  return {
    build: {
      id: build.id, appId: build.appId, number: build.number, commit: build.commit, branch: build.branch, status: build.status,
      supersededBy: typeof by === 'object' && by !== null && 'by' in by && typeof by.by === 'string' ? by.by : null,
      failure: failureOf(build),
    },
    release: build.release && {
      id: build.release.id, version: build.release.version, status: build.release.status, failure: failureOf(build.release), url: appUrl(platform, build.app),
      rolledBack: rollback?.rolledBackTo == null ? null : { version: rollback.version, to: rollback.rolledBackTo },
    },
  };
}

interface FailureColumns { failureReason: string | null; failureMessage: string | null; failureHint: string | null; failureLines: string[] }

function failureOf({ failureReason, failureMessage, failureHint, failureLines }: FailureColumns): { reason: string; message: string; hint: string | null; lines: string[] } | null {
  return failureReason === null ? null : { reason: failureReason, message: failureMessage ?? failureReason, hint: failureHint, lines: failureLines };
}

/** Builds whose branch the git server still has to move, or may have to: those under way, and those that succeeded and were not moved. */
export async function unfinishedPushes(platform: Platform): Promise<{ buildId: string; appId: string; commit: string; branch: string; status: string }[]> {
  const builds = await platform.db.build.findMany({ where: { app: { deletedAt: null }, OR: [{ status: { in: ['QUEUED', 'RUNNING'] } }, { status: 'SUCCEEDED', refMovedAt: null }] }, orderBy: { queuedAt: 'asc' } });
  return builds.map(({ id, appId, commit, branch, status }) => ({ buildId: id, appId, commit, branch, status }));
}

/** The branch is at the build's commit now. */
export async function markMoved(platform: Platform, buildId: string): Promise<void> {
  await platform.db.build.updateMany({ where: { id: buildId, refMovedAt: null }, data: { refMovedAt: new Date() } });
}
