import { InvalidToken, RegistrationClosed, TooManyAttempts } from '../platform/account-error.ts';
import { confirmEmail, signUp } from '../platform/sign-up.ts';
import type { SignedUp } from '../platform/sign-up.ts';
import { InvalidInput } from '../platform/user-error.ts';
import { builder } from './builder.ts';

const SignUpInput = builder.inputType('SignUpInput', {
  description: 'The account to make.',
  fields: (t) => ({
    email: t.string({ required: true, description: 'The address to log in with; a mail is sent there.' }),
    password: t.string({ required: true, description: '10 to 200 characters; not the address, nor one of the commonest.' }),
    invitation: t.string({ description: 'The token of an invitation to this address; it also confirms the address.' }),
  }),
});

const SignUpPayload = builder.objectRef<SignedUp>('SignUpPayload').implement({
  description: 'The answer is the same for an address that has an account; its owner gets another mail.',
  fields: (t) => ({
    email: t.exposeString('email', { description: 'The address.' }),
    confirmed: t.exposeBoolean('confirmed', { description: 'Whether one can log in now, as the invitation proved the address; false: the mail\'s link is to be followed first.' }),
  }),
});

const ConfirmEmailInput = builder.inputType('ConfirmEmailInput', {
  description: 'The proof that one reads mails to the address.',
  fields: (t) => ({ token: t.string({ required: true, description: 'What follows `#confirm=` in the link of the mail.' }) }),
});

const ConfirmEmailPayload = builder.objectRef<{ email: string; hasPassword: boolean }>('ConfirmEmailPayload').implement({
  description: 'The confirmed account.',
  fields: (t) => ({
    email: t.exposeString('email', { description: 'The address.' }),
    hasPassword: t.exposeBoolean('hasPassword', { description: 'False: more than one password was chosen for this address before it was confirmed, and none of them counts. `requestPasswordReset` sets one.' }),
  }),
});

builder.mutationFields((t) => ({
  signUp: t.field({
    type: SignUpPayload, description: 'Makes an account and mails a link to confirm its address. Takes no key.',
    args: { input: t.arg({ type: SignUpInput, required: true, description: 'What to make.' }) },
    errors: { types: [InvalidInput, RegistrationClosed, InvalidToken, TooManyAttempts], union: { name: 'SignUpResult', description: 'That a mail is sent, or why none is.' } },
    resolve: (_root, { input }, { platform, visitor }) => signUp(platform, input, visitor),
  }),
  confirmEmail: t.field({
    type: ConfirmEmailPayload, description: 'Confirms the address of a new account; then one can log in. Takes no key.',
    args: { input: t.arg({ type: ConfirmEmailInput, required: true, description: 'The proof.' }) },
    errors: { types: [InvalidToken], union: { name: 'ConfirmEmailResult', description: 'The confirmed account, or why it is not.' } },
    resolve: async (_root, { input }, { platform }) => {
      const { email, passwordHash } = await confirmEmail(platform, input.token);
      return { email, hasPassword: passwordHash !== null };
    },
  }),
}));
