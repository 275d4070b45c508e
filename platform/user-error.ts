/** Stable codes of what a caller did wrong; clients switch on them. */
export const errorCodes = [
  'INVALID_INPUT', 'NOT_FOUND', 'FORBIDDEN', 'NAME_TAKEN', 'VERSION_CONFLICT', 'IDEMPOTENCY_CONFLICT', 'CONFIRMATION_MISMATCH',
  'NOTHING_TO_ROLL_BACK', 'CANNOT_ROLL_BACK', 'BUILD_ENDED', 'SECRET_ALREADY_SHOWN', 'ALREADY_MEMBER', 'OFFER_ENDED',
  'INVALID_TOKEN', 'LOG_IN_FAILED', 'TWO_FACTOR_REQUIRED', 'WRONG_CODE', 'WRONG_PASSWORD', 'TOO_MANY_ATTEMPTS', 'REGISTRATION_CLOSED',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

interface Details { path?: string[]; hint?: string }

/** The caller's mistake: shown to them as it is. Says what happened and what to do. */
export class UserError extends Error {
  readonly code: ErrorCode;
  /** Where in the input, e.g. ["input", "name"]. */
  readonly path: string[];
  readonly hint: string | null;
  constructor(code: ErrorCode, message: string, { path = [], hint }: Details = {}) {
    super(message);
    this.code = code;
    this.path = path;
    this.hint = hint ?? null;
  }
}

export class InvalidInput extends UserError {
  constructor(message: string, details?: Details) { super('INVALID_INPUT', message, details); }
}

/** It does not exist, or not for this caller: the two look the same. */
export class NotFound extends UserError {
  constructor(what: string, name: string, details?: Details) {
    super('NOT_FOUND', `There is no ${what} "${name}", or you may not see it.`, details);
  }
}

export class Forbidden extends UserError {
  constructor(action: string, details?: Details) { super('FORBIDDEN', `You may not ${action}.`, { hint: 'It takes a role on the app, and an API key with a scope, that allow it.', ...details }); }
}

export class NameTaken extends UserError {
  constructor(name: string) { super('NAME_TAKEN', `App "${name}" already exists; choose another name.`, { path: ['input', 'name'] }); }
}

export class VersionConflict extends UserError {
  readonly current: number;
  constructor(current: number) {
    super('VERSION_CONFLICT', `The app has changed since: it is at version ${current}.`, { path: ['input', 'expectedVersion'], hint: 'Read it again and decide anew.' });
    this.current = current;
  }
}

export class IdempotencyConflict extends UserError {
  constructor() { super('IDEMPOTENCY_CONFLICT', 'This idempotency key was used with another input.', { path: ['input', 'idempotencyKey'], hint: 'Use a new key for a new request.' }); }
}

export class ConfirmationMismatch extends UserError {
  constructor(name: string, what = 'the app', by = 'name') { super('CONFIRMATION_MISMATCH', `To delete ${what}, confirm with its ${by}: ${name}.`, { path: ['input', 'confirm'] }); }
}

export class CannotRollBack extends UserError {
  constructor(why: string, code: 'CANNOT_ROLL_BACK' | 'NOTHING_TO_ROLL_BACK' = 'CANNOT_ROLL_BACK') { super(code, why, { path: ['input', 'to'], hint: 'slipway releases lists them all.' }); }
}

export class BuildEnded extends UserError {
  readonly buildId: string;
  constructor(buildId: string, status: string) {
    super('BUILD_ENDED', `The build has ended: it is ${status}.`, { path: ['input', 'build'] });
    this.buildId = buildId;
  }
}

export class SecretAlreadyShown extends UserError {
  readonly apiKeyId: string;
  constructor(apiKeyId: string) {
    super('SECRET_ALREADY_SHOWN', 'This request made its API key before, and a secret is shown once.', { hint: 'Make another key with a new idempotency key, and revoke this one.' });
    this.apiKeyId = apiKeyId;
  }
}

export class AlreadyMember extends UserError {
  constructor(who: string, path: string[] = []) { super('ALREADY_MEMBER', `${who} already.`, { path }); }
}

/** An invitation or a transfer that cannot be answered any more. */
export class OfferEnded extends UserError {
  constructor(why: string) { super('OFFER_ENDED', why, { hint: 'Ask for a new one.' }); }
}
