import { z } from 'zod';
import { InvalidInput } from '../user-error.ts';

const address = z.email().max(254);

/** An e-mail address as it is stored: trimmed, in lower case. Throws InvalidInput. */
export function readEmail(text: string, path: string[] = ['input', 'email']): string {
  const read = address.safeParse(text.trim().toLowerCase());
  if (!read.success) throw new InvalidInput(`"${text.slice(0, 100)}" is no e-mail address.`, { path });
  return read.data;
}
