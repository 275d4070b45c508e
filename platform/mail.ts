import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { notify } from '../bus/ask.ts';
import { mailQueued } from '../bus/mail.ts';
import type { Mail } from '../prisma/generated/client/client.ts';
import { mailContext } from './encryption/sealed-row.ts';
import type { Platform, Transaction } from './platform.ts';

const mailContent = z.object({ to: z.string(), subject: z.string(), text: z.string() });
export type MailContent = z.infer<typeof mailContent>;

/** Puts a mail into the outbox in the transaction of what it tells of; sealed, for links in it are secrets. `tellCourier` after the commit has it sent at once. */
export async function queueMail(tx: Transaction, { box }: Pick<Platform, 'box'>, mail: MailContent): Promise<void> {
  const id = randomUUID();
  await tx.mail.create({ data: { id, content: box.seal(Buffer.from(JSON.stringify(mail)), mailContext(id)) } });
}

/** Has the outbox looked at now; without this hint it is looked at in a few seconds. */
export function tellCourier({ bus }: Pick<Platform, 'bus'>): void {
  notify(bus, mailQueued, {});
}

/** What a mail of the outbox says. Throws where the platform has not the key it was sealed with. */
export function openMail({ box }: Pick<Platform, 'box'>, { id, content }: Pick<Mail, 'id' | 'content'>): MailContent {
  return mailContent.parse(JSON.parse(Buffer.from(box.open(content, mailContext(id))).toString()));
}
