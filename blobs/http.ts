import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { blobKinds, BlobStoreUnavailable, BlobTooLarge } from './store.ts';
import type { BlobKind, BlobStore, ByteRange, StoredBlob } from './store.ts';
import { verifyPath } from './signature.ts';
import type { SigningKeys } from './signature.ts';
import { createUsedGrants } from './used-grants.ts';
import type { UsedGrants } from './used-grants.ts';

export interface BlobHandlerOptions {
  store: BlobStore;
  key: SigningKeys;
  onError(error: unknown): void;
  /** How often a client is told (102) that what it has sent is still being stored. */
  progressMs?: number;
}

/** Clients break off when they hear nothing for a minute. */
const PROGRESS_MS = 15_000;

/** Serves `/blobs/…`: GET, HEAD and DELETE of `/blobs/<kind>/<digest>`, PUT of `/blobs/<kind>`, each by a signed URL. Never rejects. */
export function createBlobHandler(options: BlobHandlerOptions): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const grants = createUsedGrants();
  return async (request, response) => {
    try {
      await handle(options, grants, request, response);
    } catch (error) {
      if (isDiskFull(error)) return refuse(request, response, 507, 'The disk of the blob store is full.');
      if (error instanceof BlobStoreUnavailable) {
        options.onError(error);
        return refuse(request, response, 503, 'The blob storage is not available just now; try again.', { 'retry-after': '5' });
      }
      // Who goes away in the middle is nobody's fault.
      if (request.destroyed || response.destroyed) { response.destroy(); return; }
      options.onError(error);
      refuse(request, response, 500, 'The blob store failed; see its log.');
    }
  };
}

async function handle({ store, key, progressMs = PROGRESS_MS }: BlobHandlerOptions, grants: UsedGrants, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://blobs');
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  if (method !== 'GET' && method !== 'PUT' && method !== 'DELETE') return refuse(request, response, 405, 'Blobs take GET, HEAD, PUT and DELETE.', { allow: 'GET, HEAD, PUT, DELETE' });
  const [, , kind, digest] = url.pathname.split('/');
  const verdict = verifyPath(key, method, url, Date.now());
  if (!verdict.ok) return refuse(request, response, 403, verdict.why === 'expired' ? 'This URL has expired.' : 'The signature of this URL is not valid.');
  if (!isKind(kind)) return refuse(request, response, 404, 'There is no such kind of blob.');
  if (method === 'PUT') {
    // A hostile build that had its URL could else fill the disk with one blob after the other. Who lost the answer asks again and gets it.
    const use = grants.begin(verdict.grant);
    if (use === 'busy') return refuse(request, response, 503, 'An upload by this URL is under way.', { 'retry-after': '1' });
    if ('stored' in use) return answerStored(request, response, use.stored);
    let stored: StoredBlob | null = null;
    const progress = setInterval(() => { if (request.complete && request.httpVersion !== '1.0' && !response.headersSent) response.writeProcessing(); }, progressMs);
    try { stored = await receive(store, kind, verdict.grant.max, request, response); } finally { use.end(stored); clearInterval(progress); }
    return;
  }
  if (method === 'GET') return send(store, kind, digest ?? '', request, response);
  await store.delete(kind, digest ?? '');
  response.writeHead(204).end();
}

const isKind = (text: string | undefined): text is BlobKind => blobKinds.some((kind) => kind === text);

async function receive(store: BlobStore, kind: BlobKind, maxBytes: number, request: IncomingMessage, response: ServerResponse): Promise<StoredBlob | null> {
  const tooLarge = `The content is larger than the ${maxBytes} bytes that this URL allows.`;
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) { refuse(request, response, 413, tooLarge); return null; }
  try {
    // The store destroys what it cannot store; the connection must live on for the answer.
    const content = Readable.from(request.iterator({ destroyOnReturn: false }), { objectMode: false });
    const stored = await store.put(kind, content, maxBytes);
    answerStored(request, response, stored);
    return stored;
  } catch (error) {
    if (!(error instanceof BlobTooLarge)) throw error;
    refuse(request, response, 413, tooLarge);
    return null;
  }
}

function answerStored(request: IncomingMessage, response: ServerResponse, stored: StoredBlob): void {
  response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(stored));
  discardRest(request);
}

async function send(store: BlobStore, kind: BlobKind, digest: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const found = await store.has(kind, digest);
  if (!found) return refuse(request, response, 404, 'There is no such blob.');
  const range = parseRange(request.headers.range, found.size);
  if (range === 'unsatisfiable') return refuse(request, response, 416, `The blob has ${found.size} bytes.`, { 'content-range': `bytes */${found.size}` });
  response.writeHead(range ? 206 : 200, {
    'content-type': 'application/octet-stream', 'accept-ranges': 'bytes', etag: `"${digest}"`, 'cache-control': 'private, immutable',
    'content-length': range ? range.end - range.start + 1 : found.size,
    ...(range ? { 'content-range': `bytes ${range.start}-${range.end}/${found.size}` } : {}),
  });
  if (request.method === 'HEAD') { response.end(); return; }
  const blob = await store.get(kind, digest, range ?? undefined);
  if (!blob) { response.destroy(); return; }
  await pipeline(blob.stream, response);
}

/** One range of bytes; null: all of it (also where the header is of a form that may be ignored). */
export function parseRange(header: string | undefined, size: number): ByteRange | 'unsatisfiable' | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return null;
  const [, from = '', to = ''] = match;
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  return start > end || start >= size ? 'unsatisfiable' : { start, end };
}

/** How long the rest of a refused upload is read and thrown away, so that its sender gets to see the answer. */
const DISCARD_MS = 5_000;

function refuse(request: IncomingMessage, response: ServerResponse, status: number, message: string, headers: Record<string, string> = {}): void {
  if (response.headersSent) { response.destroy(); return; }
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers }).end(`${message}\n`);
  discardRest(request);
}

function discardRest(request: IncomingMessage): void {
  if (request.complete) return;
  const timer = setTimeout(() => request.destroy(), DISCARD_MS);
  request.once('close', () => clearTimeout(timer)).resume();
}

const isDiskFull = (error: unknown): boolean => ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException)?.code ?? '');
