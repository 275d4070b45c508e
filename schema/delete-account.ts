import { isOwnAccount } from '../platform/access.ts';
import { TooManyAttempts, WrongPassword } from '../platform/account/account-error.ts';
import { deleteAccount, isOnlyAdministrator } from '../platform/account/delete-account.ts';
import { ConfirmationMismatch, Forbidden, InvalidInput } from '../platform/user-error.ts';
import type { App } from '../prisma/generated/client/client.ts';
import { AppRef } from './app.ts';
import { builder, connectionCost } from './builder.ts';
import { requireActor } from './context.ts';
import { UserRef } from './user.ts';

const DeletionConsequencesRef = builder.prismaObject('User', {
  variant: 'DeletionConsequences',
  description: 'What `deleteAccount` would do, so that it can be shown first.',
  fields: (t) => ({
    appsToDelete: t.relatedConnection('apps', {
      cursor: 'id', totalCount: true, complexity: connectionCost, description: 'Your own apps, by name: they would be deleted, for whoever else uses them too.',
      query: { where: { deletedAt: null }, orderBy: { name: 'asc' } },
    }, { name: 'AppsToDeleteConnection' }, { name: 'AppsToDeleteEdge' }),
    appsToLeave: t.field({
      type: [AppRef], description: 'Other people\'s apps that you could not use any more, by name.',
      select: (_args, _ctx, nestedSelection) => ({ permissions: { where: { app: { deletedAt: null } }, orderBy: { app: { name: 'asc' } }, select: { app: nestedSelection() } } }),
      resolve: ({ permissions }) => permissions.map(({ app }) => app as unknown as App),
    }),
    keysToEnd: t.relatedConnection('apiKeys', {
      cursor: 'id', totalCount: true, complexity: connectionCost, description: 'Your API keys, newest first: they would be revoked.',
      query: { where: { revokedAt: null, OR: [{ appId: null }, { app: { deletedAt: null } }] }, orderBy: { id: 'desc' } },
    }, { name: 'KeysToEndConnection' }, { name: 'KeysToEndEdge' }),
    refusal: t.string({
      nullable: true, description: 'Why it would be refused; null: it would not.',
      select: { id: true, administrator: true },
      resolve: async (user, _args, { platform }) => (await isOnlyAdministrator(platform.db, user) ? 'You are the only one who administers this platform.' : null),
    }),
  }),
});

builder.prismaObjectField(UserRef, 'deletionConsequences', (t) => t.variant(DeletionConsequencesRef, {
  description: 'What would end if you deleted your account; null of other people.',
  isNull: (user, _args, ctx) => !isOwnAccount(requireActor(ctx), user.id),
}));

const DeleteAccountInput = builder.inputType('DeleteAccountInput', {
  description: 'Proof that it is you, and that you mean it.',
  fields: (t) => ({
    confirm: t.string({ required: true, description: 'Your address again, so that nobody deletes an account by mistake.' }),
    currentPassword: t.string({ description: 'Your password, where one is set.' }),
  }),
});

const DeleteAccountPayload = builder.objectRef<{ email: string }>('DeleteAccountPayload').implement({
  description: 'The account is deleted.',
  fields: (t) => ({ email: t.exposeString('email', { description: 'The address that it had; it is free again.' }) }),
});

builder.mutationField('deleteAccount', (t) => t.field({
  type: DeleteAccountPayload, description: 'Deletes your account with your apps, keys and sessions, at once and for ever. `viewer { deletionConsequences { … } }` tells before what would end.',
  args: { input: t.arg({ type: DeleteAccountInput, required: true, description: 'Proof that it is you.' }) },
  errors: { types: [ConfirmationMismatch, InvalidInput, WrongPassword, TooManyAttempts, Forbidden], union: { name: 'DeleteAccountResult', description: 'That it is deleted, or why it is not.' } },
  resolve: async (_root, { input }, ctx) => {
    const { email } = await deleteAccount(ctx.platform, requireActor(ctx), input);
    ctx.cookies?.clear();
    return { email };
  },
}));
