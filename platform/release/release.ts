import type { App, Release } from '../../prisma/generated/client/client.ts';
import type { ReleaseReason } from '../../prisma/generated/client/enums.ts';
import type { AppChange } from '../app/change-app.ts';
import type { Platform, Transaction } from '../platform.ts';

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

/** Adds the next release to the ledger; what was still under way before it is superseded, and restarts if that would have. */
export async function createRelease({ tx, app, nextRelease, event }: AppChange, release: NewRelease): Promise<Release> {
  const open = await tx.release.findMany({ where: { appId: app.id, status: { in: ['PENDING', 'ROLLING_OUT'] } }, orderBy: { version: 'asc' } });
  await tx.release.updateMany({ where: { id: { in: open.map(({ id }) => id) } }, data: { status: 'SUPERSEDED', endedAt: new Date() } });
  for (const old of open) event('ReleaseSuperseded', { releaseId: old.id, version: old.version }, deployOf(old));
  const created = await tx.release.create({
    data: { ...release, appId: app.id, version: nextRelease(), restart: (release.restart ?? true) || open.some(({ restart }) => restart) },
  });
  event('ReleaseCreated', { releaseId: created.id, version: created.version, reason: created.reason, description: created.description }, deployOf(created));
  return created;
}

/**
 * What the next release starts from: slug and config of the newest. Where that one failed and the platform went back, the newest is the one it went
 * back with; where there was nothing to go back to, what was set is kept, so that the key an app failed without can be added.
 */
export async function baseOf(tx: Transaction | Platform['db'], appId: string): Promise<{ slugId: string | null; configId: string | null }> {
  const newest = await tx.release.findFirst({ where: { appId }, orderBy: { version: 'desc' }, select: { slugId: true, configId: true } });
  return newest ?? { slugId: null, configId: null };
}

/** The snapshot a release without any config has. */
export async function configOrEmpty(tx: Transaction, appId: string, configId: string | null): Promise<string> {
  return configId ?? (await tx.config.create({ data: { appId } })).id;
}

/** The release that serves, or would: the newest that is live. */
export async function lastLive(tx: Transaction, appId: string, before?: number): Promise<Release | null> {
  return tx.release.findFirst({ where: { appId, status: 'LIVE', ...(before === undefined ? {} : { version: { lt: before } }) }, orderBy: { version: 'desc' } });
}

/** Whether a release can be rolled back to, and if not, why. One that failed can: what it lacked may be there now, and a rollout that fails again is undone again. */
export function whyNoRollBack(release: Pick<Release, 'version' | 'slugId' | 'status'>, app: Pick<App, 'lastRelease'>): string | null {
  if (release.slugId === null) return `Release v${release.version} has no code: nothing was deployed yet.`;
  if (release.version === app.lastRelease && release.status === 'LIVE') return `Release v${release.version} is the one that runs.`;
  if (release.status === 'PENDING' || release.status === 'ROLLING_OUT') return `Release v${release.version} is being rolled out.`;
  return null;
}
