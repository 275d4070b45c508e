import { roleOf, visiblePermissions, withRights } from '../platform/access.ts';
import { changeRole, leaveApp, removePermission } from '../platform/people/permission.ts';
import { Forbidden, InvalidInput, NotFound } from '../platform/user-error.ts';
import type { Permission } from '../prisma/generated/client/client.ts';
import { AppRef } from './app.ts';
import { builder, connectionCost } from './builder.ts';
import { requireActor } from './context.ts';
import { RoleRef } from './role.ts';

export const PermissionRef = builder.prismaNode('Permission', {
  id: { field: 'id', description: 'The permission\'s id.' },
  description: 'Somebody\'s role on an app that is not theirs.',
  fields: (t) => ({
    user: t.relation('user', { description: 'Who.' }),
    role: t.expose('role', { type: RoleRef, description: 'What they may do; never OWNER.' }),
    app: t.relation('app', { description: 'Which app.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'Since when they are there.' }),
  }),
});

builder.prismaObjectFields(AppRef, (t) => ({
  role: t.field({
    type: RoleRef, description: 'Your own role on it.', select: (_args, ctx) => withRights(requireActor(ctx)),
    resolve: (app, _args, ctx) => {
      const role = roleOf(requireActor(ctx), app);
      if (role === null) throw new Error('an app was shown to one who has no role on it');
      return role;
    },
  }),
  permissions: t.relatedConnection('permissions', {
    cursor: 'id', totalCount: true, complexity: connectionCost, description: 'The people who have a role on it beside its owner, those who came first at the top.',
    query: (_args, ctx) => ({ where: visiblePermissions(requireActor(ctx)), orderBy: { id: 'asc' } }),
  }, { name: 'PermissionConnection' }, { name: 'PermissionEdge' }),
}));

const person = { description: 'Who: their id or e-mail address.' } as const;
const app = { description: 'The app\'s name or id.' } as const;

const ChangeRoleInput = builder.inputType('ChangeRoleInput', {
  description: 'Whose role to change.',
  fields: (t) => ({
    app: t.string({ required: true, ...app }),
    user: t.string({ required: true, ...person }),
    role: t.field({ type: RoleRef, required: true, description: 'The new role, up to your own; not OWNER.' }),
  }),
});

const ChangeRolePayload = builder.objectRef<{ permission: Permission }>('ChangeRolePayload').implement({
  description: 'The changed role.',
  fields: (t) => ({ permission: t.expose('permission', { type: PermissionRef, description: 'The permission as it is now.' }) }),
});

const RemovePermissionInput = builder.inputType('RemovePermissionInput', {
  description: 'Whose role to take away.',
  fields: (t) => ({ app: t.string({ required: true, ...app }), user: t.string({ required: true, ...person }) }),
});

const RemovePermissionPayload = builder.objectRef<{ appId: string }>('RemovePermissionPayload').implement({
  description: 'The app, without the person.',
  fields: (t) => ({ app: t.prismaField({ type: AppRef, description: 'The app.', resolve: (query, { appId }, _args, { platform }) => platform.db.app.findUniqueOrThrow({ ...query, where: { id: appId } }) }) }),
});

const LeaveAppInput = builder.inputType('LeaveAppInput', {
  description: 'The app to leave.',
  fields: (t) => ({ app: t.string({ required: true, ...app }) }),
});

const LeaveAppPayload = builder.objectRef<{ appId: string }>('LeaveAppPayload').implement({
  description: 'What was left.',
  fields: (t) => ({ appId: t.exposeID('appId', { description: 'The id of the app, which you do not see any more.' }) }),
});

builder.mutationFields((t) => ({
  changeRole: t.field({
    type: ChangeRolePayload, description: 'Gives somebody who is on an app another role. What lives by the old one (subscriptions, pushes) ends, and may come back.',
    args: { input: t.arg({ type: ChangeRoleInput, required: true, description: 'Whose, and which.' }) },
    errors: { types: [NotFound, Forbidden, InvalidInput], union: { name: 'ChangeRoleResult', description: 'The changed role, or why it was not.' } },
    resolve: async (_root, { input }, ctx) => ({ permission: await changeRole(ctx.platform, requireActor(ctx), input) }),
  }),
  removePermission: t.field({
    type: RemovePermissionPayload, description: 'Takes somebody\'s role on an app away: their subscriptions and pushes there end, and so do the deploy keys that they made for it.',
    args: { input: t.arg({ type: RemovePermissionInput, required: true, description: 'Whose.' }) },
    errors: { types: [NotFound, Forbidden], union: { name: 'RemovePermissionResult', description: 'The app without them, or why they stayed.' } },
    resolve: (_root, { input }, ctx) => removePermission(ctx.platform, requireActor(ctx), input),
  }),
  leaveApp: t.field({
    type: LeaveAppPayload, description: 'Gives up your own role on an app of somebody else\'s.',
    args: { input: t.arg({ type: LeaveAppInput, required: true, description: 'Which app.' }) },
    errors: { types: [NotFound, Forbidden, InvalidInput], union: { name: 'LeaveAppResult', description: 'What was left, or why not.' } },
    resolve: (_root, { input }, ctx) => leaveApp(ctx.platform, requireActor(ctx), input.app),
  }),
}));

