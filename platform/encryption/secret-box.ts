import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import type { SigningKeys } from '../../blobs/signature.ts';
import { createKeyRing, KEY_ID_BYTES, openKeyRing } from './key-ring.ts';
import type { KeyRing, RingKey } from './key-ring.ts';

/** Encrypts config values and other secrets, and fingerprints them; keys never enter the database, their ids do. */
export interface SecretBox {
  /** AES-256-GCM; `context` (app and key name) is authenticated: a ciphertext moved elsewhere does not open. By the key in use, if none is named. */
  seal(value: Uint8Array, context: string, keyId?: string): Uint8Array<ArrayBuffer>;
  /** Opens what any key of the ring sealed. Throws UnknownKey where it lacks the key, and otherwise where key or context is another. */
  open(sealed: Uint8Array, context: string): Uint8Array;
  /** A keyed hash, hex: equal for equal values under one key, and useless for guessing them without the key. */
  digest(value: Uint8Array, keyId?: string): string;
  /** A key for another purpose, derived from the key in use. */
  subKey(purpose: string): Buffer;
  /** The same of a named key. */
  subKeyOf(keyId: string, purpose: string): Buffer;
  /** The same of every key in the ring, the key in use first: what any of them has signed is to be believed. */
  subKeys(purpose: string): Buffer[];
  /** Of every key in the ring, newest first. */
  keyIds(): string[];
  /** The key in use: until it is told, the oldest. */
  keyInUse(): string;
  use(keyId: string): void;
  /** Reads the key file again. */
  reload(): void;
}

/** The ring of this process lacks the key: it has not seen the changed key file yet, or somebody removed a line too early. */
export class UnknownKey extends Error {
  constructor(keyId: string) { super(`The encryption key ${keyId} is not in the key file, as this process sees it.`); }
}

/** Of ciphertexts from before there were key ids: any key that opens them is theirs. */
const WITHOUT_ID = 1;
const WITH_ID = 2;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** What ciphertexts under this key begin with. */
export const sealedPrefix = (keyId: string): Buffer => Buffer.concat([Buffer.from([WITH_ID]), Buffer.from(keyId, 'hex')]);
export const PREFIX_BYTES = 1 + KEY_ID_BYTES;

/** @param file 32 random bytes in base64 a line, the newest first */
export const readSecretBox = (file: string): SecretBox => createSecretBox(openKeyRing(file));

/** What URLs of blobs are signed with, and what is believed of them: always the keys that the ring has now. */
export const blobKeys = (box: SecretBox): SigningKeys => ({ signing: () => box.subKey('blobs'), believed: () => box.subKeys('blobs') });

export function createSecretBox(from: Buffer | KeyRing): SecretBox {
  const ring = Buffer.isBuffer(from) ? createKeyRing(() => [from]) : from;
  let inUse = ring.keys().at(-1)?.id ?? '';
  const has = (keyId: string): RingKey | undefined => ring.keys().find(({ id }) => id === keyId);
  /** Who meets an id that it does not know looks at the file before it gives up. */
  const find = (keyId: string): RingKey => {
    const known = has(keyId);
    if (known) return known;
    ring.reload();
    const read = has(keyId);
    if (!read) throw new UnknownKey(keyId);
    return read;
  };
  return {
    seal: (value, context, keyId = inUse) => seal(find(keyId), value, context),
    open: (sealed, context) => {
      if (sealed[0] === WITH_ID && sealed.length >= PREFIX_BYTES) return open(find(Buffer.from(sealed.subarray(1, PREFIX_BYTES)).toString('hex')), sealed.subarray(PREFIX_BYTES), context);
      if (sealed[0] === WITHOUT_ID) return openByAny(ring.keys(), sealed.subarray(1), context);
      throw new Error('This is no sealed value.');
    },
    digest: (value, keyId = inUse) => createHmac('sha256', find(keyId).subKey('digest')).update(value).digest('hex'),
    subKey: (purpose) => find(inUse).subKey(purpose),
    subKeyOf: (keyId, purpose) => find(keyId).subKey(purpose),
    subKeys: (purpose) => ring.keys().toSorted((a, b) => Number(b.id === inUse) - Number(a.id === inUse)).map((key) => key.subKey(purpose)),
    keyIds: () => ring.keys().map(({ id }) => id),
    keyInUse: () => inUse,
    use: (keyId) => { inUse = find(keyId).id; },
    reload: () => { ring.reload(); },
  };
}

function seal(key: RingKey, value: Uint8Array, context: string): Uint8Array<ArrayBuffer> {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key.subKey('config'), nonce).setAAD(Buffer.from(context));
  return new Uint8Array(Buffer.concat([sealedPrefix(key.id), nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()]));
}

function open(key: RingKey, body: Uint8Array, context: string): Uint8Array {
  if (body.length < NONCE_BYTES + TAG_BYTES) throw new Error('This is no sealed value.');
  const decipher = createDecipheriv('aes-256-gcm', key.subKey('config'), body.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES }).setAAD(Buffer.from(context));
  decipher.setAuthTag(body.subarray(body.length - TAG_BYTES));
  return Buffer.concat([decipher.update(body.subarray(NONCE_BYTES, body.length - TAG_BYTES)), decipher.final()]);
}

function openByAny(keys: readonly RingKey[], body: Uint8Array, context: string): Uint8Array {
  let failure: unknown = new Error('There is no key.');
  for (const key of keys) {
    try { return open(key, body, context); } catch (error) { failure = error; }
  }
  throw failure;
}
