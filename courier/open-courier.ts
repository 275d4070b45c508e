import type { z } from 'zod';
import type { Platform } from '../platform/platform.ts';
import type { Deliver } from './deliver.ts';
import { createMailFiles } from './mail-files.ts';
import { createOutbox } from './outbox.ts';
import type { Outbox } from './outbox.ts';
import type { courierEnv } from './settings.ts';
import { createSmtp } from './smtp.ts';

/** Sends the platform's mails as the settings say: by SMTP, or to files. */
export function openCourier(platform: Platform, env: z.output<z.ZodObject<typeof courierEnv>>): Outbox {
  const from = env.SLIPWAY_MAIL_FROM ?? `Slipway <slipway@${new URL(platform.settings.url).hostname}>`;
  const deliver: Deliver = env.SLIPWAY_SMTP_URL === undefined ? createMailFiles(env.SLIPWAY_MAIL_DIR, from, platform.log) : createSmtp(env.SLIPWAY_SMTP_URL, from);
  return createOutbox(platform, deliver);
}
