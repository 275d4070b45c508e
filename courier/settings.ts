import { z } from 'zod';

const mailAddress = /^([^<>\r\n]*<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$/;

/** Settings of who sends mail; spread into its readEnv. */
export const courierEnv = {
  /** smtp://[user:password@]host[:587], or smtps:// for TLS from the start. Without it mails become files. */
  SLIPWAY_SMTP_URL: z.url({ protocol: /^smtps?$/, error: 'must be smtp://host or smtps://host, with user:password@ before it where the server asks' }).optional(),
  /** Whom mails are from: `Slipway <slipway@example.com>`. */
  SLIPWAY_MAIL_FROM: z.string().regex(mailAddress, 'must be an address, as slipway@example.com or Slipway <slipway@example.com>').optional(),
  /** Where mails are put as files when there is no SMTP server. */
  SLIPWAY_MAIL_DIR: z.string().min(1).default('/tmp/mail'),
};
