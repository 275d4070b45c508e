import type { WantedApp, WantedRelease } from '../cluster/deploy.ts';
import { sizeMemoryBytes } from '../platform/app/process.ts';
import { RELEASE_TYPE, slugProcessTypes } from '../platform/build/slug.ts';
import { configFingerprint } from '../platform/config/config-snapshot.ts';
import type { Platform } from '../platform/platform.ts';
import type { Prisma } from '../prisma/client.ts';

export type ReleaseRow = Prisma.ReleaseGetPayload<{ include: { slug: true } }>;

export interface Wanted {
  /** The release that is to run: the newest that is open or live. */
  newest: ReleaseRow | null;
  /** The newest that was live before it. */
  live: ReleaseRow | null;
  /** Begun and overtaken: their command, if one runs, is to end. */
  superseded: ReleaseRow[];
}

/** What an app's ledger asks for, in one statement. */
export async function readWanted({ db }: Platform, appId: string): Promise<Wanted> {
  const releases = await db.release.findMany({ where: { appId, status: { not: 'FAILED' } }, include: { slug: true }, orderBy: { version: 'desc' }, take: 20 });
  const newest = releases.find(({ status }) => status !== 'SUPERSEDED') ?? null;
  const live = releases.find((release) => release.status === 'LIVE' && release.id !== newest?.id)
    ?? await db.release.findFirst({ where: { appId, status: 'LIVE', ...(newest ? { version: { lt: newest.version } } : {}) }, include: { slug: true }, orderBy: { version: 'desc' } });
  const superseded = newest?.status === 'LIVE' ? [] : releases.filter(({ status, startedAt, commandEndedAt, version }) => status === 'SUPERSEDED' && startedAt && !commandEndedAt && version > (live?.version ?? 0));
  return { newest, live, superseded };
}

/** Whether two releases are the same program with the same config: then what runs is adopted. */
export async function isSamePair({ db }: Platform, a: ReleaseRow, b: ReleaseRow): Promise<boolean> {
  if (a.slugId !== b.slugId) return false;
  return a.configId === b.configId || await configFingerprint(db, a.configId) === await configFingerprint(db, b.configId);
}

export async function wantRelease({ db }: Platform, release: ReleaseRow, slug: NonNullable<ReleaseRow['slug']>): Promise<WantedRelease> {
  return { id: release.id, version: release.version, slugDigest: slug.digest, image: slug.image, stack: slug.stack, configFingerprint: await configFingerprint(db, release.configId), keepsReplicas: !release.restart, live: release.status === 'LIVE' };
}

/** An app with all names that lead to it; `withNames` includes them. */
export type NamedApp = Prisma.AppGetPayload<{ include: typeof withNames }>;
export const withNames = { formerNames: { orderBy: { createdAt: 'asc' }, select: { name: true } } } as const;

export const namesOf = ({ id, name, formerNames }: Pick<NamedApp, 'id' | 'name' | 'formerNames'>): Pick<WantedApp, 'appId' | 'name' | 'formerNames'> => ({ appId: id, name, formerNames: formerNames.map((former) => former.name) });

/** The app as the cluster is to run it with this release. */
export async function wantApp(platform: Platform, app: NamedApp, release: ReleaseRow): Promise<WantedApp> {
  if (!release.slug) return { ...namesOf(app), release: null, processes: [] };
  const [formation, replaced, wanted] = await Promise.all([
    platform.db.process.findMany({ where: { appId: app.id } }),
    platform.db.replica.findMany({ where: { appId: app.id, endedAt: null, replaceRequestedAt: { not: null } }, select: { id: true, process: true } }),
    wantRelease(platform, release, release.slug),
  ]);
  const processes = slugProcessTypes(release.slug).filter(({ type }) => type !== RELEASE_TYPE).map(({ type, command }) => {
    const row = formation.find((process) => process.type === type);
    return {
      type, command, quantity: row?.quantity ?? 0, memoryBytes: sizeMemoryBytes[row?.size ?? 'SMALL'], restarts: row?.restarts ?? 0,
      replace: replaced.filter(({ process }) => process === type).map(({ id }) => id),
    };
  });
  return { ...namesOf(app), release: wanted, processes };
}
