import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Encrypts config values and fingerprints them; the key never enters the database. */
export interface SecretBox {
  /** AES-256-GCM; `context` (app and key name) is authenticated: a ciphertext moved elsewhere does not open. */
  seal(value: Uint8Array, context: string): Uint8Array<ArrayBuffer>;
  /** Throws where the ciphertext, the key or the context is not the one it was sealed with. */
  open(sealed: Uint8Array, context: string): Uint8Array;
  /** A keyed hash: equal for equal values of this platform, and useless for guessing them without its key. Hex. */
  digest(value: Uint8Array): string;
  /** A key for another purpose, derived from the master key. */
  subKey(purpose: string): Buffer;
}

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** @param file 32 random bytes in base64 */
export function readSecretBox(file: string): SecretBox {
  const master = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64');
  if (master.length !== 32) throw new Error(`The key file ${file} must hold 32 bytes in base64.`);
  return createSecretBox(master);
}

export function createSecretBox(master: Buffer): SecretBox {
  const subKey = (purpose: string): Buffer => Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), `slipway ${purpose}`, 32));
  const configKey = subKey('config');
  const digestKey = subKey('digest');
  return {
    subKey,
    seal: (value, context) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', configKey, nonce).setAAD(Buffer.from(context));
      return new Uint8Array(Buffer.concat([Buffer.from([VERSION]), nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()]));
    },
    open: (sealed, context) => {
      if (sealed[0] !== VERSION || sealed.length < 1 + NONCE_BYTES + TAG_BYTES) throw new Error('This is no sealed value.');
      const decipher = createDecipheriv('aes-256-gcm', configKey, sealed.subarray(1, 1 + NONCE_BYTES), { authTagLength: TAG_BYTES }).setAAD(Buffer.from(context));
      decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
      return Buffer.concat([decipher.update(sealed.subarray(1 + NONCE_BYTES, sealed.length - TAG_BYTES)), decipher.final()]);
    },
    digest: (value) => createHmac('sha256', digestKey).update(value).digest('hex'),
  };
}
