import { InvalidInput } from '../user-error.ts';

/**
 * A place in an app's log: what is up to it was read. A message's entries count from 0: its gap (where it has one), then its lines
 * from 1. `epoch` is the stream's creation time: sequences of another epoch mean nothing here.
 */
export interface LogPlace { epoch: number; seq: number; index: number }

/** An index after all entries of a message. */
export const ALL = 0xffffff;

/** The place after all of a message. */
export const upTo = (epoch: number, seq: number): LogPlace => ({ epoch, seq, index: ALL });

/** The place before an epoch's first message. */
export const startOf = (epoch: number): LogPlace => upTo(epoch, 0);

/** The sequence that is read next from a place. */
export const nextSeq = ({ seq, index }: LogPlace): number => (index === ALL ? seq + 1 : seq);

/** Cursors are made by the thousand: what all of a message's have in common is encoded once, padded to whole groups of base64. */
export function cursorPrefix(epoch: number, seq: number): string {
  const text = `${epoch.toString(36)}.${seq.toString(36)}.`;
  return Buffer.from(text.padEnd(Math.ceil(text.length / 3) * 3, '.')).toString('base64url');
}

const suffixes: string[] = [];

/** The last four characters of a cursor. */
export function cursorSuffix(index: number): string {
  if (index >= 0x2000) return encodeIndex(index);
  return (suffixes[index] ??= encodeIndex(index));
}

const encodeIndex = (index: number): string => Buffer.of(index >> 16, (index >> 8) & 0xff, index & 0xff).toString('base64url');

export const encodeLogCursor = ({ epoch, seq, index }: LogPlace): string => cursorPrefix(epoch, seq) + cursorSuffix(index);

/** Throws InvalidInput where it is none of ours. */
export function decodeLogCursor(cursor: string): LogPlace {
  const bytes = Buffer.from(cursor, 'base64url');
  const match = /^([0-9a-z]{1,11})\.([0-9a-z]{1,11})\.{1,3}$/.exec(bytes.toString('latin1', 0, bytes.length - 3));
  const [epoch, seq] = [parseInt(match?.[1] ?? '', 36), parseInt(match?.[2] ?? '', 36)];
  if (!match || !Number.isSafeInteger(epoch) || !Number.isSafeInteger(seq)) {
    throw new InvalidInput('This is no cursor of a log: send back one that you were given.', { path: ['after'] });
  }
  return { epoch, seq, index: bytes.readUIntBE(bytes.length - 3, 3) };
}

/** Negative: `a` is before `b`. */
export const comparePlaces = (a: LogPlace, b: LogPlace): number => a.epoch - b.epoch || a.seq - b.seq || a.index - b.index;
