import { isUuid, visibleApps } from '../platform/access.ts';
import * as platform from '../platform/build/build.ts';
import { BuildEnded, Forbidden, NotFound } from '../platform/user-error.ts';
import type { Build } from '../prisma/generated/client/client.ts';
import type { BuildFailureReason, BuildStatus, BuildStepKind, BuildStepStatus } from '../prisma/generated/client/enums.ts';
import { builder } from './builder.ts';
import { requireActor } from './context.ts';

const BuildStatusRef = builder.enumType('BuildStatus', {
  description: 'Where a build is. It ends in exactly one of the last four.',
  values: {
    QUEUED: { description: 'It waits for a builder, or for another build of the app.' },
    RUNNING: { description: 'A builder works on it.' },
    SUCCEEDED: { description: 'There is a slug, and a release of it.' },
    FAILED: { description: 'There is no slug; `failure` says why.' },
    CANCELED: { description: 'Somebody stopped it.' },
    SUPERSEDED: { description: 'A newer push took its place before it began.' },
  } satisfies Record<BuildStatus, { description: string }>,
});

const BuildFailureReasonRef = builder.enumType('BuildFailureReason', {
  description: 'Why a build failed.',
  values: {
    NO_BUILDPACK: { description: 'No buildpack knows what to do with these files.' },
    BUILDPACK_FETCH_FAILED: { description: 'A buildpack named in .buildpacks could not be fetched.' },
    DOCKERFILE_NEEDS_KUBERNETES: { description: 'A Dockerfile is built on Kubernetes only.' },
    INVALID_PROCFILE: { description: 'The Procfile has a line that is none.' },
    NO_PROCESS_TYPES: { description: 'Neither the Procfile nor a buildpack says what to run.' },
    SOURCE_INVALID: { description: 'The pushed files cannot be unpacked safely.' },
    BUILD_COMMAND_FAILED: { description: 'A command of the build failed.' },
    BUILD_TIMEOUT: { description: 'The build took too long.' },
    OUT_OF_MEMORY: { description: 'The build used more memory than it may.' },
    DISK_FULL: { description: 'The build used more disk than it may, or than there is.' },
    OUTPUT_LIMIT: { description: 'The build printed more than it may.' },
    SLUG_TOO_LARGE: { description: 'The slug is larger than it may be.' },
    IMAGE_BUILD_FAILED: { description: 'The image could not be built: mostly, a step of the Dockerfile failed.' },
    REGISTRY_UNAVAILABLE: { description: 'The image registry did not answer, again and again.' },
    REGISTRY_DENIED: { description: 'The image registry refused the platform\'s password, or the image.' },
    REGISTRY_FULL: { description: 'The image registry has no room.' },
    BUILDER_LOST: { description: 'The builder was lost again and again.' },
    INTERNAL: { description: 'The platform failed.' },
  } satisfies Record<BuildFailureReason, { description: string }>,
});

const BuildStepKindRef = builder.enumType('BuildStepKind', {
  description: 'What a step does.',
  values: {
    FETCH: { description: 'Gets sources, buildpacks and cache.' },
    DETECT: { description: 'Finds the buildpacks that apply.' },
    COMPILE: { description: 'Runs one buildpack.' },
    RELEASE: { description: 'Asks the buildpacks for process types.' },
    SLUG: { description: 'Packs and stores the slug.' },
    CACHE: { description: 'Keeps the cache for the next build.' },
    IMAGE: { description: 'Builds the container image and pushes it to the registry; only on Kubernetes.' },
  } satisfies Record<BuildStepKind, { description: string }>,
});

const BuildStepStatusRef = builder.enumType('BuildStepStatus', {
  description: 'Where a step is.',
  values: {
    RUNNING: { description: 'It goes on.' }, SUCCEEDED: { description: 'It is done.' }, FAILED: { description: 'It ended the build.' },
  } satisfies Record<BuildStepStatus, { description: string }>,
});

