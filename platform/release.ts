import type { App, Release } from '../prisma/generated/client/client.ts';
import type { ReleaseReason } from '../prisma/generated/client/enums.ts';
import type { AppChange } from './change-app.ts';
import type { Transaction } from './platform.ts';

/** A deploy that is neither live nor failed after this long has failed. */
const ROLLOUT_SECONDS = 900;

export interface NewRelease {
  reason: ReleaseReason;
  slugId: string | null;
  configId: string;
  buildId?: string;
  rolledBackTo?: number;
  restart?: boolean;
  createdById: string | null;
  description: string;
}

/** The deploy that a release belongs to: its build's, or its own. */
export const deployOf = (release: Pick<Release, 'id' | 'buildId'>): string => release.buildId ?? release.id;

/** Adds the next release to the ledger; what was still under way before it is superseded. */
export async function createRelease({ tx, app, nextRelease, event }: AppChange, release: NewRelease): Promise<Release> {
  const open = await tx.release.findMany({ where: { appId: app.id, status: { in: ['PENDING', 'ROLLING_OUT'] } }, orderBy: { version: 'asc' } });
  const now = new Date();
  await tx.release.updateMany({ where: { id: { in: open.map(({ id }) => id) } }, data: { status: 'SUPERSEDED', endedAt: now } });
  for (const old of open) event('ReleaseSuperseded', { releaseId: old.id, version: old.version }, deployOf(old));
  const created = await tx.release.create({
    data: { ...release, appId: app.id, version: nextRelease(), deadlineAt: new Date(now.getTime() + ROLLOUT_SECONDS * 1000) },
  });
  event('ReleaseCreated', { releaseId: created.id, version: created.version, reason: created.reason, description: created.description }, deployOf(created));
  return created;
}

/** What the next release starts from: the slug and the config of the newest release that did not fail (of any, where all failed). */
export async function baseOf(tx: Transaction, appId: string): Promise<{ slugId: string | null; configId: string | null }> {
  const newest = (where: object): Promise<Release | null> => tx.release.findFirst({ where: { appId, ...where }, orderBy: { version: 'desc' } });
  const good = await newest({ status: { not: 'FAILED' } });
  const withSlug = good?.slugId ? good : await newest({ status: { not: 'FAILED' }, slugId: { not: null } }) ?? await newest({ slugId: { not: null } });
  const withConfig = good ?? await newest({});
  return { slugId: withSlug?.slugId ?? null, configId: withConfig?.configId ?? null };
}

/** The snapshot a release without any config has. */
export async function configOrEmpty(tx: Transaction, appId: string, configId: string | null): Promise<string> {
  return configId ?? (await tx.config.create({ data: { appId } })).id;
}

/** The release that serves, or would: the newest that is live. */
export async function lastLive(tx: Transaction, appId: string, before?: number): Promise<Release | null> {
  return tx.release.findFirst({ where: { appId, status: 'LIVE', ...(before === undefined ? {} : { version: { lt: before } }) }, orderBy: { version: 'desc' } });
}

/** Whether a release can be rolled back to, and if not, why. */
export function whyNoRollBack(release: Pick<Release, 'version' | 'slugId' | 'status'>, app: Pick<App, 'lastRelease'>): string | null {
  if (release.slugId === null) return `Release v${release.version} has no code: nothing was deployed yet.`;
  if (release.version === app.lastRelease && release.status === 'LIVE') return `Release v${release.version} is the one that runs.`;
  if (release.status === 'FAILED') return `Release v${release.version} failed; roll back to one that was live.`;
  return null;
}
