import type { Platform, Transaction } from './platform.ts';

export interface MailContent { to: string; subject: string; text: string }

/** What a mail is sealed for: it opens as nothing else. */
export const MAIL_CONTEXT = 'mail';

/** Puts a mail into the outbox in the transaction of what it tells of; sealed, for links in it are secrets. */
export async function queueMail(tx: Transaction, { box }: Pick<Platform, 'box'>, mail: MailContent): Promise<void> {
  await tx.mail.create({ data: { content: box.seal(Buffer.from(JSON.stringify(mail)), MAIL_CONTEXT) } });
}
