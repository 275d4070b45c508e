import { InvalidToken, RegistrationClosed, TooManyAttempts } from '../platform/account/account-error.ts';
import { confirmEmail, signUp } from '../platform/account/sign-up.ts';
import { InvalidInput } from '../platform/user-error.ts';
import { builder } from './builder.ts';

const SignUpInput = builder.inputType('SignUpInput', {
  description: 'The account to make.',
  fields: (t) => ({ email: t.string({ required: true, description: 'The address to log in with; a mail is sent there.' }) }),
});

const SignUpPayload = builder.objectRef<{ email: string }>('SignUpPayload').implement({
  description: 'The answer is the same, and takes as long, for an address that has an account; its owner gets another mail.',
  fields: (t) => ({ email: t.exposeString('email', { description: 'The address that gets a mail.' }) }),
});

const ConfirmEmailInput = builder.inputType('ConfirmEmailInput', {
  description: 'The proof that one reads mails to the address, and the password.',
  fields: (t) => ({
    token: t.string({ required: true, description: 'What follows `#confirm=` in the link of the mail, or `#invitation=` in that of an invitation.' }),
    password: t.string({ required: true, description: '10 to 200 characters; not the address, nor one of the commonest.' }),
  }),
});

const ConfirmEmailPayload = builder.objectRef<{ email: string }>('ConfirmEmailPayload').implement({
  description: 'The new account.',
  fields: (t) => ({ email: t.exposeString('email', { description: 'The address to log in with.' }) }),
});

builder.mutationFields((t) => ({
  signUp: t.field({
    type: SignUpPayload, description: 'Mails a link to make an account with. Takes no key.',
    args: { input: t.arg({ type: SignUpInput, required: true, description: 'What to make.' }) },
    errors: { types: [InvalidInput, RegistrationClosed, TooManyAttempts], union: { name: 'SignUpResult', description: 'That a mail is sent, or why none is.' } },
    resolve: async (_root, { input }, { platform, visitor }) => ({ email: await signUp(platform, input, visitor) }),
  }),
  confirmEmail: t.field({
    type: ConfirmEmailPayload, description: 'Makes the account by the link of a mail, with the password that its reader chooses; then one can log in. Takes no key.',
    args: { input: t.arg({ type: ConfirmEmailInput, required: true, description: 'The proof.' }) },
    errors: { types: [InvalidToken, InvalidInput, RegistrationClosed, TooManyAttempts], union: { name: 'ConfirmEmailResult', description: 'The account, or why there is none.' } },
    resolve: (_root, { input }, { platform }) => confirmEmail(platform, input),
  }),
}));
