import type { Platform } from '../platform/platform.ts';
import { builder } from './builder.ts';

export interface ReleaseDiff { from: number; codeChanged: boolean; added: string[]; changed: string[]; removed: string[] }

interface Comparable { appId: string; slug: { digest: string } | null; config: { entries: { key: string; digest: string }[] } }

/** What changed from another release to this one; null where the other does not exist. */
export async function diffReleases({ db }: Pick<Platform, 'db'>, release: Comparable, from: number): Promise<ReleaseDiff | null> {
  // By its unique key: Prisma makes one statement of all that are asked for at once.
  const other = await db.release.findUnique({
    where: { appId_version: { appId: release.appId, version: from } },
    select: { slug: { select: { digest: true } }, config: { select: { entries: { select: { key: true, digest: true } } } } },
  });
  if (!other) return null;
  const before = new Map(other.config.entries.map(({ key, digest }) => [key, digest]));
  const after = new Map(release.config.entries.map(({ key, digest }) => [key, digest]));
  return {
    from, codeChanged: other.slug?.digest !== release.slug?.digest,
    added: [...after.keys()].filter((key) => !before.has(key)).sort(),
    changed: [...after].filter(([key, digest]) => before.has(key) && before.get(key) !== digest).map(([key]) => key).sort(),
    removed: [...before.keys()].filter((key) => !after.has(key)).sort(),
  };
}

export const ReleaseDiffRef = builder.objectRef<ReleaseDiff>('ReleaseDiff').implement({
  description: 'What changed between two releases.',
  fields: (t) => ({
    from: t.exposeInt('from', { description: 'The version it is compared with.' }),
    codeChanged: t.exposeBoolean('codeChanged', { description: 'Whether the slug is another.' }),
    configAdded: t.exposeStringList('added', { description: 'Config keys that are new.' }),
    configChanged: t.exposeStringList('changed', { description: 'Config keys whose value is another.' }),
    configRemoved: t.exposeStringList('removed', { description: 'Config keys that are gone.' }),
  }),
});
