import { ownInvitations, visibleInvitations } from '../platform/access.ts';
import { acceptInvitation, invitePerson, inviteUser, openInvitations, revokeInvitation } from '../platform/people/invitation.ts';
import { AlreadyMember, Forbidden, IdempotencyConflict, InvalidInput, NotFound, OfferEnded } from '../platform/user-error.ts';
import type { Invitation, Permission, Prisma } from '../prisma/generated/client/client.ts';
import { AppRef } from './app.ts';
import { builder, connectionCost } from './builder.ts';
import type { ApiContext } from './context.ts';
import { requireActor } from './context.ts';
import { PermissionRef } from './permission.ts';
import { RoleRef } from './role.ts';

export const InvitationRef = builder.prismaNode('Invitation', {
  id: { field: 'id', description: 'The invitation\'s id.' },
  description: 'Somebody asked by e-mail to join an app, or the platform.',
  fields: (t) => ({
    email: t.exposeString('email', { description: 'Whom it was sent to.' }),
    role: t.expose('role', { type: RoleRef, nullable: true, description: 'The role on the app; null: to the platform.' }),
    appName: t.string({ nullable: true, select: { app: { select: { name: true } } }, description: 'The name of the app, which the invited person does not see yet; null: to the platform.', resolve: ({ app }) => app?.name ?? null }),
    invitedBy: t.relation('invitedBy', { description: 'Who sent it.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was sent.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'Until when it can be accepted.' }),
    acceptedAt: t.expose('acceptedAt', { type: 'DateTime', nullable: true, description: 'When it was accepted; null: it was not.' }),
    revokedAt: t.expose('revokedAt', { type: 'DateTime', nullable: true, description: 'When it was taken back, declined, or replaced by a newer one; null: it was not.' }),
  }),
});

builder.prismaObjectField(AppRef, 'invitations', (t) => t.relatedConnection('invitations', {
  cursor: 'id', totalCount: true, complexity: connectionCost, description: 'Open invitations to it, newest first; none to those who may not manage its people.',
  query: (_args, ctx) => ({ where: { AND: [visibleInvitations(requireActor(ctx)), openInvitations()] }, orderBy: { id: 'desc' } }),
}, { name: 'InvitationConnection' }, { name: 'InvitationEdge' }));

const ownOpen = (ctx: ApiContext): Prisma.InvitationWhereInput => ({ AND: [ownInvitations(requireActor(ctx)), openInvitations()] });

builder.queryField('invitations', (t) => t.prismaConnection({
  type: InvitationRef, cursor: 'id', complexity: connectionCost, description: 'Open invitations to your own e-mail address, newest first.',
  totalCount: (_root, _args, ctx) => ctx.platform.db.invitation.count({ where: ownOpen(ctx) }),
  resolve: (query, _root, _args, ctx) => ctx.platform.db.invitation.findMany({ ...query, where: ownOpen(ctx), orderBy: { id: 'desc' } }),
}, { name: 'OwnInvitationConnection' }, { name: 'OwnInvitationEdge' }));

const idempotencyKey = { description: 'The same key within a day does it once, and sends one mail.' } as const;

const InvitePersonInput = builder.inputType('InvitePersonInput', {
  description: 'Whom to invite to an app.',
  fields: (t) => ({
    app: t.string({ required: true, description: 'The app\'s name or id.' }),
    email: t.string({ required: true, description: 'Where to send it. Only who has this address, confirmed, can accept.' }),
    role: t.field({ type: RoleRef, required: true, description: 'The role they shall have, up to your own; not OWNER.' }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const InviteUserInput = builder.inputType('InviteUserInput', {
  description: 'Whom to invite to the platform.',
  fields: (t) => ({ email: t.string({ required: true, description: 'Where to send it.' }), idempotencyKey: t.string(idempotencyKey) }),
});

const invited = <N extends string>(name: N) => builder.objectRef<{ invitation: Invitation }>(name).implement({
  description: 'The invitation; only its mail has what accepts it.',
  fields: (t) => ({ invitation: t.expose('invitation', { type: InvitationRef, description: 'The invitation.' }) }),
});
const InvitePersonPayload = invited('InvitePersonPayload');
const InviteUserPayload = invited('InviteUserPayload');
const RevokeInvitationPayload = invited('RevokeInvitationPayload');

const AcceptInvitationInput = builder.inputType('AcceptInvitationInput', {
  description: 'The invitation to accept: one of the two.',
  fields: (t) => ({
    token: t.string({ description: 'What the link in the mail has behind `#invitation=`.' }),
    invitation: t.id({ description: 'The id, from `invitations`.' }),
  }),
});

const AcceptInvitationPayload = builder.objectRef<{ permission: Permission }>('AcceptInvitationPayload').implement({
  description: 'What you may do now.',
  fields: (t) => ({ permission: t.expose('permission', { type: PermissionRef, description: 'Your role on the app.' }) }),
});

const RevokeInvitationInput = builder.inputType('RevokeInvitationInput', {
  description: 'The invitation to take back, or to decline.',
  fields: (t) => ({ invitation: t.id({ required: true, description: 'Its id.' }) }),
});

builder.mutationFields((t) => ({
  invitePerson: t.field({
    type: InvitePersonPayload, description: 'Asks somebody by e-mail to join an app. An open invitation of theirs to it is replaced.',
    args: { input: t.arg({ type: InvitePersonInput, required: true, description: 'Whom.' }) },
    errors: { types: [InvalidInput, NotFound, Forbidden, AlreadyMember, IdempotencyConflict], union: { name: 'InvitePersonResult', description: 'The invitation, or why there is none.' } },
    resolve: async (_root, { input }, ctx) => ({ invitation: await invitePerson(ctx.platform, requireActor(ctx), input) }),
  }),
  inviteUser: t.field({
    type: InviteUserPayload, description: 'Asks somebody by e-mail to make an account; for administrators of the platform.',
    args: { input: t.arg({ type: InviteUserInput, required: true, description: 'Whom.' }) },
    errors: { types: [InvalidInput, Forbidden, AlreadyMember, IdempotencyConflict], union: { name: 'InviteUserResult', description: 'The invitation, or why there is none.' } },
    resolve: async (_root, { input }, ctx) => ({ invitation: await inviteUser(ctx.platform, requireActor(ctx), input) }),
  }),
  acceptInvitation: t.field({
    type: AcceptInvitationPayload, description: 'Joins the app that you were invited to. Doing it twice changes nothing.',
    args: { input: t.arg({ type: AcceptInvitationInput, required: true, description: 'Which.' }) },
    errors: { types: [InvalidInput, NotFound, Forbidden, AlreadyMember, OfferEnded], union: { name: 'AcceptInvitationResult', description: 'Your role, or why you have none.' } },
    resolve: async (_root, { input }, ctx) => ({ permission: await acceptInvitation(ctx.platform, requireActor(ctx), input) }),
  }),
  revokeInvitation: t.field({
    type: RevokeInvitationPayload, description: 'Takes an invitation back, or declines one that was sent to you.',
    args: { input: t.arg({ type: RevokeInvitationInput, required: true, description: 'Which.' }) },
    errors: { types: [NotFound, Forbidden, OfferEnded], union: { name: 'RevokeInvitationResult', description: 'The ended invitation, or why it was not.' } },
    resolve: async (_root, { input }, ctx) => ({ invitation: await revokeInvitation(ctx.platform, requireActor(ctx), input.invitation) }),
  }),
}));
