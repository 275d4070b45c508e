import { createHash, randomBytes } from 'node:crypto';

const PREFIX_LENGTH = 'slip_'.length + 6;

/** 256 random bits, as they stand in links and cookies. */
export const randomSecret = (): string => randomBytes(32).toString('base64url');

/** A new API key: its secret (256 random bits), what people see of it later, and the hash that is stored. */
export function createSecret(): { secret: string; prefix: string; hash: Uint8Array<ArrayBuffer> } {
  const secret = `slip_${randomSecret()}`;
  return { secret, prefix: secret.slice(0, PREFIX_LENGTH), hash: hashSecret(secret) };
}

/** SHA-256; the secret has 256 random bits, so a slow hash would add nothing. */
export function hashSecret(secret: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(secret).digest());
}
