import { z } from 'zod';

const nothing = z.object({});
const session = z.object({ sessionId: z.uuid() });

/** What can happen to an account; it belongs to no app. Addresses and codes are never among it. */
export const accountEventData = {
  SignedUp: nothing,
  EmailConfirmed: nothing,
  LoggedIn: session,
  SessionEnded: session,
  PasswordResetRequested: nothing,
  PasswordChanged: nothing,
  EmailChangeRequested: nothing,
  EmailChanged: nothing,
  TwoFactorStarted: nothing,
  TwoFactorEnabled: nothing,
  TwoFactorDisabled: nothing,
  RecoveryCodesReplaced: nothing,
  AccountDeleted: nothing,
} as const;
export type AccountEventType = keyof typeof accountEventData;

/** One sentence for people. */
export const accountEventSummaries: Record<AccountEventType, string> = {
  SignedUp: 'Signed up',
  EmailConfirmed: 'E-mail address confirmed',
  LoggedIn: 'Logged in',
  SessionEnded: 'A browser was logged out',
  PasswordResetRequested: 'A new password was asked for',
  PasswordChanged: 'Password changed',
  EmailChangeRequested: 'Another e-mail address was asked for',
  EmailChanged: 'E-mail address changed',
  TwoFactorStarted: 'Two-factor log-in was begun to be set up',
  TwoFactorEnabled: 'Two-factor log-in turned on',
  TwoFactorDisabled: 'Two-factor log-in turned off',
  RecoveryCodesReplaced: 'Recovery codes replaced',
  AccountDeleted: 'Account deleted',
};
