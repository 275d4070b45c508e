import type { AccountEventType } from '../platform/account/account-event.ts';
import { builder } from './builder.ts';
import { interfaces, named } from './event-details.ts';

const descriptions: Record<AccountEventType, string> = {
  SignedUp: 'Somebody signed up.',
  EmailConfirmed: 'Their address was confirmed.',
  LoggedIn: 'A browser logged in.',
  SessionEnded: 'A browser was logged out.',
  PasswordResetRequested: 'A link for a new password was mailed.',
  PasswordChanged: 'The password was set, changed or reset.',
  EmailChangeRequested: 'A link was mailed to a new address.',
  EmailChanged: 'The address has changed.',
  TwoFactorStarted: 'Two-factor log-in was begun to be set up.',
  TwoFactorEnabled: 'Two-factor log-in was turned on.',
  TwoFactorDisabled: 'Two-factor log-in was turned off.',
  RecoveryCodesReplaced: 'The recovery codes were replaced.',
  AccountDeleted: 'The account was deleted.',
};

/** What happens to accounts; nothing but who and when is told of it. */
export const accountEvents = (Object.keys(descriptions) as AccountEventType[]).map((type) => builder.objectType(named(type), { description: descriptions[type], interfaces }));