builder.prismaObject('BuildStep', {
  description: 'One step of a build.',
  fields: (t) => ({
    kind: t.expose('kind', { type: BuildStepKindRef, description: 'What it does.' }),
    name: t.exposeString('name', { description: 'What people call it.' }),
    status: t.expose('status', { type: BuildStepStatusRef, description: 'Where it is.' }),
    cacheHit: t.exposeBoolean('cacheHit', { nullable: true, description: 'Whether the cache spared work; null where there is nothing to cache.' }),
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When it began.' }),
    endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true, description: 'When it ended; null while it goes on.' }),
    durationMs: t.int({ nullable: true, description: 'How long it took, in milliseconds; null while it goes on.', resolve: ({ startedAt, endedAt }) => endedAt && endedAt.getTime() - startedAt.getTime() }),
  }),
});

const BuildFailureRef = builder.objectRef<Build>('BuildFailure').implement({
  description: 'Why a build failed.',
  fields: (t) => ({
    reason: t.field({ type: BuildFailureReasonRef, description: 'The kind of failure.', resolve: (build) => build.failureReason ?? 'INTERNAL' }),
    message: t.string({ description: 'What happened, for people.', resolve: (build) => build.failureMessage ?? '' }),
    hint: t.exposeString('failureHint', { nullable: true, description: 'What to do about it.' }),
    lines: t.exposeStringList('failureLines', { description: 'The last lines it printed; at most 20, config values redacted.' }),
  }),
});

export const BuildRef = builder.prismaNode('Build', {
  id: { field: 'id', description: 'The build\'s id.' },
  description: 'One attempt to turn a commit into a slug.',
  fields: (t) => ({
    app: t.relation('app', { description: 'Whose build it is.' }),
    number: t.exposeInt('number', { description: 'Counts within the app, from 1.' }),
    status: t.expose('status', { type: BuildStatusRef, description: 'Where it is.' }),
    commit: t.exposeString('commit', { description: 'The commit that was pushed, hex.' }),
    branch: t.exposeString('branch', { description: 'The branch it was pushed to.' }),
    message: t.exposeString('message', { description: 'The first line of the commit\'s message.' }),
    requestedBy: t.relation('requestedBy', { description: 'Who pushed.' }),
    steps: t.relation('steps', { description: 'What was done, in order.', query: { orderBy: { index: 'asc' } } }),
    slug: t.relation('slug', { nullable: true, description: 'What it made; null unless it succeeded.' }),
    release: t.relation('release', { nullable: true, description: 'The release of its slug; null unless it succeeded.' }),
    failure: t.field({ type: BuildFailureRef, nullable: true, description: 'Why it failed; null unless it did.', resolve: (build) => (build.failureReason === null ? null : build) }),
    queuedAt: t.expose('queuedAt', { type: 'DateTime', description: 'When it was asked for.' }),
    startedAt: t.expose('startedAt', { type: 'DateTime', nullable: true, description: 'When a builder began; null before.' }),
    endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true, description: 'When it ended; null before.' }),
  }),
});

builder.queryField('build', (t) => t.prismaField({
  type: BuildRef, nullable: true, description: 'A build by its id; null: it does not exist, or not for you.',
  args: { id: t.arg.id({ required: true, description: 'The build\'s id.' }) },
  resolve: (query, _root, { id }, ctx) => {
    const app = visibleApps(requireActor(ctx));
    return isUuid(id) ? ctx.platform.db.build.findFirst({ ...query, where: { id, app } }) : null;
  },
}));

const CancelBuildInput = builder.inputType('CancelBuildInput', {
  description: 'The build to cancel.',
  fields: (t) => ({ build: t.id({ required: true, description: 'The build\'s id.' }) }),
});

const CancelBuildPayload = builder.objectRef<{ build: Build }>('CancelBuildPayload').implement({
  description: 'The build; a running one is CANCELED as soon as its builder has stopped.',
  fields: (t) => ({ build: t.expose('build', { type: BuildRef, description: 'The build as it is now.' }) }),
});

builder.mutationField('cancelBuild', (t) => t.field({
  type: CancelBuildPayload, description: 'Stops a build: a queued one at once, a running one as soon as its builder hears.',
  args: { input: t.arg({ type: CancelBuildInput, required: true, description: 'Which build.' }) },
  errors: { types: [NotFound, Forbidden, BuildEnded], union: { name: 'CancelBuildResult', description: 'The build, or why it was not cancelled.' } },
  resolve: async (_root, { input }, ctx) => ({ build: await platform.cancelBuild(ctx.platform, requireActor(ctx), input.build) }),
}));
