import { createHash, hkdfSync } from 'node:crypto';
import { readFileSync } from 'node:fs';

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

/** The keys of a key file: a line of 32 bytes in base64 each, the newest first. Throws with what is wrong. */
export function parseKeys(text: string): Buffer[] {
  const lines = text.split('\n').map((line) => line.trim()).filter((line) => line !== '');
  if (lines.length === 0) throw new Error('it has no key');
  const keys = lines.map((line, index) => {
    const key = Buffer.from(line, 'base64');
    if (key.length !== KEY_BYTES || key.toString('base64') !== line) throw new Error(`line ${index + 1} is not ${KEY_BYTES} bytes in base64`);
    return key;
  });
  if (new Set(keys.map((key) => createKey(key).id)).size < keys.length) throw new Error('it has a key twice');
  return keys;
}

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
export function openKeyRing(file: string): KeyRing {
  return createKeyRing(() => {
    const text = readFileSync(file, 'utf8');
    try {
      return parseKeys(text);
    } catch (error) {
      throw new Error(`The key file ${file} is not right: ${error instanceof Error ? error.message : String(error)}.`, { cause: error });
    }
  });
}
