import { InvalidToken, LogInFailed, RegistrationClosed, TooManyAttempts, TwoFactorRequired, WrongCode, WrongPassword } from '../platform/account/account-error.ts';
import { builder } from './builder.ts';
import { interfaces } from './user-error.ts';

builder.objectType(InvalidToken, { name: 'InvalidToken', description: 'The token of the link is unknown, was used or replaced, or has expired: these look the same.', interfaces });
builder.objectType(LogInFailed, { name: 'LogInFailed', description: 'Unknown address, wrong password, or an address that is not confirmed: these look the same.', interfaces });
builder.objectType(TwoFactorRequired, { name: 'TwoFactorRequired', description: 'The password is right, and the account asks for a code as well.', interfaces });
builder.objectType(WrongCode, { name: 'WrongCode', description: 'The code is wrong, or was used before.', interfaces });
builder.objectType(WrongPassword, { name: 'WrongPassword', description: 'The current password is wrong.', interfaces });
builder.objectType(RegistrationClosed, { name: 'RegistrationClosed', description: 'Signing up takes an invitation, or nobody can.', interfaces });
builder.objectType(TooManyAttempts, {
  name: 'TooManyAttempts', description: 'There were too many attempts at this account, or from this address.', interfaces,
  fields: (t) => ({ retryAt: t.expose('retryAt', { type: 'DateTime', description: 'From when on it can be tried again.' }) }),
});
