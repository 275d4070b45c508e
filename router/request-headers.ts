import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const REQUEST_ID = /^[A-Za-z0-9_.:-]{8,128}$/;

/** The request's id: the client's where it is a sane one, else a new one. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

export interface Forwarded { requestId: string; /** The client is a proxy of the operator's own: what it says of the client counts. */ trusted: boolean; port: number }

/** Sets what the app is told of the client; what a client claims of itself is taken away first. Answers the client's address. */
export function setForwarded(request: IncomingMessage, { requestId, trusted, port }: Forwarded): string {
  const { headers, socket } = request;
  const peer = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  const before = trusted && typeof headers['x-forwarded-for'] === 'string' ? `${headers['x-forwarded-for']}, ` : '';
  const proto = trusted && headers['x-forwarded-proto'] === 'https' ? 'https' : 'http';
  for (const name of ['forwarded', 'x-real-ip', 'x-forwarded-server', 'x-slipway-reason']) delete headers[name];
  headers['x-forwarded-for'] = `${before}${peer}`;
  headers['x-forwarded-proto'] = proto;
  headers['x-forwarded-host'] = headers.host ?? '';
  headers['x-forwarded-port'] = String(hostPort(headers.host) ?? port);
  headers['x-request-id'] = requestId;
  return headers['x-forwarded-for'];
}

function hostPort(host: string | undefined): number | null {
  const port = /:(\d{1,5})$/.exec(host ?? '')?.[1];
  return port === undefined ? null : Number(port);
}

/** The host without its port, in lower case. */
export function hostName(request: IncomingMessage): string {
  return (request.headers.host ?? '').replace(/:\d*$/, '').toLowerCase();
}

/** Two lengths, or both a length and chunks: one of two servers in a row would see another request than the other. Node refuses most of it; this is the rest. */
export function isAmbiguous({ headers, rawHeaders }: IncomingMessage): boolean {
  const count = (name: string): number => rawHeaders.filter((value, index) => index % 2 === 0 && value.toLowerCase() === name).length;
  return (headers['transfer-encoding'] !== undefined && headers['content-length'] !== undefined) || count('content-length') > 1 || count('host') > 1;
}
