import { previewRollBack, rollBack } from '../platform/release/roll-back.ts';
import type { RollBackPlan, RollBackPreview, RollBackScope } from '../platform/release/roll-back.ts';
import { commitOf, contentOf, diffContents, releaseContent, slugContent } from '../platform/release/release-diff.ts';
import type { ReleaseDiff } from '../platform/release/release-diff.ts';
import { withRights } from '../platform/access.ts';
import type { AppWithRights } from '../platform/access.ts';
import { CannotRollBack, Forbidden, IdempotencyConflict, InvalidInput, NotFound, VersionConflict } from '../platform/user-error.ts';
import type { UserError } from '../platform/user-error.ts';
import type { Release } from '../prisma/generated/client/client.ts';
import { builder } from './builder.ts';
import type { ApiContext } from './context.ts';
import { requireActor } from './context.ts';
import { ReleaseDiffRef } from './release-diff.ts';
import { ConfigDigestRef, ReleaseRef } from './release.ts';
import { ErrorCodeRef } from './user-error.ts';

const RollBackScopeRef = builder.enumType('RollBackScope', {
  description: 'What goes back.',
  values: {
    BOTH: { description: 'Code and config.' }, CODE: { description: 'The code; the config stays as it is.' }, CONFIG: { description: 'The config; the code stays as it is.' },
  } satisfies Record<RollBackScope, { description: string }>,
});

const RollBackInput = builder.inputType('RollBackInput', {
  description: 'What to go back to.',
  fields: (t) => ({
    app: t.string({ required: true, description: 'The app\'s name or id.' }),
    to: t.int({ description: 'The version of the release to go back to; the one that was live before the one that runs or is being rolled out, if not said.' }),
    scope: t.field({ type: RollBackScopeRef, defaultValue: 'BOTH', description: 'Code, config or both.' }),
    keepKeys: t.stringList({ description: 'Config keys that stay as they are now.' }),
    expectedVersion: t.int({ description: 'The app\'s `version` that you decided on; another one is a VersionConflict.' }),
    idempotencyKey: t.string({ description: 'The same key within a day does it once, and answers the same release.' }),
  }),
});

const RollBackPayload = builder.objectRef<{ release: Release }>('RollBackPayload').implement({
  description: 'The release that goes back; follow it by `deployEvents`.',
  fields: (t) => ({ release: t.expose('release', { type: ReleaseRef, description: 'The new release.' }) }),
});

builder.mutationField('rollBack', (t) => t.field({
  type: RollBackPayload, description: 'Makes a new release of an old one\'s code, config or both.',
  args: { input: t.arg({ type: RollBackInput, required: true, description: 'What to go back to.' }) },
  errors: { types: [NotFound, Forbidden, InvalidInput, CannotRollBack, VersionConflict, IdempotencyConflict], union: { name: 'RollBackResult', description: 'The new release, or why there is none.' } },
  resolve: async (_root, { input }, ctx) => ({ release: await rollBack(ctx.platform, requireActor(ctx), input) }),
}));

type PlannedRollBack = { app: AppWithRights; plan: RollBackPlan; diff: ReleaseDiff & { from: number } };

const PlannedRollBackRef = builder.objectRef<PlannedRollBack>('PlannedRollBack').implement({
  description: 'The release that rollBack would make.',
  fields: (t) => ({
    to: t.field({ type: ReleaseRef, description: 'The release it would go back to.', resolve: ({ plan }) => plan.target }),
    description: t.string({ description: 'What the ledger would say.', resolve: ({ plan }) => plan.description }),
    diff: t.field({ type: ReleaseDiffRef, description: 'What would change from the newest release.', resolve: ({ diff }) => diff }),
    config: t.field({ type: [ConfigDigestRef], description: 'The config it would have.', resolve: ({ app, plan }) => plan.entries.map((entry) => ({ ...entry, app })) }),
    keptKeys: t.stringList({ description: 'Config keys that stay as they are now, and otherwise would not.', resolve: ({ plan }) => plan.keptKeys }),
  }),
});

/** In an object of its own: GraphQL takes an Error that a field answers for its failure. */
const RefusalRef = builder.objectRef<{ error: UserError }>('Refusal').implement({
  description: 'The error that a mutation would give now.',
  fields: (t) => ({
    code: t.field({ type: ErrorCodeRef, description: 'The kind of mistake.', resolve: ({ error }) => error.code }),
    message: t.string({ description: 'What is in the way, for people.', resolve: ({ error }) => error.message }),
    hint: t.string({ nullable: true, description: 'What to do about it.', resolve: ({ error }) => error.hint }),
  }),
});

const RollBackPreviewRef = builder.objectRef<RollBackPreview>('RollBackPreview').implement({
  description: 'What rollBack would do now. One of the two is null.',
  fields: (t) => ({
    release: t.field({ type: PlannedRollBackRef, nullable: true, description: 'The release it would make; null: none, `refused` says why.', resolve: (preview, _args, ctx) => describePlan(preview, ctx) }),
    refused: t.field({ type: RefusalRef, nullable: true, description: 'The error that it would give; null: none.', resolve: ({ refused }) => refused && { error: refused } }),
  }),
});

async function describePlan({ appId, plan }: RollBackPreview, ctx: ApiContext): Promise<PlannedRollBack | null> {
  if (!plan) return null;
  const { db } = ctx.platform;
  const [app, newest, slug] = await Promise.all([
    db.app.findUniqueOrThrow({ where: { id: appId }, include: withRights(requireActor(ctx)) }),
    db.release.findFirstOrThrow({ where: { appId }, orderBy: { version: 'desc' }, select: { ...releaseContent, version: true } }),
    plan.slugId === null ? null : db.slug.findUniqueOrThrow({ where: { id: plan.slugId }, ...slugContent }),
  ]);
  const after = { slug, entries: plan.entries, commit: commitOf(slug, new Date()) };
  return { app, plan, diff: { ...diffContents(contentOf(newest), after), from: newest.version } };
}

builder.queryField('rollBackPreview', (t) => t.field({
  type: RollBackPreviewRef, nullable: true, description: 'What `rollBack` would do now with the same input, without doing it; null: the app does not exist, or not for you.',
  args: {
    app: t.arg.string({ required: true, description: 'The app\'s name or id.' }),
    to: t.arg.int({ description: 'The version to go back to; as rollBack finds it, if not said.' }),
    scope: t.arg({ type: RollBackScopeRef, defaultValue: 'BOTH', description: 'Code, config or both.' }),
    keepKeys: t.arg.stringList({ description: 'Config keys that stay as they are now.' }),
  },
  resolve: async (_root, target, ctx) => {
    try {
      return await previewRollBack(ctx.platform, requireActor(ctx), target);
    } catch (error) {
      if (error instanceof NotFound || error instanceof Forbidden) return null;
      throw error;
    }
  },
}));
