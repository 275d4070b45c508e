import { hostname } from 'node:os';
import type { Letter } from './deliver.ts';

/** A letter in nodemailer's words. Nobody is to answer a machine's mail automatically (RFC 3834). */
export function messageOf({ id, createdAt, to, subject, text }: Letter, from: string) {
  return {
    from, to: { name: '', address: to }, subject, text, date: createdAt,
    messageId: `<${id}@${domainOf(from)}>`,
    headers: { 'Auto-Submitted': 'auto-generated' },
    // Nothing in a mail is read from files or fetched.
    disableFileAccess: true, disableUrlAccess: true,
  };
}

const domainOf = (from: string): string => /@([^>\s]+)/.exec(from)?.[1] ?? hostname();
