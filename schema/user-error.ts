import {
  AlreadyMember, BuildEnded, CannotRollBack, ConfirmationMismatch, errorCodes, Forbidden, IdempotencyConflict, InvalidInput, NameTaken, NotFound, OfferEnded, SecretAlreadyShown,
  VersionConflict,
} from '../platform/user-error.ts';
import type { ErrorCode, UserError } from '../platform/user-error.ts';
import { builder } from './builder.ts';

const codeMeanings: Record<ErrorCode, string> = {
  INVALID_INPUT: 'The input breaks a rule; `path` says where.',
  NOT_FOUND: 'It does not exist, or not for you.',
  FORBIDDEN: 'You may see it, and may not do this to it.',
  NAME_TAKEN: 'Another app has this name.',
  VERSION_CONFLICT: 'The app changed since you read it.',
  IDEMPOTENCY_CONFLICT: 'The idempotency key was used with another input.',
  CONFIRMATION_MISMATCH: 'The confirmation is not the name of what would be deleted.',
  NOTHING_TO_ROLL_BACK: 'There is no earlier release to go back to.',
  CANNOT_ROLL_BACK: 'This release cannot be rolled back to; the message says why.',
  BUILD_ENDED: 'The build has ended already.',
  SECRET_ALREADY_SHOWN: 'The secret was shown once, and is not kept.',
  ALREADY_MEMBER: 'This person is there already.',
  OFFER_ENDED: 'The invitation or transfer has expired, or was answered or taken back.',
  INVALID_TOKEN: 'The link of the mail is not valid any more.',
  LOG_IN_FAILED: 'Address or password is wrong, or the address is not confirmed.',
  TWO_FACTOR_REQUIRED: 'A code of the authenticator app is asked for as well.',
  WRONG_CODE: 'The code is wrong, or was used before.',
  WRONG_PASSWORD: 'The current password is wrong.',
  TOO_MANY_ATTEMPTS: 'There were too many attempts; `retryAt` says when to try again.',
  REGISTRATION_CLOSED: 'Nobody can sign up here, or only by invitation.',
};

export const ErrorCodeRef = builder.enumType('ErrorCode', {
  description: 'What kind of mistake it is; stable, to be switched on.',
  values: Object.fromEntries(errorCodes.map((code) => [code, { value: code, description: codeMeanings[code] }])) as Record<ErrorCode, { value: ErrorCode; description: string }>,
});

export const UserErrorRef = builder.interfaceRef<UserError>('UserError').implement({
  description: 'A mistake of the caller: what happened, where in the input, and what to do.',
  fields: (t) => ({
    code: t.expose('code', { type: ErrorCodeRef, description: 'The kind of mistake.' }),
    message: t.exposeString('message', { description: 'What happened, for people.' }),
    path: t.field({ type: ['String'], nullable: true, description: 'Where in the input, e.g. `["input", "name"]`.', resolve: ({ path }) => (path.length > 0 ? path : null) }),
    hint: t.exposeString('hint', { nullable: true, description: 'What to do about it.' }),
  }),
});

export const interfaces = (): [typeof UserErrorRef] => [UserErrorRef];
builder.objectType(InvalidInput, { name: 'InvalidInput', description: 'The input breaks a rule.', interfaces });
builder.objectType(NotFound, { name: 'NotFound', description: 'It does not exist, or not for you: the two look the same.', interfaces });
builder.objectType(Forbidden, { name: 'Forbidden', description: 'Your role, or the scopes of your API key, do not allow this.', interfaces });
builder.objectType(NameTaken, { name: 'NameTaken', description: 'Another app has this name.', interfaces });
builder.objectType(IdempotencyConflict, { name: 'IdempotencyConflict', description: 'The idempotency key was used with another input.', interfaces });
builder.objectType(ConfirmationMismatch, { name: 'ConfirmationMismatch', description: 'The confirmation is not the name of the app, or not the address of the account.', interfaces });
builder.objectType(CannotRollBack, { name: 'CannotRollBack', description: 'This release cannot be rolled back to; the message says why.', interfaces });

builder.objectType(AlreadyMember, { name: 'AlreadyMember', description: 'This person is there already.', interfaces });
builder.objectType(OfferEnded, { name: 'OfferEnded', description: 'The invitation or transfer cannot be answered any more; the message says why.', interfaces });

builder.objectType(VersionConflict, {
  name: 'VersionConflict', description: 'The app changed since it was read: `expectedVersion` is not its version.', interfaces,
  fields: (t) => ({ current: t.exposeInt('current', { description: 'The app\'s version now.' }) }),
});

builder.objectType(BuildEnded, {
  name: 'BuildEnded', description: 'The build has ended already.', interfaces,
  fields: (t) => ({
    build: t.prismaField({ type: 'Build', description: 'The build as it is.', resolve: (query, { buildId }, _args, { platform }) => platform.db.build.findUniqueOrThrow({ ...query, where: { id: buildId } }) }),
  }),
});

builder.objectType(SecretAlreadyShown, {
  name: 'SecretAlreadyShown', description: 'The same request made this key before; its secret was shown then, and is not kept.', interfaces,
  fields: (t) => ({
    apiKey: t.prismaField({ type: 'ApiKey', description: 'The key it made.', resolve: (query, { apiKeyId }, _args, { platform }) => platform.db.apiKey.findUniqueOrThrow({ ...query, where: { id: apiKeyId } }) }),
  }),
});
