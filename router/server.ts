import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import type { Socket } from 'node:net';
import type { Route } from '../bus/route.ts';
import { answerPage, pageHead, statusOf } from '../http/page.ts';
import type { Reason } from '../http/page.ts';
import { hostName, isAmbiguous, requestIdOf, takePath } from '../http/request-head.ts';
import { inServerSpan } from '../service/http-trace.ts';
import { traceHeaders } from '../service/trace-context.ts';
import { isTracing } from '../service/trace.ts';
import { withoutQuery } from '../service/without-query.ts';
import type { Access, AccessLog } from './access-log.ts';
import { createDoor } from './door.ts';
import { originOf } from './origin.ts';
import type { Visit } from './forward.ts';
import type { Routes } from './routes.ts';
import type { ToApp } from './to-app.ts';
import type { ToPlatform } from './to-platform.ts';

export interface RouterOptions {
  domain: string; port: number; trustProxy: boolean; routes: Routes; toApp: ToApp; toPlatform: ToPlatform; accessLog: AccessLog;
  /** How long the head of a request may take to arrive. */
  headSeconds: number;
  onError(error: unknown): void;
}

/** The platform's one door: by the host to an app's replicas, or by the path to a process of the platform. */
export function createRouter(options: RouterOptions): Server {
  return createDoor({
    headSeconds: options.headSeconds, onError: options.onError,
    onRequest: (request, response, awaitsContinue) => handle(options, request, response, awaitsContinue),
    onUpgrade: (request, socket, head) => handleUpgrade(options, request, socket, head),
  });
}

type Destination = { to: 'platform' } | { to: 'app'; route: Route } | { to: 'nobody'; reason: Reason };

function destinationOf({ domain, routes }: RouterOptions, request: IncomingMessage): Destination {
  if (isAmbiguous(request) || !takePath(request)) return { to: 'nobody', reason: 'bad-request' };
  const host = hostName(request);
  if (host === domain || host === 'localhost' || isIP(host.replace(/^\[|\]$/g, '')) !== 0) return { to: 'platform' };
  const route = host.endsWith(`.${domain}`) ? routes.byName(host.slice(0, -domain.length - 1)) : routes.byHost(host);
  return route ? { to: 'app', route } : { to: 'nobody', reason: 'unknown-app' };
}

/** Takes the request's line for the app's log; the status and the bytes are known when it is over. */
function beginAccess(request: IncomingMessage, requestId: string, client: string): (access: Pick<Access, 'route' | 'status' | 'replica' | 'connectMs' | 'reason'>) => Access {
  const { socket } = request;
  const begun = performance.now();
  const before = socket.bytesWritten;
  return (known) => ({
    ...known, method: request.method ?? '', path: withoutQuery(request.url), host: request.headers.host ?? '', requestId, client,
    bytes: Math.max(socket.bytesWritten - before, 0), serviceMs: performance.now() - begun,
  });
}

/** What nginx calls a client that left before it was answered. */
const CLIENT_GONE = 499;

async function handle(options: RouterOptions, request: IncomingMessage, response: ServerResponse, awaitsContinue: boolean): Promise<void> {
  const requestId = requestIdOf(request);
  const destination = destinationOf(options, request);
  if (destination.to === 'nobody') { answerPage(request, response, destination.reason, requestId); return; }
  const { client, headers } = originOf(request, { trusted: options.trustProxy, port: options.port });
  const visit = { request, response, awaitsContinue, toApp: [...headers, 'X-Request-Id', requestId], toClient: ['X-Request-Id', requestId] };
  if (destination.to === 'platform') { await handlePlatform(options, visit, requestId); return; }
  const { route } = destination;
  // The platform's traces are its operator's: an app gets its client's `traceparent` as it came, and none where there was none.
  const serve = (): Promise<void> => handleApp(options, route, visit, { requestId, client });
  await (isTracing() ? inServerSpan(request, response, { route: 'app', path: null, attributes: { 'slipway.app': route.appName } }, serve) : serve());
}

/** Paths of the platform, by their first part; all others are one. */
const PLATFORM_PATHS = new Set(['', 'graphql', 'git', 'blobs']);

/** The trace of what the platform does for this request begins here, and goes on in the process that answers it. */
async function handlePlatform({ toPlatform }: RouterOptions, visit: Visit, requestId: string): Promise<void> {
  const { request, response } = visit;
  const path = withoutQuery(request.url);
  const first = path.split('/')[1] ?? '';
  const pass = async (more: string[]): Promise<void> => {
    const reason = await toPlatform.web({ ...visit, toApp: [...visit.toApp, ...more] });
    if (reason !== null) answerPage(request, response, reason, requestId);
  };
  await (PLATFORM_PATHS.has(first) ? inServerSpan(request, response, { route: `/${first}`, path }, () => pass(Object.entries(traceHeaders()).flat())) : pass([]));
}

async function handleApp(options: RouterOptions, route: Route, visit: Visit, { requestId, client }: { requestId: string; client: string }): Promise<void> {
  const { request, response } = visit;
  const access = beginAccess(request, requestId, client);
  const { replica, connectMs, reason } = await options.toApp.web(route, visit);
  if (reason !== null && reason !== 'client-gone' && reason !== 'replica-cut') answerPage(request, response, reason, requestId);
  options.accessLog.note(access({ route, replica, connectMs, reason, status: reason === 'client-gone' ? CLIENT_GONE : response.statusCode }));
}

async function handleUpgrade(options: RouterOptions, request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
  const requestId = requestIdOf(request);
  const destination = destinationOf(options, request);
  if (destination.to === 'nobody') { socket.end(pageHead(destination.reason, requestId)); return; }
  const { client, headers } = originOf(request, { trusted: options.trustProxy, port: options.port });
  const visit = { request, socket, head, toApp: [...headers, 'X-Request-Id', requestId], toClient: ['X-Request-Id', requestId] };
  if (destination.to === 'platform') {
    const reason = await options.toPlatform.upgrade(visit);
    if (reason !== null) socket.end(pageHead(reason, requestId));
    return;
  }
  const { route } = destination;
  const access = beginAccess(request, requestId, client);
  let status: number | null = null;
  const { replica, connectMs, reason } = await options.toApp.upgrade(route, visit, (answered) => { status = answered; });
  if (reason !== null && reason !== 'client-gone') socket.end(pageHead(reason, requestId));
  options.accessLog.note(access({ route, replica, connectMs, reason, status: status ?? (reason === 'client-gone' ? CLIENT_GONE : statusOf(reason)) }));
}
