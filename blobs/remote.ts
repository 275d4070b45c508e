import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import { createSigner, signDelete } from './signature.ts';
import type { SigningKeys } from './signature.ts';
import { BlobStoreUnavailable, BlobTooLarge, isDigest } from './store.ts';
import type { BlobKind, BlobStore, StoredBlob } from './store.ts';

export interface RemoteStoreOptions {
  /** The blob server's origin, as http://blobs:8080. */
  url: string;
  /** The one that the server verifies with. */
  key: SigningKeys;
}

/** Signed for one request that is made at once. */
const SECONDS = 3_600;
/** A server that takes or gives nothing for so long is away. */
const IDLE_MS = 60_000;

/** Blobs that a blob server has, by its signed URLs; streams are passed on, never held. */
export function createRemoteStore({ url, key }: RemoteStoreOptions): BlobStore {
  const signer = createSigner(key);
  const origin = url.replace(/\/$/, '');
  const path = (kind: BlobKind, digest: string): string => {
    if (!isDigest(digest)) throw new Error(`"${digest.slice(0, 80)}" is no SHA-256 digest.`);
    return origin + signer.signGet(kind, digest, SECONDS);
  };
  return {
    ...signer,
    put: (kind, content, maxBytes) => put(origin + signer.signPut(kind, maxBytes, SECONDS), content, maxBytes),
    get: async (kind, digest, range) => {
      const headers: Record<string, string> = range ? { range: `bytes=${range.start}-${range.end}` } : {};
      const answer = await send('GET', path(kind, digest), headers);
      if (answer.statusCode === 404) { answer.resume(); return null; }
      if (answer.statusCode !== 200 && answer.statusCode !== 206) throw await failure(answer);
      const total = /\/(\d+)$/.exec(answer.headers['content-range'] ?? '')?.[1] ?? answer.headers['content-length'];
      return { size: Number(total), stream: answer };
    },
    has: async (kind, digest) => {
      const answer = await send('HEAD', path(kind, digest));
      answer.resume();
      if (answer.statusCode === 404) return null;
      if (answer.statusCode !== 200) throw await failure(answer);
      return { digest, size: Number(answer.headers['content-length']) };
    },
    delete: async (kind, digest) => {
      const answer = await send('DELETE', origin + signDelete(key, kind, digest, SECONDS));
      if (answer.statusCode !== 204) throw await failure(answer);
      answer.resume();
    },
    // Asked for a blob that nobody has: refused, or not found.
    believes: async (other) => {
      const answer = await send('HEAD', origin + createSigner(other).signGet('slugs', '0'.repeat(64), SECONDS));
      answer.resume();
      if (answer.statusCode !== 200 && answer.statusCode !== 404 && answer.statusCode !== 403) throw await failure(answer);
      return answer.statusCode !== 403;
    },
  };
}

function open(method: string, url: string, headers: Record<string, string> = {}): ReturnType<typeof httpRequest> {
  const sent = (url.startsWith('https:') ? httpsRequest : httpRequest)(url, { method, headers, agent: false });
  return sent.setTimeout(IDLE_MS, () => { sent.destroy(new Error('The blob server does not answer.')); });
}

function send(method: string, url: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => { open(method, url, headers).once('response', resolve).once('error', reject).end(); });
}

async function put(url: string, content: Readable, maxBytes: number): Promise<StoredBlob> {
  const sent = open('PUT', url);
  // A refusal comes before the end of the body, which then breaks off.
  const answered = new Promise<IncomingMessage>((resolve, reject) => { sent.once('response', resolve).once('error', reject); });
  const piped = pipeline(content, sent);
  piped.catch(() => undefined);
  try {
    const answer = await Promise.race([answered, piped.then(() => answered)]);
    if (answer.statusCode === 413) throw new BlobTooLarge(maxBytes);
    if (answer.statusCode !== 201) throw await failure(answer);
    return JSON.parse(await text(answer)) as StoredBlob;
  } finally {
    content.destroy();
    sent.destroy();
  }
}

/** A full disk there is one here, for whoever tells the operator; and what is not available there is not here. */
async function failure(answer: IncomingMessage): Promise<Error> {
  const said = (await text(answer).catch(() => '')).trim().slice(0, 500);
  const message = `The blob server answered ${answer.statusCode}${said === '' ? '' : `: ${said}`}`;
  if (answer.statusCode === 503) return new BlobStoreUnavailable(message);
  return Object.assign(new Error(message), answer.statusCode === 507 ? { code: 'ENOSPC' } : {});
}
