import { createHash, hkdfSync } from 'node:crypto';
import { readKeys } from '../../service/key-file.ts';

/** One key of the platform. Its id is public: ciphertexts carry it, and it tells nothing of the key. */
export interface RingKey {
  /** Eight hex digits. */
  id: string;
  /** A key for one purpose, derived from this one. */
  subKey(purpose: string): Buffer;
}

/** All keys that the platform knows, newest first. */
export interface KeyRing {
  keys(): readonly RingKey[];
  /** Reads the key file again. What cannot be read or is no key file changes nothing: then it throws. */
  reload(): void;
}

const KEY_BYTES = 32;
export const KEY_ID_BYTES = 4;

function createKey(master: Buffer): RingKey {
  const made = new Map<string, Buffer>();
  const subKey = (purpose: string): Buffer => {
    const known = made.get(purpose);
    if (known) return known;
    const key = Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), `slipway ${purpose}`, KEY_BYTES));
    made.set(purpose, key);
    return key;
  };
  return { id: createHash('sha256').update(subKey('id')).digest('hex').slice(0, KEY_ID_BYTES * 2), subKey };
}

/** A ring of keys that `read` answers, newest first: at once, and with each reload. */
export function createKeyRing(read: () => readonly Buffer[]): KeyRing {
  let keys = read().map(createKey);
  return {
    keys: () => keys,
    reload: () => {
      const known = new Map(keys.map((key) => [key.id, key]));
      keys = read().map((master) => createKey(master)).map((key) => known.get(key.id) ?? key);
    },
  };
}

/** The ring of a key file. Throws where it cannot be read. */
export const openKeyRing = (file: string): KeyRing => createKeyRing(() => readKeys(file));
