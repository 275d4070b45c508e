import { contentOf, diffContents, releaseContent } from '../platform/release/release-diff.ts';
import type { ReleaseDiff, ReleaseWithContent } from '../platform/release/release-diff.ts';
import type { Platform } from '../platform/platform.ts';
import { builder } from './builder.ts';
import { SlugRef } from './slug.ts';

/** What changed from another release of the app to this one; null where the other does not exist. */
export async function diffReleases({ db }: Pick<Platform, 'db'>, release: ReleaseWithContent & { appId: string }, from: number): Promise<(ReleaseDiff & { from: number }) | null> {
  // By its unique key: Prisma makes one statement of all that are asked for at once.
  const other = await db.release.findUnique({ where: { appId_version: { appId: release.appId, version: from } }, select: releaseContent });
  return other && { ...diffContents(contentOf(other), contentOf(release)), from };
}

export const ReleaseDiffRef = builder.objectRef<ReleaseDiff & { from: number }>('ReleaseDiff').implement({
  description: 'What changed between two releases of an app.',
  fields: (t) => ({
    from: t.exposeInt('from', { description: 'The version it is compared with.' }),
    codeChanged: t.exposeBoolean('codeChanged', { description: 'Whether the slug is another.' }),
    slugBefore: t.field({ type: SlugRef, nullable: true, description: 'The code of the other release; null where it has none.', resolve: ({ before }) => before.slug }),
    slugAfter: t.field({ type: SlugRef, nullable: true, description: 'The code of this release; null where it has none.', resolve: ({ after }) => after.slug }),
    commitBefore: t.string({ nullable: true, description: 'The commit that the other release\'s code was built from; null where it has none.', resolve: ({ before }) => before.commit }),
    commitAfter: t.string({ nullable: true, description: 'The commit that this release\'s code was built from; null where it has none.', resolve: ({ after }) => after.commit }),
    processTypesAdded: t.stringList({ description: 'Process types that are new.', resolve: ({ processTypes }) => processTypes.added }),
    processTypesChanged: t.stringList({ description: 'Process types with another command.', resolve: ({ processTypes }) => processTypes.changed }),
    processTypesRemoved: t.stringList({ description: 'Process types that are gone.', resolve: ({ processTypes }) => processTypes.removed }),
    configAdded: t.stringList({ description: 'Config keys that are new.', resolve: ({ config }) => config.added }),
    configChanged: t.stringList({ description: 'Config keys that were set to another value, or sealed; of sealed ones all that were set, whatever to.', resolve: ({ config }) => config.changed }),
    configRemoved: t.stringList({ description: 'Config keys that are gone.', resolve: ({ config }) => config.removed }),
  }),
});
