import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import type { BlobStore } from './store.ts';

export type GrantMethod = 'GET' | 'PUT' | 'DELETE';

/** What a signature vouches for: one method on one path, until a time (seconds since 1970), with at most so many bytes. A PUT is for one use: its `nonce` is no other's. */
export interface Grant { method: GrantMethod; path: string; expires: number; max: number; nonce: string }

const sign = (key: Buffer, { method, path, expires, max, nonce }: Grant): Buffer =>
  createHmac('sha256', key).update(`${method}\n${path}\n${expires}\n${max}\n${nonce}`).digest();

/** The path with its grant and signature as a query. */
export function signPath(key: Buffer, grant: Grant): string {
  const query = new URLSearchParams({ expires: String(grant.expires) });
  if (grant.method === 'PUT') { query.set('max', String(grant.max)); query.set('nonce', grant.nonce); }
  query.set('signature', sign(key, grant).toString('base64url'));
  return `${grant.path}?${query}`;
}

const expiry = (seconds: number): number => Math.ceil(Date.now() / 1000) + seconds;

/** The signing half of a store whose blobs are served by blobs/http.ts with the same key. */
export const createSigner = (key: Buffer): Pick<BlobStore, 'signGet' | 'signPut'> => ({
  signGet: (kind, digest, seconds) => signPath(key, { method: 'GET', path: `/blobs/${kind}/${digest}`, expires: expiry(seconds), max: 0, nonce: '' }),
  signPut: (kind, maxBytes, seconds) => signPath(key, { method: 'PUT', path: `/blobs/${kind}`, expires: expiry(seconds), max: maxBytes, nonce: randomUUID() }),
});

/** Only the platform's own processes get one. */
export const signDelete = (key: Buffer, kind: string, digest: string, seconds: number): string =>
  signPath(key, { method: 'DELETE', path: `/blobs/${kind}/${digest}`, expires: expiry(seconds), max: 0, nonce: '' });

export type GrantVerdict = { ok: true; grant: Grant } | { ok: false; why: 'invalid' | 'expired' };

/** Whether a URL's query was signed by this key for the method and path, and is not over. Compares in constant time. */
export function verifyPath(key: Buffer, method: GrantMethod, { pathname, searchParams }: URL, now: number): GrantVerdict {
  const grant: Grant = { method, path: pathname, expires: wholeNumber(searchParams.get('expires')), ...(method === 'PUT' ? { max: wholeNumber(searchParams.get('max')), nonce: searchParams.get('nonce') ?? '' } : { max: 0, nonce: '' }) };
  const given = Buffer.from(searchParams.get('signature') ?? '', 'base64url');
  const right = sign(key, grant);
  if (given.length !== right.length || !timingSafeEqual(given, right)) return { ok: false, why: 'invalid' };
  return now / 1000 > grant.expires ? { ok: false, why: 'expired' } : { ok: true, grant };
}

/** NaN, which nothing is signed with, where it is no plain number. */
const wholeNumber = (text: string | null): number => (text !== null && /^\d{1,15}$/.test(text) ? Number(text) : NaN);
