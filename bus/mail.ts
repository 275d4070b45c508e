import { z } from 'zod';
import { notice } from './message.ts';

/** A mail was written to the outbox: one of the gateways sends it. */
export const mailQueued = notice('mail.queued', z.object({}));
