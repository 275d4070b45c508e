import { openMail } from '../platform/mail.ts';
import type { Platform } from '../platform/platform.ts';
import { storedText } from '../platform/stored-text.ts';
import type { Mail } from '../prisma/generated/client/client.ts';
import { MailRefused } from './deliver.ts';
import type { Deliver } from './deliver.ts';

export interface Outbox {
  /** Sends what is due, now. */
  wake(): void;
  /** Takes nothing new; resolves when what is under way has ended. */
  stop(): Promise<void>;
}

export interface OutboxOptions { sweepMs?: number; firstPauseMs?: number; longestMs?: number; giveUpMs?: number }

const AT_ONCE = 5;
/** A sender that was killed holds its mails so long; longer than one may take. */
const LEASE_SECONDS = 120;

/**
 * Sends the mails of the outbox: any number of processes at once, each mail by one of them. A mail is sent once, or (where its sender is
 * killed before it could note that) twice with one Message-ID. What fails is tried again, later and later, for a day.
 */
export function createOutbox({ db, box, log }: Pick<Platform, 'db' | 'box' | 'log'>, deliver: Deliver, { sweepMs = 10_000, firstPauseMs = 30_000, longestMs = 3_600_000, giveUpMs = 24 * 3_600_000 }: OutboxOptions = {}): Outbox {
  const take = (): Promise<Mail[]> => db.$queryRaw<Mail[]>`
    WITH due AS MATERIALIZED (SELECT id FROM "Mail" WHERE "nextAt" <= now() ORDER BY "nextAt" LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED)
    UPDATE "Mail" mail SET attempts = attempts + 1, "nextAt" = now() + make_interval(secs => ${LEASE_SECONDS}) FROM due WHERE mail.id = due.id RETURNING mail.*`;

  const send = async (mail: Mail): Promise<void> => {
    try {
      await deliver({ id: mail.id, createdAt: mail.createdAt, ...opened(mail) });
      await db.mail.deleteMany({ where: { id: mail.id } });
    } catch (error) {
      await fail(mail, error);
    }
  };
  const opened = (mail: Mail) => {
    try { return openMail({ box }, mail); } catch (error) { throw new MailRefused('It cannot be opened with this platform\'s key.', { cause: error }); }
  };
  const fail = async ({ id, attempts, createdAt }: Mail, error: unknown): Promise<void> => {
    const why = error instanceof Error ? error.message : String(error);
    if (error instanceof MailRefused || Date.now() - createdAt.getTime() > giveUpMs) {
      log.error({ mail: id, attempts, why }, 'a mail could not be sent, and is given up');
      await db.mail.deleteMany({ where: { id } });
      return;
    }
    const nextAt = new Date(Date.now() + Math.min(firstPauseMs * 2 ** (attempts - 1), longestMs));
    log.warn({ mail: id, attempts, why, nextAt }, 'a mail could not be sent; it is tried again');
    await db.mail.updateMany({ where: { id }, data: { nextAt, lastError: storedText(why).slice(0, 1_000) } });
  };

  let stopping = false;
  let again = false;
  let running: Promise<void> | null = null;
  const sweep = async (): Promise<void> => {
    do {
      again = false;
      for (let due = await take(); due.length > 0; due = stopping ? [] : await take()) await Promise.all(due.map(send));
    } while (again && !stopping);
  };
  const wake = (): void => {
    if (stopping) return;
    if (running) { again = true; return; }
    running = sweep().catch((error: unknown) => { log.warn({ error }, 'the outbox could not be looked at'); }).finally(() => { running = null; });
  };
  const timer = setInterval(wake, sweepMs);
  wake();
  return { wake, stop: async () => { stopping = true; clearInterval(timer); await running; } };
}
