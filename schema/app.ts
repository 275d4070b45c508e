import { appUrl, createApp, deleteApp, gitUrl } from '../platform/app/app.ts';
import { mayApp, visibleApp, visibleApps, withRights } from '../platform/access.ts';
import type { Action, Actor, AppWithRights } from '../platform/access.ts';
import { renameApp } from '../platform/app/rename-app.ts';
import { ConfirmationMismatch, Forbidden, IdempotencyConflict, InvalidInput, NameTaken, NotFound, VersionConflict } from '../platform/user-error.ts';
import type { App } from '../prisma/generated/client/client.ts';
import { builder, connectionCost } from './builder.ts';
import { requireActor } from './context.ts';
import { ReleaseRef } from './release.ts';

const rights = {
  push: ['push', 'Push to it.'],
  deploy: ['deploy', 'Push, and cancel builds.'],
  rollBack: ['deploy', 'Go back to an older release.'],
  scale: ['deploy', 'Change how many replicas run.'],
  restart: ['deploy', 'Restart replicas.'],
  readConfig: ['readConfig', 'See the values of config.'],
  setConfig: ['writeConfig', 'Change config.'],
  rename: ['rename', 'Give it another name.'],
  managePeople: ['managePeople', 'Invite people, change their roles, take them away.'],
  manageDeployKeys: ['manageDeployKeys', 'Make and revoke deploy keys.'],
  transfer: ['transfer', 'Offer it to another owner.'],
  delete: ['delete', 'Delete the app.'],
} as const satisfies Record<string, readonly [Action, string]>;

const AppRightsRef = builder.objectRef<{ actor: Actor; app: AppWithRights }>('AppRights').implement({
  description: 'What you may do to an app.',
  fields: (t) => Object.fromEntries(Object.entries(rights).map(([name, [action, description]]) =>
    [name, t.boolean({ description, resolve: ({ actor, app }) => mayApp(actor, app, action) })])),
});

export const AppRef = builder.prismaNode('App', {
  id: { field: 'id', description: 'The app\'s id; survives renames, and is taken wherever its name is.' },
  description: 'An app: what you push to, and what answers at its URL.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name; the first part of its host name.' }),
    formerNames: t.stringList({
      description: 'Names it had before, the last one first; they go on leading to it.', select: { formerNames: { orderBy: { createdAt: 'desc' }, select: { name: true } } },
      resolve: ({ formerNames }) => formerNames.map(({ name }) => name),
    }),
    version: t.exposeInt('version', { description: 'Grows with every change of the app; send it as `expectedVersion`. Not the number of a release.' }),
    owner: t.relation('owner', { description: 'Whose app it is.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    url: t.string({ description: 'Where it answers.', resolve: (app, _args, { platform }) => appUrl(platform, app) }),
    gitUrl: t.string({ description: 'Where to push to; the password is an API key.', resolve: (app, _args, { platform }) => gitUrl(platform, app) }),
    currentRelease: t.field({
      type: ReleaseRef, nullable: true, description: 'The release that serves: the newest that went live; null before the first.',
      select: (_args, _ctx, nestedSelection) => ({ releases: nestedSelection({ where: { status: 'LIVE' }, orderBy: { version: 'desc' }, take: 1 }) }),
      resolve: ({ releases }) => releases[0] ?? null,
    }),
    releases: t.relatedConnection('releases', { cursor: 'id', totalCount: true, complexity: connectionCost, description: 'The ledger, newest first.', query: { orderBy: { version: 'desc' } } }, { name: 'ReleaseConnection' }, { name: 'ReleaseEdge' }),
    builds: t.relatedConnection('builds', { cursor: 'id', totalCount: true, complexity: connectionCost, description: 'Its builds, newest first.', query: { orderBy: { number: 'desc' } } }, { name: 'BuildConnection' }, { name: 'BuildEdge' }),
    processes: t.relation('processes', { description: 'Its process types, by name.', query: { orderBy: { type: 'asc' } } }),
    replicas: t.relation('replicas', { description: 'The replicas there are, of all process types.', query: { where: { status: { not: 'EXITED' } }, orderBy: [{ process: 'asc' }, { index: 'asc' }, { id: 'asc' }] } }),
    can: t.field({ type: AppRightsRef, description: 'What you may do to it.', select: (_args, ctx) => withRights(requireActor(ctx)), resolve: (app, _args, ctx) => ({ app, actor: requireActor(ctx) }) }),
  }),
});

