import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const REQUEST_ID = /^[A-Za-z0-9_.:-]{8,128}$/;

/** The request's id: the client's where it is a sane one, else a new one. */
export function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

export interface Origin {
  /** The addresses the request came through, the client's first. */
  client: string;
  /** What an app is told of it. */
  headers: string[];
}

/** Where a request came from. What the client claims of itself counts only where it is a proxy of the operator's own (`trusted`). */
export function originOf({ headers, socket }: IncomingMessage, { trusted, port }: { trusted: boolean; port: number }): Origin {
  const claimed = (name: string): string | undefined => {
    const value = trusted ? headers[`x-forwarded-${name}`] : undefined;
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const peer = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  const before = claimed('for');
  const client = before === undefined ? peer : `${before}, ${peer}`;
  const proto = claimed('proto') === 'https' ? 'https' : 'http';
  return {
    client,
    headers: [
      'X-Forwarded-For', client, 'X-Forwarded-Proto', proto, 'X-Forwarded-Host', claimed('host') ?? headers.host ?? '',
      'X-Forwarded-Port', claimed('port') ?? portOf(headers.host) ?? (proto === 'https' ? '443' : String(port)),
    ],
  };
}

function portOf(host: string | undefined): string | undefined {
  return /:(\d{1,5})$/.exec(host ?? '')?.[1];
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
