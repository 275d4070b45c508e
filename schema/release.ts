import { mayApp, visibleApp, withRights } from '../platform/access.ts';
import type { AppWithRights } from '../platform/access.ts';
import { releaseContent } from '../platform/release/release-diff.ts';
import { whyNoRollBack } from '../platform/release/release.ts';
import type { Release } from '../prisma/generated/client/client.ts';
import type { ReleaseFailureReason, ReleaseReason, ReleaseStatus } from '../prisma/generated/client/enums.ts';
import { builder } from './builder.ts';
import { requireActor } from './context.ts';
import { diffReleases, ReleaseDiffRef } from './release-diff.ts';

export const ReleaseReasonRef = builder.enumType('ReleaseReason', {
  description: 'What made a release.',
  values: {
    DEPLOY: { description: 'A build succeeded.' },
    CONFIG: { description: 'The config changed.' },
    ROLLBACK: { description: 'Somebody went back to an older release.' },
    AUTO_ROLLBACK: { description: 'A rollout failed, and the platform went back to the last good release.' },
  } satisfies Record<ReleaseReason, { description: string }>,
});

const ReleaseStatusRef = builder.enumType('ReleaseStatus', {
  description: 'Where a release is. It ends in exactly one of the last three.',
  values: {
    PENDING: { description: 'Nothing of it runs yet.' },
    ROLLING_OUT: { description: 'Its release command runs, or its replicas start beside the old ones.' },
    LIVE: { description: 'It took over, and served until the next live release did.' },
    FAILED: { description: 'It never took over; `failure` says why.' },
    SUPERSEDED: { description: 'A newer release came before it took over.' },
  } satisfies Record<ReleaseStatus, { description: string }>,
});

const ReleaseFailureReasonRef = builder.enumType('ReleaseFailureReason', {
  description: 'Why a rollout failed.',
  values: {
    RELEASE_COMMAND_FAILED: { description: 'The Procfile\'s release command failed.' },
    CRASH_LOOP: { description: 'A replica ended again and again.' },
    PORT_NOT_BOUND: { description: 'A web replica did not listen on $PORT in time.' },
    HEALTH_CHECK_FAILED: { description: 'A web replica listened on $PORT and then took no connections any more.' },
    OUT_OF_MEMORY: { description: 'A replica used more memory than its size has.' },
    SLUG_UNAVAILABLE: { description: 'The slug could not be fetched or unpacked.' },
    IMAGE_PULL_FAILED: { description: 'The image could not be fetched from the registry; only on Kubernetes.' },
    UNSCHEDULABLE: { description: 'No node of the cluster has room for a replica; only on Kubernetes.' },
    QUOTA_EXCEEDED: { description: 'The app may use no more of the cluster; only on Kubernetes.' },
    TIMEOUT: { description: 'The rollout took too long.' },
    INTERNAL: { description: 'The platform failed.' },
  } satisfies Record<ReleaseFailureReason, { description: string }>,
});

const ReleaseFailureRef = builder.objectRef<Release>('ReleaseFailure').implement({
  description: 'Why a rollout failed.',
  fields: (t) => ({
    reason: t.field({ type: ReleaseFailureReasonRef, description: 'The kind of failure.', resolve: (release) => release.failureReason ?? 'INTERNAL' }),
    message: t.string({ description: 'What happened, for people.', resolve: (release) => release.failureMessage ?? '' }),
    hint: t.exposeString('failureHint', { nullable: true, description: 'What to do about it.' }),
    exitCode: t.exposeInt('exitCode', { nullable: true, description: 'What the program ended with; null where none ended.' }),
    lines: t.exposeStringList('failureLines', { description: 'The last lines it printed; at most 20.' }),
  }),
});

/** Of a plain value whoever may read it knows more anyway; others could try guesses in an app of their own and compare. */
export const DIGEST = 'Equal for equal values, also of other apps, but not while the encryption key is being replaced; null where you may not read config. That of a sealed value is another each time that it is set.';

export const ConfigDigestRef = builder.objectRef<{ app: AppWithRights; key: string; digest: string; sealed: boolean }>('ConfigDigest').implement({
  description: 'A config key of a release, without its value.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'The key.' }),
    sealed: t.exposeBoolean('sealed', { description: 'Write-only: nobody reads its value through the API.' }),
    digest: t.string({ nullable: true, description: DIGEST, resolve: ({ app, digest }, _args, ctx) => (mayApp(requireActor(ctx), app, 'readConfig') ? digest : null) }),
  }),
});

export const ReleaseRef = builder.prismaNode('Release', {
  id: { field: 'id', description: 'The release\'s id.' },
  description: 'A slug with a config, numbered within the app and never edited: a line of the ledger.',
  fields: (t) => ({
    app: t.relation('app', { description: 'Whose release it is.' }),
    version: t.exposeInt('version', { description: 'Counts within the app, from 1.' }),
    reason: t.expose('reason', { type: ReleaseReasonRef, description: 'What made it.' }),
    status: t.expose('status', { type: ReleaseStatusRef, description: 'Where it is.' }),
    description: t.exposeString('description', { description: 'What changed, for people: "Set DATABASE_URL".' }),
    slug: t.relation('slug', { nullable: true, description: 'Its code; null before the app\'s first build.' }),
    build: t.relation('build', { nullable: true, description: 'The build it came from; null unless it is a DEPLOY.' }),
    config: t.field({
      type: [ConfigDigestRef], description: 'Its config: the keys, and a digest of each value.',
      select: (_args, ctx) => ({
        app: { include: withRights(requireActor(ctx)) },
        config: { select: { entries: { select: { key: true, digest: true, sealed: true }, orderBy: { key: 'asc' } } } },
      }),
      resolve: ({ app, config }) => config.entries.map((entry) => ({ ...entry, app })),
    }),
    rolledBackTo: t.exposeInt('rolledBackTo', { nullable: true, description: 'The version it went back to; null unless it is a rollback.' }),
    createdBy: t.relation('createdBy', { nullable: true, description: 'Who made it; null: the platform.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    startedAt: t.expose('startedAt', { type: 'DateTime', nullable: true, description: 'When its rollout began; null before.' }),
    endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true, description: 'When there was a verdict; null before.' }),
    failure: t.field({ type: ReleaseFailureRef, nullable: true, description: 'Why it failed; null unless it did.', resolve: (release) => (release.failureReason === null ? null : release) }),
    canRollBackTo: t.boolean({
      description: 'Whether `rollBack` can go to it.', select: { app: { select: { lastRelease: true } } },
      resolve: (release) => whyNoRollBack(release, release.app) === null,
    }),
    diff: t.field({
      type: ReleaseDiffRef, nullable: true, description: 'What changed between another release of the app and this one; null: there is no such release.',
      args: { from: t.arg.int({ description: 'The other release\'s version; the one before, if not said.' }) },
      select: releaseContent,
      resolve: (release, { from }, { platform }) => diffReleases(platform, release, from ?? release.version - 1),
    }),
  }),
});

builder.queryField('release', (t) => t.prismaField({
  type: ReleaseRef, nullable: true, description: 'A release by its app and version; null: it does not exist, or not for you.',
  args: { app: t.arg.string({ required: true, description: 'The app\'s name or id.' }), version: t.arg.int({ required: true, description: 'The release\'s version.' }) },
  resolve: (query, _root, { app, version }, ctx) => {
    return ctx.platform.db.release.findFirst({ ...query, where: { version, app: visibleApp(requireActor(ctx), app) } });
  },
}));
