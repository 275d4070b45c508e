import { InvalidToken, TooManyAttempts, WrongPassword } from '../platform/account/account-error.ts';
import { confirmEmailChange, requestEmailChange } from '../platform/account/change-email.ts';
import { Forbidden, InvalidInput } from '../platform/user-error.ts';
import { builder } from './builder.ts';
import { requireActor } from './context.ts';

const RequestEmailChangeInput = builder.inputType('RequestEmailChangeInput', {
  description: 'The address to log in with from then on.',
  fields: (t) => ({
    email: t.string({ required: true, description: 'The new address.' }),
    currentPassword: t.string({ description: 'Your password, where one is set.' }),
  }),
});
const RequestEmailChangePayload = builder.objectRef<{ email: string }>('RequestEmailChangePayload').implement({
  description: 'The answer is the same for an address that has an account; its owner gets another mail.',
  fields: (t) => ({ email: t.exposeString('email', { description: 'The address that got a mail. Until its link is followed, the old one stays.' }) }),
});

const ConfirmEmailChangeInput = builder.inputType('ConfirmEmailChangeInput', {
  description: 'The proof that one reads mails to the new address.',
  fields: (t) => ({ token: t.string({ required: true, description: 'What follows `#email=` in the link of the mail.' }) }),
});
const ConfirmEmailChangePayload = builder.objectRef<{ email: string }>('ConfirmEmailChangePayload').implement({
  description: 'The account at its new address; the old one is told.',
  fields: (t) => ({ email: t.exposeString('email', { description: 'The new address.' }) }),
});

builder.mutationFields((t) => ({
  requestEmailChange: t.field({
    type: RequestEmailChangePayload, description: 'Mails a link to a new address of yours.',
    args: { input: t.arg({ type: RequestEmailChangeInput, required: true, description: 'Which address.' }) },
    errors: { types: [InvalidInput, WrongPassword, TooManyAttempts, Forbidden], union: { name: 'RequestEmailChangeResult', description: 'That a mail is sent, or why none is.' } },
    resolve: async (_root, { input }, ctx) => ({ email: await requestEmailChange(ctx.platform, requireActor(ctx), input) }),
  }),
  confirmEmailChange: t.field({
    type: ConfirmEmailChangePayload, description: 'Makes the new address the one to log in with. The account that asked for it must be the one that asks now.',
    args: { input: t.arg({ type: ConfirmEmailChangeInput, required: true, description: 'The proof.' }) },
    errors: { types: [InvalidToken, WrongPassword, Forbidden], union: { name: 'ConfirmEmailChangeResult', description: 'The account, or why its address is as before.' } },
    resolve: (_root, { input }, ctx) => confirmEmailChange(ctx.platform, requireActor(ctx), input.token),
  }),
}));
