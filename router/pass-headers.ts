import type { IncomingMessage } from 'node:http';

/** Between two neighbours only (RFC 9110, 7.6.1); framing is told anew by whoever sends. */
const HOP = ['connection', 'proxy-connection', 'keep-alive', 'te', 'upgrade', 'transfer-encoding', 'proxy-authenticate', 'proxy-authorization'];

/** What only the router may say to an app; written with underscores too, which are the same to one that reads headers as CGI variables. */
const OURS_TO_APP = ['content-length', 'expect', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-port', 'x-forwarded-server', 'forwarded', 'x-real-ip', 'x-request-id', 'x-slipway-reason'];

/** What only the router may say to a client. */
const OURS_TO_CLIENT = ['x-request-id', 'x-slipway-reason'];

const toApp = new Set([...HOP, ...OURS_TO_APP]);
const toTraced = new Set([...toApp, 'traceparent', 'tracestate']);
const toClient = new Set([...HOP, ...OURS_TO_CLIENT]);

/** The client's headers as it sent them (order, case, repetitions), without what is not its to say, and with ours: name, value, name, value, … */
export function requestHeaders(request: IncomingMessage, ours: readonly string[]): string[] {
  // A trace that goes on with us has us in it; one that only passes is its sender's.
  return [...without(request, ours.includes('traceparent') ? toTraced : toApp), ...framing(request), ...ours];
}

/** The answer's headers as the app sent them, without what was meant for the router. */
export function responseHeaders(answer: IncomingMessage, ours: readonly string[]): string[] {
  return [...without(answer, toClient), ...ours];
}

export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** How the body's end is told; Node's client would else send an empty body in chunks. */
function framing({ headers, method }: IncomingMessage): string[] {
  if (headers['transfer-encoding'] !== undefined) return ['Transfer-Encoding', 'chunked'];
  if (headers['content-length'] !== undefined) return ['Content-Length', headers['content-length']];
  return method === 'POST' || method === 'PUT' || method === 'PATCH' ? ['Content-Length', '0'] : [];
}

function without({ rawHeaders, headers }: IncomingMessage, dropped: ReadonlySet<string>): string[] {
  const named = namedByConnection(headers.connection);
  const kept: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    const lower = name.toLowerCase();
    if (!dropped.has(lower.replaceAll('_', '-')) && !named.includes(lower)) kept.push(name, rawHeaders[at + 1] ?? '');
  }
  return kept;
}

/** Headers that the sender declares to be for its neighbour; never those that say what the request is. */
function namedByConnection(connection: string | undefined): string[] {
  if (connection === undefined || !/[a-z]-|,/i.test(connection)) return [];
  return connection.toLowerCase().split(',').map((name) => name.trim()).filter((name) => !['host', 'content-length', 'content-type', 'authorization', 'cookie'].includes(name));
}
