import { promisify } from 'node:util';
import type { IncomingHttpHeaders } from 'node:http';
import { brotliCompress, constants, gzip } from 'node:zlib';
import Negotiator from 'negotiator';

const [brotli, zip] = [promisify(brotliCompress), promisify(gzip)];

/** What is smaller is sent as it is: it fits into a packet. */
const MIN_BYTES = 1024;
/** Levels at which a megabyte takes some 10 ms. */
const BROTLI_QUALITY = 4;
const GZIP_LEVEL = 5;

export type Encoding = 'br' | 'gzip';

/**
 * How an answer is compressed; null: not at all. Never one to a request with a cookie: an app's page on the same site could make a browser send that one
 * again and again, with a guess in it, and learn from the answer's length a secret that stands beside the guess (BREACH). A key is sent by nobody's page.
 */
export function encodingFor(headers: IncomingHttpHeaders, bytes: number): Encoding | null {
  if (bytes < MIN_BYTES || headers.cookie !== undefined) return null;
  return preferredEncoding(headers);
}

/** What the client takes, of what there is no secret in. */
export function preferredEncoding(headers: IncomingHttpHeaders): Encoding | null {
  const accepted = headers['accept-encoding'];
  if (accepted === undefined) return null;
  const found = new Negotiator({ headers: { 'accept-encoding': String(accepted) } }).encoding(['br', 'gzip', 'identity']);
  return found === 'br' || found === 'gzip' ? found : null;
}

export function compress(body: Buffer, encoding: Encoding): Promise<Buffer> {
  return encoding === 'br' ? brotli(body, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: body.length } }) : zip(body, { level: GZIP_LEVEL });
}
