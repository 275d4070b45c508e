import { createTransport } from 'nodemailer';
import { MailRefused } from './deliver.ts';
import type { Deliver } from './deliver.ts';
import { messageOf } from './message.ts';

export interface SmtpTimes { connectMs: number; silenceMs: number; wholeMs: number }

const TIMES: SmtpTimes = { connectMs: 10_000, silenceMs: 20_000, wholeMs: 60_000 };

/** Sends by an SMTP server; each mail on a connection of its own. A password goes out encrypted only, except on this machine. */
export function createSmtp(url: string, from: string, { connectMs, silenceMs, wholeMs }: SmtpTimes = TIMES): Deliver {
  const { protocol, hostname, port, username, password } = new URL(url);
  const secure = protocol === 'smtps:';
  const host = hostname.replace(/^\[|\]$/g, '');
  const options = {
    host, port: port === '' ? (secure ? 465 : 587) : Number(port), secure,
    requireTLS: !secure && username !== '' && !['localhost', '127.0.0.1', '::1'].includes(host),
    ...(username === '' ? {} : { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    connectionTimeout: connectMs, greetingTimeout: connectMs, dnsTimeout: connectMs, socketTimeout: silenceMs,
  };
  return async (letter) => {
    const transport = createTransport(options);
    try {
      await within(wholeMs, transport.sendMail(messageOf(letter, from)));
    } catch (error) {
      throw isRefusal(error) ? new MailRefused(error.message, { cause: error }) : error;
    } finally {
      transport.close();
    }
  };
}

/** 5xx to the sender, the recipient or the message is for ever; to the greeting or the log-in it is the operator's to mend. */
function isRefusal(error: unknown): error is Error {
  const { responseCode, code } = error as { responseCode?: unknown; code?: unknown };
  return error instanceof Error && typeof responseCode === 'number' && responseCode >= 500 && (code === 'EENVELOPE' || code === 'EMESSAGE');
}

/** A server that sends a byte now and then is never silent, and never done. */
async function within<T>(ms: number, sending: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => { timer = setTimeout(() => { reject(new Error(`The mail server did not take the mail within ${ms} ms.`)); }, ms); });
  try { return await Promise.race([sending, late]); } finally { clearTimeout(timer); }
}
