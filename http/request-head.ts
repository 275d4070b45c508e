import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const REQUEST_ID = /^[A-Za-z0-9_.:-]{8,128}$/;

/** The request's id: the client's where it is a sane one, else a new one. */
export function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

/** The host without its port and last dot, in lower case. */
export function hostName({ headers }: IncomingMessage): string {
  return (headers.host ?? '').replace(/:\d*$/, '').replace(/\.$/, '').toLowerCase();
}

/** A request that two servers in a row could take for different ones. Node's parser refuses most of these; this is the rest. */
export function isAmbiguous({ headers, rawHeaders, httpVersion }: IncomingMessage): boolean {
  const count = (name: string): number => rawHeaders.filter((value, at) => at % 2 === 0 && value.length === name.length && value.toLowerCase() === name).length;
  const coding = headers['transfer-encoding'];
  return count('host') > 1 || count('content-length') > 1
    || (coding !== undefined && (headers['content-length'] !== undefined || httpVersion === '1.0' || coding.toLowerCase() !== 'chunked'));
}

/** Takes `http://host/path` for `/path`, as every server must; false where it names another host than the request. */
export function takePath(request: IncomingMessage): boolean {
  const url = request.url ?? '/';
  if (url.startsWith('/') || (url === '*' && request.method === 'OPTIONS')) return true;
  const absolute = URL.canParse(url) ? new URL(url) : null;
  if (!absolute || absolute.protocol !== 'http:' || absolute.host !== new URL(`http://${request.headers.host ?? ''}`).host) return false;
  request.url = `${absolute.pathname}${absolute.search}`;
  return true;
}
