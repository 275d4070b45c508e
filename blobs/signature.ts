import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import type { BlobStore } from './store.ts';

export type GrantMethod = 'GET' | 'PUT' | 'DELETE';

/** What a signature vouches for: one method on one path, until a time (seconds since 1970), with at most so many bytes. A PUT is for one use: its `nonce` is no other's. */
export interface Grant { method: GrantMethod; path: string; expires: number; max: number; nonce: string }

/** By which key URLs are signed now, and which are believed: with a new key the URLs of the old one stay good. One key is both. */
export type SigningKeys = Buffer | { signing(): Buffer; believed(): readonly Buffer[] };

const signing = (keys: SigningKeys): Buffer => (Buffer.isBuffer(keys) ? keys : keys.signing());
const believed = (keys: SigningKeys): readonly Buffer[] => (Buffer.isBuffer(keys) ? [keys] : keys.believed());

/** Whether what this key signs is believed. */
export const isBelieved = (keys: SigningKeys, key: Buffer): boolean => believed(keys).some((known) => known.equals(key));

const sign = (key: Buffer, { method, path, expires, max, nonce }: Grant): Buffer =>
  createHmac('sha256', key).update(`${method}\n${path}\n${expires}\n${max}\n${nonce}`).digest();

/** The path with its grant and signature as a query. */
export function signPath(keys: SigningKeys, grant: Grant): string {
  const query = new URLSearchParams({ expires: String(grant.expires) });
  if (grant.method === 'PUT') { query.set('max', String(grant.max)); query.set('nonce', grant.nonce); }
  query.set('signature', sign(signing(keys), grant).toString('base64url'));
  return `${grant.path}?${query}`;
}

const expiry = (seconds: number): number => Math.ceil(Date.now() / 1000) + seconds;

/** The signing half of a store whose blobs are served by blobs/http.ts with the same keys. */
export const createSigner = (keys: SigningKeys): Pick<BlobStore, 'signGet' | 'signPut'> => ({
  signGet: (kind, digest, seconds) => signPath(keys, { method: 'GET', path: `/blobs/${kind}/${digest}`, expires: expiry(seconds), max: 0, nonce: '' }),
  signPut: (kind, maxBytes, seconds) => signPath(keys, { method: 'PUT', path: `/blobs/${kind}`, expires: expiry(seconds), max: maxBytes, nonce: randomUUID() }),
});

/** Only the platform's own processes get one. */
export const signDelete = (keys: SigningKeys, kind: string, digest: string, seconds: number): string =>
  signPath(keys, { method: 'DELETE', path: `/blobs/${kind}/${digest}`, expires: expiry(seconds), max: 0, nonce: '' });

export type GrantVerdict = { ok: true; grant: Grant } | { ok: false; why: 'invalid' | 'expired' };

/** Whether a URL's query was signed by one of these keys for the method and path, and is not over. Compares in constant time. */
export function verifyPath(keys: SigningKeys, method: GrantMethod, { pathname, searchParams }: URL, now: number): GrantVerdict {
  const grant: Grant = { method, path: pathname, expires: wholeNumber(searchParams.get('expires')), ...(method === 'PUT' ? { max: wholeNumber(searchParams.get('max')), nonce: searchParams.get('nonce') ?? '' } : { max: 0, nonce: '' }) };
  const given = Buffer.from(searchParams.get('signature') ?? '', 'base64url');
  const isRight = (right: Buffer): boolean => given.length === right.length && timingSafeEqual(given, right);
  if (!believed(keys).some((key) => isRight(sign(key, grant)))) return { ok: false, why: 'invalid' };
  return now / 1000 > grant.expires ? { ok: false, why: 'expired' } : { ok: true, grant };
}

/** NaN, which nothing is signed with, where it is no plain number. */
const wholeNumber = (text: string | null): number => (text !== null && /^\d{1,15}$/.test(text) ? Number(text) : NaN);
