import { TooManyAttempts, WrongCode, WrongPassword } from '../platform/account/account-error.ts';
import { drawQrCode } from '../platform/account/qr-code.ts';
import * as platform from '../platform/account/two-factor.ts';
import { Forbidden, InvalidInput } from '../platform/user-error.ts';
import type { User } from '../prisma/generated/client/client.ts';
import { builder } from './builder.ts';
import { requireActor } from './context.ts';
import { UserRef } from './user.ts';

const PROOF = 'Proof that it is you.';
const PASSWORD = 'Your password.';

const EnableTwoFactorInput = builder.inputType('EnableTwoFactorInput', { description: PROOF, fields: (t) => ({ currentPassword: t.string({ required: true, description: PASSWORD }) }) });
const EnableTwoFactorPayload = builder.objectRef<{ secret: string; uri: string }>('EnableTwoFactorPayload').implement({
  description: 'What an authenticator app wants to know. It is shown only here, and in force after `confirmTwoFactor`.',
  fields: (t) => ({
    secret: t.exposeString('secret', { description: 'The secret in base32, to be typed in.' }),
    uri: t.exposeString('uri', { description: 'The same as an `otpauth://` URI, to be opened where the app is.' }),
    qrCode: t.string({ description: 'The URI as a QR code, to be scanned by the app: an SVG image.', resolve: ({ uri }) => drawQrCode(uri) }),
  }),
});

const ConfirmTwoFactorInput = builder.inputType('ConfirmTwoFactorInput', {
  description: 'Proof that the app has the secret.',
  fields: (t) => ({ code: t.string({ required: true, description: 'The six digits that the app shows now.' }) }),
});
const codes = 'Each logs in once in place of the app. They are shown only here.';
const ConfirmTwoFactorPayload = builder.objectRef<{ recoveryCodes: string[] }>('ConfirmTwoFactorPayload').implement({
  description: 'Two-factor log-in is on.',
  fields: (t) => ({ recoveryCodes: t.exposeStringList('recoveryCodes', { description: codes }) }),
});

const DisableTwoFactorInput = builder.inputType('DisableTwoFactorInput', { description: PROOF, fields: (t) => ({ currentPassword: t.string({ required: true, description: PASSWORD }) }) });
const DisableTwoFactorPayload = builder.objectRef<{ user: User }>('DisableTwoFactorPayload').implement({
  description: 'Two-factor log-in is off.',
  fields: (t) => ({ user: t.expose('user', { type: UserRef, description: 'You.' }) }),
});

const RegenerateRecoveryCodesInput = builder.inputType('RegenerateRecoveryCodesInput', { description: PROOF, fields: (t) => ({ currentPassword: t.string({ required: true, description: PASSWORD }) }) });
const RegenerateRecoveryCodesPayload = builder.objectRef<{ recoveryCodes: string[] }>('RegenerateRecoveryCodesPayload').implement({
  description: 'New recovery codes; the old ones are good for nothing.',
  fields: (t) => ({ recoveryCodes: t.exposeStringList('recoveryCodes', { description: codes }) }),
});

builder.mutationFields((t) => ({
  enableTwoFactor: t.field({
    type: EnableTwoFactorPayload, description: 'Begins to set up two-factor log-in by an authenticator app (TOTP, RFC 6238).',
    args: { input: t.arg({ type: EnableTwoFactorInput, required: true, description: PROOF }) },
    errors: { types: [InvalidInput, WrongPassword, TooManyAttempts, Forbidden], union: { name: 'EnableTwoFactorResult', description: 'The secret for the app, or why there is none.' } },
    resolve: (_root, { input }, ctx) => platform.enableTwoFactor(ctx.platform, requireActor(ctx), input),
  }),
  confirmTwoFactor: t.field({
    type: ConfirmTwoFactorPayload, description: 'Turns two-factor log-in on by the app\'s first code.',
    args: { input: t.arg({ type: ConfirmTwoFactorInput, required: true, description: 'The code.' }) },
    errors: { types: [InvalidInput, WrongCode, WrongPassword, TooManyAttempts, Forbidden], union: { name: 'ConfirmTwoFactorResult', description: 'The recovery codes, or why it is not on.' } },
    resolve: async (_root, { input }, ctx) => ({ recoveryCodes: await platform.confirmTwoFactor(ctx.platform, requireActor(ctx), input) }),
  }),
  disableTwoFactor: t.field({
    type: DisableTwoFactorPayload, description: 'Turns two-factor log-in off.',
    args: { input: t.arg({ type: DisableTwoFactorInput, required: true, description: PROOF }) },
    errors: { types: [InvalidInput, WrongPassword, TooManyAttempts, Forbidden], union: { name: 'DisableTwoFactorResult', description: 'The account, or why it is still on.' } },
    resolve: async (_root, { input }, ctx) => ({ user: await platform.disableTwoFactor(ctx.platform, requireActor(ctx), input) }),
  }),
  regenerateRecoveryCodes: t.field({
    type: RegenerateRecoveryCodesPayload, description: 'Ten new recovery codes in place of the old ones.',
    args: { input: t.arg({ type: RegenerateRecoveryCodesInput, required: true, description: PROOF }) },
    errors: { types: [InvalidInput, WrongPassword, TooManyAttempts, Forbidden], union: { name: 'RegenerateRecoveryCodesResult', description: 'The new codes, or why there are none.' } },
    resolve: async (_root, { input }, ctx) => ({ recoveryCodes: await platform.regenerateRecoveryCodes(ctx.platform, requireActor(ctx), input) }),
  }),
}));
