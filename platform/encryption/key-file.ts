import { randomBytes } from 'node:crypto';
import { parseKeys } from '../../service/key-file.ts';
import { createKeyRing } from './key-ring.ts';

/** Said to the operator as it is. */
export class KeyFileError extends Error {}

/** What the database knows of the newest encryption key. */
export interface KeyUse {
  /** Null: no rotation and no start was ever noted. */
  keyId: string | null;
  entriesLeft: number;
  done: boolean;
  /** From when on older keys are not needed any more; null: they are. */
  oldKeysEndAt: Date | null;
}

const idsOf = (text: string): string[] => createKeyRing(() => parseKeys(text)).keys().map(({ id }) => id);

/** A key file with a new key as its first line. Throws KeyFileError where there is an old one that has to go first. */
export function addKey(text: string, key: Buffer = randomBytes(32)): { text: string; keyId: string } {
  const ids = idsOf(text);
  if (ids.length > 1) throw new KeyFileError(`There are ${ids.length} keys already (${ids.join(', ')}): rotate to the first, and take the old ones out before you add another.`);
  const added = `${key.toString('base64')}\n${text.trim()}\n`;
  return { text: added, keyId: idsOf(added)[0] ?? '' };
}

/** A key file with its first key alone. Throws KeyFileError while anything may need another; `now` does not wait for signed addresses to expire. */
export function removeOldKeys(text: string, use: KeyUse, { now = false, at = new Date() }: { now?: boolean; at?: Date } = {}): { text: string; removed: string[] } {
  const [keyId = '', ...removed] = idsOf(text);
  if (removed.length === 0) throw new KeyFileError(`There is one key only, ${keyId}: nothing is to be taken out.`);
  if (use.keyId !== keyId) throw new KeyFileError(`The platform uses the key ${use.keyId ?? '(none yet)'}, and the first of the key file is ${keyId}: rotate to it first.`);
  if (!use.done || use.oldKeysEndAt === null) throw new KeyFileError(`The rotation is not done: ${use.entriesLeft} values are under older keys. Without these keys nobody could read them again.`);
  if (use.oldKeysEndAt > at && !now) throw new KeyFileError(`Addresses that the old key has signed are good until ${use.oldKeysEndAt.toISOString()}: take it out then, or with --now at once; builds and downloads that use them would fail.`);
  return { text: `${text.trim().split('\n')[0]?.trim() ?? ''}\n`, removed };
}
