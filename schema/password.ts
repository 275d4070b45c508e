import { InvalidToken, TooManyAttempts, WrongPassword } from '../platform/account/account-error.ts';
import * as platform from '../platform/account/change-password.ts';
import { Forbidden, InvalidInput } from '../platform/user-error.ts';
import type { User } from '../prisma/generated/client/client.ts';
import { builder } from './builder.ts';
import { requireActor } from './context.ts';
import { UserRef } from './user.ts';

const newPassword = '10 to 200 characters; not the address, nor one of the commonest.';

const RequestPasswordResetInput = builder.inputType('RequestPasswordResetInput', {
  description: 'Whose password is lost.',
  fields: (t) => ({ email: t.string({ required: true, description: 'The address of the account.' }) }),
});
const RequestPasswordResetPayload = builder.objectRef<{ email: string }>('RequestPasswordResetPayload').implement({
  description: 'The answer is the same, and takes as long, for an address without an account.',
  fields: (t) => ({ email: t.exposeString('email', { description: 'The address that gets a mail, if it has an account.' }) }),
});

const ResetPasswordInput = builder.inputType('ResetPasswordInput', {
  description: 'The proof that one reads mails to the address, and the new password.',
  fields: (t) => ({
    token: t.string({ required: true, description: 'What follows `#reset=` in the link of the mail.' }),
    password: t.string({ required: true, description: newPassword }),
  }),
});
const ResetPasswordPayload = builder.objectRef<{ email: string }>('ResetPasswordPayload').implement({
  description: 'The account with its new password. All its sessions have ended; a second factor is asked for as before.',
  fields: (t) => ({ email: t.exposeString('email', { description: 'The address to log in with.' }) }),
});

const ChangePasswordInput = builder.inputType('ChangePasswordInput', {
  description: 'Both passwords.',
  fields: (t) => ({
    currentPassword: t.string({ required: true, description: 'The password as it is.' }),
    newPassword: t.string({ required: true, description: newPassword }),
  }),
});
const SetPasswordInput = builder.inputType('SetPasswordInput', {
  description: 'The first password.',
  fields: (t) => ({ password: t.string({ required: true, description: newPassword }) }),
});
const withUser = <T extends string>(name: T, description: string) => builder.objectRef<{ user: User }>(name).implement({
  description, fields: (t) => ({ user: t.expose('user', { type: UserRef, description: 'You.' }) }),
});
const ChangePasswordPayload = withUser('ChangePasswordPayload', 'The account with its new password; its other sessions have ended.');
const SetPasswordPayload = withUser('SetPasswordPayload', 'The account with its first password.');

builder.mutationFields((t) => ({
  requestPasswordReset: t.field({
    type: RequestPasswordResetPayload, description: 'Mails a link to set a new password, good for an hour. Takes no key.',
    args: { input: t.arg({ type: RequestPasswordResetInput, required: true, description: 'Whose.' }) },
    errors: { types: [InvalidInput, TooManyAttempts], union: { name: 'RequestPasswordResetResult', description: 'That a mail is sent if there is an account, or why none is.' } },
    resolve: async (_root, { input }, ctx) => ({ email: await platform.requestPasswordReset(ctx.platform, input, ctx.visitor) }),
  }),
  resetPassword: t.field({
    type: ResetPasswordPayload, description: 'Sets a new password by the link of a mail, which also confirms the address; all sessions end. Takes no key.',
    args: { input: t.arg({ type: ResetPasswordInput, required: true, description: 'The proof and the password.' }) },
    errors: { types: [InvalidToken, InvalidInput, TooManyAttempts], union: { name: 'ResetPasswordResult', description: 'The account, or why its password is as before.' } },
    resolve: (_root, { input }, ctx) => platform.resetPassword(ctx.platform, input, ctx.visitor),
  }),
  changePassword: t.field({
    type: ChangePasswordPayload, description: 'Changes your password; your other sessions end.',
    args: { input: t.arg({ type: ChangePasswordInput, required: true, description: 'Both passwords.' }) },
    errors: { types: [InvalidInput, WrongPassword, TooManyAttempts, Forbidden], union: { name: 'ChangePasswordResult', description: 'The account, or why its password is as before.' } },
    resolve: async (_root, { input }, ctx) => ({ user: await platform.changePassword(ctx.platform, requireActor(ctx), input) }),
  }),
  setPassword: t.field({
    type: SetPasswordPayload, description: 'Sets a password where you have none yet, as the platform\'s first user, so that you can log in by browser.',
    args: { input: t.arg({ type: SetPasswordInput, required: true, description: 'The password.' }) },
    errors: { types: [InvalidInput, WrongPassword, TooManyAttempts, Forbidden], union: { name: 'SetPasswordResult', description: 'The account, or why it has no password.' } },
    resolve: async (_root, { input }, ctx) => ({ user: await platform.setPassword(ctx.platform, requireActor(ctx), input) }),
  }),
}));
