import { UserError } from '../user-error.ts';

/** What is wrong with a link's token is not told: unknown, used, replaced and expired look the same. */
export class InvalidToken extends UserError {
  constructor(hint = 'Ask for a new mail; each makes the links of earlier ones invalid.') {
    super('INVALID_TOKEN', 'This link is not valid: it was used, replaced by a newer one, or has expired.', { path: ['input', 'token'], hint });
  }
}

/** Unknown address, wrong password and unconfirmed address look the same. */
export class LogInFailed extends UserError {
  constructor() { super('LOG_IN_FAILED', 'E-mail or password is wrong, or the address is not confirmed yet.', { hint: 'Follow the link of the mail you got at sign-up, or reset the password.' }); }
}

export class TwoFactorRequired extends UserError {
  constructor() { super('TWO_FACTOR_REQUIRED', 'This account asks for a second factor.', { path: ['input', 'code'], hint: 'Send `code` of the authenticator app, or one `recoveryCode`.' }); }
}

export class WrongCode extends UserError {
  constructor(field = 'code') { super('WRONG_CODE', 'This code is wrong, or was used before.', { path: ['input', field], hint: 'Wait for the app\'s next code; check that this device\'s clock is right.' }); }
}

export class WrongPassword extends UserError {
  constructor() { super('WRONG_PASSWORD', 'The current password is wrong.', { path: ['input', 'currentPassword'] }); }
}

export class TooManyAttempts extends UserError {
  readonly retryAt: Date;
  constructor(retryAt: Date) {
    super('TOO_MANY_ATTEMPTS', `There were too many attempts; try again after ${retryAt.toISOString()}.`);
    this.retryAt = retryAt;
  }
}

export class RegistrationClosed extends UserError {
  constructor(byInvitation: boolean) {
    super('REGISTRATION_CLOSED', byInvitation ? 'Signing up takes an invitation.' : 'Nobody can sign up here.', { hint: byInvitation ? 'Ask somebody who administers this platform for one, and follow the link in its mail.' : 'Ask who administers this platform.' });
  }
}
