import { badInput } from './builder.ts';

/** The cursor of an event: its number within its app. */
export const encodeEventCursor = (number: number): string => Buffer.from(`event:${number}`).toString('base64url');

/** The number of a cursor; 0, before all events, where there is none. Throws for what is no cursor of an event. */
export function decodeEventCursor(cursor: string | null | undefined): number {
  if (cursor == null) return 0;
  const match = /^event:(\d{1,10})$/.exec(Buffer.from(cursor, 'base64url').toString());
  if (!match) throw badInput('This is no cursor of an event: send back one that you were given.');
  return Math.min(Number(match[1]), 2 ** 31 - 1);
}