builder.queryFields((t) => ({
  app: t.prismaField({
    type: AppRef, nullable: true, description: 'An app by its name or id; null: it does not exist, or not for you.',
    args: { name: t.arg.string({ required: true, description: 'Its name or id.' }) },
    resolve: (query, _root, { name }, ctx) =>
      ctx.platform.db.app.findFirst({ ...query, where: visibleApp(requireActor(ctx), name) }),
  }),
  apps: t.prismaConnection({
    type: AppRef, cursor: 'id', complexity: connectionCost, description: 'The apps you may see, by name.',
    totalCount: (_root, _args, ctx) => ctx.platform.db.app.count({ where: visibleApps(requireActor(ctx)) }),
    resolve: (query, _root, _args, ctx) => ctx.platform.db.app.findMany({ ...query, where: visibleApps(requireActor(ctx)), orderBy: { name: 'asc' } }),
  }, { name: 'AppConnection' }, { name: 'AppEdge' }),
}));

const CreateAppInput = builder.inputType('CreateAppInput', {
  description: 'The app to make.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Its name: 1 to 40 lower-case letters, digits and single hyphens, starting with a letter.' }),
    idempotencyKey: t.string({ description: 'The same key within a day does it once, and answers the same app.' }),
  }),
});

const CreateAppPayload = builder.objectRef<{ app: App }>('CreateAppPayload').implement({
  description: 'The new app.',
  fields: (t) => ({ app: t.expose('app', { type: AppRef, description: 'The app.' }) }),
});

const RenameAppInput = builder.inputType('RenameAppInput', {
  description: 'The app to rename.',
  fields: (t) => ({
    app: t.string({ required: true, description: 'Its name or id.' }),
    name: t.string({ required: true, description: 'Its new name; the rules are those of `createApp`.' }),
    expectedVersion: t.int({ description: 'Only if the app is at this version.' }),
    idempotencyKey: t.string({ description: 'The same key within a day does it once.' }),
  }),
});

const RenameAppPayload = builder.objectRef<{ app: App }>('RenameAppPayload').implement({
  description: 'The renamed app.',
  fields: (t) => ({ app: t.expose('app', { type: AppRef, description: 'The app, with its new name and addresses.' }) }),
});

const DeleteAppInput = builder.inputType('DeleteAppInput', {
  description: 'The app to delete.',
  fields: (t) => ({
    app: t.string({ required: true, description: 'Its name or id.' }),
    confirm: t.string({ required: true, description: 'Its name again, so that nobody deletes one by mistake.' }),
  }),
});

const DeleteAppPayload = builder.objectRef<{ app: App }>('DeleteAppPayload').implement({
  description: 'The deleted app, as it was.',
  fields: (t) => ({ app: t.expose('app', { type: AppRef, description: 'The app; nobody can read it again.' }) }),
});

builder.mutationFields((t) => ({
  createApp: t.field({
    type: CreateAppPayload, description: 'Makes an app of yours.',
    args: { input: t.arg({ type: CreateAppInput, required: true, description: 'What to make.' }) },
    errors: { types: [InvalidInput, NameTaken, Forbidden, IdempotencyConflict], union: { name: 'CreateAppResult', description: 'The new app, or why there is none.' } },
    resolve: async (_root, { input }, ctx) => ({ app: await createApp(ctx.platform, requireActor(ctx), input) }),
  }),
  renameApp: t.field({
    type: RenameAppPayload, description: 'Gives an app another name and address, within seconds and without a restart. Its former name goes on being found, by the API and by git, and is nobody else\'s.',
    args: { input: t.arg({ type: RenameAppInput, required: true, description: 'Which app, and its new name.' }) },
    errors: { types: [InvalidInput, NameTaken, NotFound, Forbidden, VersionConflict, IdempotencyConflict], union: { name: 'RenameAppResult', description: 'The renamed app, or why it was not.' } },
    resolve: async (_root, { input }, ctx) => ({ app: await renameApp(ctx.platform, requireActor(ctx), input) }),
  }),
  deleteApp: t.field({
    type: DeleteAppPayload, description: 'Deletes an app with all that belongs to it, at once and for ever.',
    args: { input: t.arg({ type: DeleteAppInput, required: true, description: 'Which app.' }) },
    errors: { types: [NotFound, Forbidden, ConfirmationMismatch], union: { name: 'DeleteAppResult', description: 'The deleted app, or why it was not.' } },
    resolve: async (_root, { input }, ctx) => ({ app: await deleteApp(ctx.platform, requireActor(ctx), input) }),
  }),
}));
