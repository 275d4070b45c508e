import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import type { Logger } from '../service/log.ts';
import type { Deliver } from './deliver.ts';
import { messageOf } from './message.ts';

/** Without an SMTP server: each mail is a file that only the platform's user reads, and a line in the log, which leaves out what it says. */
export function createMailFiles(dir: string, from: string, log: Pick<Logger, 'info'>): Deliver {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'unix' });
  return async (letter) => {
    const { message } = await transport.sendMail(messageOf(letter, from));
    const file = join(dir, `${letter.createdAt.toISOString().replace(/[-:]/g, '').replace(/\.\d+/, '')}-${letter.id}.eml`);
    await mkdir(dir, { recursive: true, mode: 0o700 });
    await writeFile(`${file}.new`, message as Buffer, { mode: 0o600 });
    await rename(`${file}.new`, file);
    log.info({ to: letter.to, subject: letter.subject, file }, 'a mail is in a file, as SLIPWAY_SMTP_URL is not set');
  };
}
