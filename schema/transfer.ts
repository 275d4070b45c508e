import { ownTransfers, visibleTransfers } from '../platform/access.ts';
import { acceptTransfer, declineTransfer, offerTransfer, openTransfers, withdrawTransfer } from '../platform/people/transfer.ts';
import { Forbidden, IdempotencyConflict, InvalidInput, NotFound, OfferEnded } from '../platform/user-error.ts';
import type { App, Transfer } from '../prisma/generated/client/client.ts';
import { AppRef } from './app.ts';
import { builder, connectionCost } from './builder.ts';
import { requireActor } from './context.ts';
import { UserRef } from './user.ts';

export const TransferRef = builder.prismaNode('Transfer', {
  id: { field: 'id', description: 'The transfer\'s id.' },
  description: 'An app offered by its owner to somebody who has a role on it. It is theirs when they accept.',
  fields: (t) => ({
    app: t.relation('app', { description: 'The app.' }),
    from: t.relation('from', { description: 'The owner who offered it.' }),
    to: t.relation('to', { description: 'Whom it was offered to.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was offered.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'Until when it can be taken.' }),
    acceptedAt: t.expose('acceptedAt', { type: 'DateTime', nullable: true, description: 'When it was taken; null: it was not.' }),
    endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true, description: 'When it was declined, withdrawn, or replaced by a newer one; null: it was not.' }),
  }),
});

builder.prismaObjectField(AppRef, 'transfer', (t) => t.field({
  type: TransferRef, nullable: true, description: 'The open offer of it; null: there is none, or not for you.',
  select: (_args, ctx, nestedSelection) => ({ transfers: nestedSelection({ where: { AND: [visibleTransfers(requireActor(ctx)), openTransfers()] }, orderBy: { id: 'desc' }, take: 1 }) }),
  resolve: ({ transfers }) => transfers[0] ?? null,
}));

builder.prismaObjectField(UserRef, 'transfers', (t) => t.relatedConnection('transfersTo', {
  cursor: 'id', totalCount: true, complexity: connectionCost, description: 'Apps that are offered to you, newest offer first. Other users\' are never among them.',
  query: (_args, ctx) => ({ where: { AND: [ownTransfers(requireActor(ctx)), openTransfers()] }, orderBy: { id: 'desc' } }),
}, { name: 'TransferConnection' }, { name: 'TransferEdge' }));

const OfferTransferInput = builder.inputType('OfferTransferInput', {
  description: 'The app to give away, and to whom.',
  fields: (t) => ({
    app: t.string({ required: true, description: 'The app\'s name or id.' }),
    to: t.string({ required: true, description: 'The e-mail address of somebody who has a role on it.' }),
    idempotencyKey: t.string({ description: 'The same key within a day does it once, and sends one mail.' }),
  }),
});

const id = { required: true, description: 'The transfer\'s id.' } as const;
const AcceptTransferInput = builder.inputType('AcceptTransferInput', { description: 'The transfer to accept.', fields: (t) => ({ transfer: t.id(id) }) });
const DeclineTransferInput = builder.inputType('DeclineTransferInput', { description: 'The transfer to decline.', fields: (t) => ({ transfer: t.id(id) }) });
const WithdrawTransferInput = builder.inputType('WithdrawTransferInput', { description: 'The transfer to withdraw.', fields: (t) => ({ transfer: t.id(id) }) });

const offer = <N extends string>(name: N, description: string) => builder.objectRef<{ transfer: Transfer }>(name).implement({
  description, fields: (t) => ({ transfer: t.expose('transfer', { type: TransferRef, description: 'The transfer as it is now.' }) }),
});
const OfferTransferPayload = offer('OfferTransferPayload', 'The offer.');
const DeclineTransferPayload = offer('DeclineTransferPayload', 'The declined offer.');
const WithdrawTransferPayload = offer('WithdrawTransferPayload', 'The withdrawn offer.');

const AcceptTransferPayload = builder.objectRef<{ app: App }>('AcceptTransferPayload').implement({
  description: 'The app, which is yours now.',
  fields: (t) => ({ app: t.expose('app', { type: AppRef, description: 'The app.' }) }),
});

builder.mutationFields((t) => ({
  offerTransfer: t.field({
    type: OfferTransferPayload, description: 'Offers an app to somebody who has a role on it. An open offer of it is replaced.',
    args: { input: t.arg({ type: OfferTransferInput, required: true, description: 'What, and to whom.' }) },
    errors: { types: [InvalidInput, NotFound, Forbidden, IdempotencyConflict], union: { name: 'OfferTransferResult', description: 'The offer, or why there is none.' } },
    resolve: async (_root, { input }, ctx) => ({ transfer: await offerTransfer(ctx.platform, requireActor(ctx), input) }),
  }),
  acceptTransfer: t.field({
    type: AcceptTransferPayload, description: 'Takes an app that was offered to you: you own it, and its former owner stays as ADMIN. Doing it twice changes nothing.',
    args: { input: t.arg({ type: AcceptTransferInput, required: true, description: 'Which.' }) },
    errors: { types: [NotFound, Forbidden, OfferEnded], union: { name: 'AcceptTransferResult', description: 'The app, or why it is not yours.' } },
    resolve: async (_root, { input }, ctx) => ({ app: await acceptTransfer(ctx.platform, requireActor(ctx), input.transfer) }),
  }),
  declineTransfer: t.field({
    type: DeclineTransferPayload, description: 'Does not take an app that was offered to you.',
    args: { input: t.arg({ type: DeclineTransferInput, required: true, description: 'Which.' }) },
    errors: { types: [NotFound, Forbidden, OfferEnded], union: { name: 'DeclineTransferResult', description: 'The declined offer, or why it was not.' } },
    resolve: async (_root, { input }, ctx) => ({ transfer: await declineTransfer(ctx.platform, requireActor(ctx), input.transfer) }),
  }),
  withdrawTransfer: t.field({
    type: WithdrawTransferPayload, description: 'Takes the offer of an app back.',
    args: { input: t.arg({ type: WithdrawTransferInput, required: true, description: 'Which.' }) },
    errors: { types: [NotFound, Forbidden, OfferEnded], union: { name: 'WithdrawTransferResult', description: 'The withdrawn offer, or why it was not.' } },
    resolve: async (_root, { input }, ctx) => ({ transfer: await withdrawTransfer(ctx.platform, requireActor(ctx), input.transfer) }),
  }),
}));
