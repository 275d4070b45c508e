import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import type { Socket } from 'node:net';
import type { Route } from '../bus/route.ts';
import type { AccessLog } from './access-log.ts';
import { answerPage } from './page.ts';
import { hostName, isAmbiguous, requestIdOf, setForwarded } from './request-headers.ts';
import type { Routes } from './routes.ts';
import type { Outcome, ToApp } from './to-app.ts';
import type { ToPlatform } from './to-platform.ts';

export interface RouterOptions { domain: string; port: number; trustProxy: boolean; routes: Routes; toApp: ToApp; toPlatform: ToPlatform; accessLog: AccessLog; onError(error: unknown): void }

/** The platform's one door: by the host to an app's replicas, or by the path to a process of the platform. */
export function createRouter(options: RouterOptions): Server {
  const server = createServer({ maxHeaderSize: 32 * 1024, keepAliveTimeout: 65_000, headersTimeout: 20_000, requestTimeout: 0, noDelay: true, insecureHTTPParser: false });
  server.on('request', (request, response) => { void handle(options, request, response); });
  server.on('upgrade', (request, socket, head) => { void handleUpgrade(options, request, socket as Socket, head); });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) { socket.destroy(); return; }
    socket.end(`HTTP/1.1 ${error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request'}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  });
  return server;
}

type Destination = 'platform' | Route | null;

function destinationOf({ domain, routes }: RouterOptions, request: IncomingMessage): Destination {
  const host = hostName(request);
  if (host === domain || host === 'localhost' || isIP(host.replace(/^\[|\]$/g, '')) !== 0) return 'platform';
  if (host.endsWith(`.${domain}`)) return routes.byName(host.slice(0, -domain.length - 1)) ?? null;
  return routes.byHost(host) ?? null;
}

async function handle(options: RouterOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const requestId = requestIdOf(request);
  const destination = destinationOf(options, request);
  const client = setForwarded(request, { requestId, trusted: options.trustProxy, port: options.port });
  response.setHeader('x-request-id', requestId);
  try {
    if (isAmbiguous(request)) { answerPage(request, response, 'bad-request', requestId); return; }
    if (destination === 'platform') { await options.toPlatform.web(request, response, requestId); return; }
    if (destination === null) { answerPage(request, response, 'unknown-app', requestId); return; }
    await toApp(options, destination, { request, response, requestId, client });
  } catch (error) {
    options.onError(error);
    answerPage(request, response, 'platform-away', requestId);
  }
}

interface Visit { request: IncomingMessage; response: ServerResponse; requestId: string; client: string }

async function toApp({ toApp: app, accessLog }: RouterOptions, route: Route, { request, response, requestId, client }: Visit): Promise<void> {
  const begun = performance.now();
  const before = request.socket.bytesWritten;
  const outcome: Outcome = route.state === 'up' ? await app.web(route, request, response) : { replica: null, connectMs: 0, reason: route.state };
  if (outcome.reason !== null) answerPage(request, response, outcome.reason, requestId);
  accessLog.note({
    route, request, requestId, client, replica: outcome.replica, connectMs: outcome.connectMs, reason: outcome.reason,
    status: response.statusCode, bytes: Math.max(request.socket.bytesWritten - before, 0), serviceMs: performance.now() - begun,
  });
}

async function handleUpgrade(options: RouterOptions, request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
  const begun = performance.now();
  socket.on('error', () => { socket.destroy(); });
  const requestId = requestIdOf(request);
  const destination = destinationOf(options, request);
  const client = setForwarded(request, { requestId, trusted: options.trustProxy, port: options.port });
  try {
    if (destination === 'platform') { await options.toPlatform.upgrade(request, socket, head); return; }
    if (destination === null || destination.state !== 'up') { socket.end(`HTTP/1.1 ${destination === null ? '404 Not Found' : '503 Service Unavailable'}\r\nConnection: close\r\nContent-Length: 0\r\nX-Slipway-Reason: ${destination?.state ?? 'unknown-app'}\r\n\r\n`); return; }
    const { replica, reason } = await options.toApp.upgrade(destination, request, socket, head);
    if (reason !== null) socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    options.accessLog.note({ route: destination, request, requestId, client, replica, connectMs: 0, reason, status: reason === null ? 101 : 503, bytes: socket.bytesWritten, serviceMs: performance.now() - begun });
  } catch (error) {
    options.onError(error);
    socket.destroy();
  }
}
