import type { Role } from '../prisma/generated/client/enums.ts';

/** What a mail says, in plain text. */
export interface MailText { subject: string; text: string }

/** The part of a URL that is sent to no server, so that the token is in nobody's log. */
const link = (url: string, what: 'confirm' | 'reset' | 'email' | 'invitation' | 'transfer', token: string): string => `${url}/account#${what}=${token}`;

const signed = (url: string, ...paragraphs: string[]): string => `${paragraphs.join('\n\n')}\n\n-- \nSlipway at ${url}\n`;

const dayOf = (date: Date): string => date.toISOString().slice(0, 10);

export const mailTexts = {
  confirmEmail: (url: string, token: string): MailText => ({
    subject: 'Confirm your e-mail address',
    text: signed(url, 'Somebody signed up with this address. If it was you, open this link within three days, and choose a password:', link(url, 'confirm', token), 'If it was not you, do nothing: without this link nobody can make an account with your address.'),
  }),
  haveAccount: (url: string): MailText => ({
    subject: 'You have an account already',
    text: signed(url, 'Somebody signed up with this address, which has an account already. If it was you, log in, or set a new password:', `${url}/account`, 'If it was not you, do nothing: nothing has changed.'),
  }),
  resetPassword: (url: string, token: string): MailText => ({
    subject: 'Set a new password',
    text: signed(url, 'Somebody asked for a new password of your account. If it was you, open this link within an hour:', link(url, 'reset', token), 'If it was not you, do nothing: your password stays as it is.'),
  }),
  passwordChanged: (url: string): MailText => ({
    subject: 'Your password has changed',
    text: signed(url, 'The password of your account has changed, and browsers that were logged in with the old one are logged out.', `If it was not you, set a new one at once: ${url}/account`),
  }),
  confirmNewEmail: (url: string, token: string): MailText => ({
    subject: 'Confirm your new e-mail address',
    text: signed(url, 'Somebody wants to log in with this address from now on. If it was you, open this link within three days, in a browser that is logged in:', link(url, 'email', token), 'If it was not you, do nothing: your address stays nobody\'s but yours.'),
  }),
  addressInUse: (url: string): MailText => ({
    subject: 'This address has an account already',
    text: signed(url, 'Somebody wanted to log in to another account with this address, which has one already. If it was you, delete one of them first, or use another address.', 'If it was not you, do nothing: nothing changes.'),
  }),
  emailChanged: (url: string, to: string): MailText => ({
    subject: 'Your e-mail address has changed',
    text: signed(url, `Your account is at another address now: ${to}. Nothing is sent to this one any more.`, 'If it was not you, tell who administers the platform at once.'),
  }),
  twoFactorEnabled: (url: string): MailText => ({
    subject: 'Two-factor log-in is on',
    text: signed(url, 'Logging in to your account now takes a code of your authenticator app. Keep the recovery codes where you find them without it.', `If it was not you, set a new password at once: ${url}/account`),
  }),
  twoFactorDisabled: (url: string): MailText => ({
    subject: 'Two-factor log-in is off',
    text: signed(url, 'Logging in to your account takes your password alone again.', `If it was not you, set a new password at once: ${url}/account`),
  }),
  accountDeleted: (url: string): MailText => ({
    subject: 'Your account is deleted',
    text: signed(url, 'Your account is deleted, with its apps and keys. This is the last mail to you.'),
  }),
  invitation: (url: string, token: string, { from, to, lastDay }: { from: string; to: { app: string; role: Role } | null; lastDay: Date }): MailText => ({
    subject: to ? `${from} invites you to the app ${to.app}` : `${from} invites you to Slipway`,
    text: `${to ? `${from} invites you to the app ${to.app} on ${url}, as ${to.role.toLowerCase()}.` : `${from} invites you to make an account on ${url}.`}\n\nTo accept, open this link by ${dayOf(lastDay)}:\n\n${link(url, 'invitation', token)}\n\nIf you do not know who this is, do nothing.\n`,
  }),
  transferOffer: (url: string, id: string, { from, app, lastDay }: { from: string; app: string; lastDay: Date }): MailText => ({
    subject: `${from} offers you the app ${app}`,
    text: `${from} wants to give you the app ${app} on ${url}: you would own it, with all that it costs.\n\nTo take or decline it, by ${dayOf(lastDay)}: ${link(url, 'transfer', id)}\n`,
  }),
} as const;
