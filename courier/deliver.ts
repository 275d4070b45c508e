import type { MailContent } from '../platform/mail.ts';

/** A mail with its id: the same one, sent twice, can be known by it. */
export interface Letter extends MailContent { id: string; createdAt: Date }

/** Hands a mail to whoever brings it on. Throws MailRefused where it will never be taken, anything else where it may be later. */
export type Deliver = (letter: Letter) => Promise<void>;

/** This mail will not be taken, however often it is tried. */
export class MailRefused extends Error {}
