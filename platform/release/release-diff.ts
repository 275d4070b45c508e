import type { Prisma } from '../../prisma/client.ts';
import { slugProcessTypes } from '../build/slug.ts';

/** Which keys or process types are there on one side only, or otherwise. Each list is sorted. */
export interface NameDiff { added: string[]; changed: string[]; removed: string[] }

type SlugOfRelease = Prisma.SlugGetPayload<{ include: { builds: { select: { commit: true; queuedAt: true } } } }>;

/** What of a release is compared: its code and its config. */
export interface ReleaseContent {
  slug: SlugOfRelease | null;
  /** The commit that was built; null: nothing was, or the build is gone. */
  commit: string | null;
  entries: readonly { key: string; digest: string }[];
}

export interface ReleaseDiff {
  before: Pick<ReleaseContent, 'slug' | 'commit'>;
  after: Pick<ReleaseContent, 'slug' | 'commit'>;
  codeChanged: boolean;
  processTypes: NameDiff;
  config: NameDiff;
}

/** What a query selects of a slug and of a release to compare them. */
export const slugContent = { include: { builds: { select: { commit: true, queuedAt: true }, orderBy: { number: 'desc' as const }, take: 20 } } };
export const releaseContent = { createdAt: true, build: { select: { commit: true } }, slug: slugContent, config: { select: { entries: { select: { key: true, digest: true } } } } } as const;

export type ReleaseWithContent = { createdAt: Date; build: { commit: string } | null; slug: SlugOfRelease | null; config: { entries: { key: string; digest: string }[] } };

/** A release without a build has the commit whose build made its slug last before it. */
export function contentOf({ createdAt, build, slug, config }: ReleaseWithContent): ReleaseContent {
  return { slug, entries: config.entries, commit: build?.commit ?? commitOf(slug, createdAt) };
}

export function commitOf(slug: SlugOfRelease | null, at: Date): string | null {
  return (slug?.builds.find(({ queuedAt }) => queuedAt <= at) ?? slug?.builds.at(-1))?.commit ?? null;
}

/** What changed from one release to another of the same app; either may be the older one. */
export function diffContents(before: ReleaseContent, after: ReleaseContent): ReleaseDiff {
  const commands = ({ slug }: ReleaseContent): [string, string][] => (slug ? slugProcessTypes(slug).map(({ type, command }) => [type, command]) : []);
  const digests = ({ entries }: ReleaseContent): [string, string][] => entries.map(({ key, digest }) => [key, digest]);
  return {
    before, after, codeChanged: before.slug?.digest !== after.slug?.digest,
    processTypes: diffNames(new Map(commands(before)), new Map(commands(after))),
    config: diffNames(new Map(digests(before)), new Map(digests(after))),
  };
}

function diffNames(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): NameDiff {
  return {
    added: [...after.keys()].filter((name) => !before.has(name)).sort(),
    changed: [...after].filter(([name, content]) => before.has(name) && before.get(name) !== content).map(([name]) => name).sort(),
    removed: [...before.keys()].filter((name) => !after.has(name)).sort(),
  };
}
