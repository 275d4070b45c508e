import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createBlobHandler } from '../blobs/http.ts';
import type { SigningKeys } from '../blobs/signature.ts';
import { cameTooLate } from '../http/linger.ts';
import { ServerRestarts } from '../schema/context.ts';
import { inServerSpan } from '../service/http-trace.ts';
import { activeTrace } from '../service/trace-context.ts';
import { accountPage } from './account-page.ts';
import { createAppPages } from './app-pages.ts';
import { createCors } from './cors.ts';
import { createEventStreams } from './event-streams.ts';
import type { GraphqlDoor } from './graphql-http.ts';
import { serveGraphql } from './graphql-http.ts';
import { readiness } from './health.ts';
import { homePage } from './home-page.ts';
import type { Metrics } from './metrics.ts';
import { pathOf } from './request-path.ts';
import { pagePolicy, setSecureHeaders } from './response-headers.ts';
import { createSessionCookie } from './session-cookie.ts';
import { serveWebsocket } from './websocket.ts';

export interface HttpOptions extends Omit<GraphqlDoor, 'stopping' | 'sessionCookie'> {
  metrics: Metrics;
  /** By which URLs of blobs are signed and believed. */
  blobKey: SigningKeys;
  /** In a cluster: apps are at `<app>.<this>`, and requests to those without a replica come here. */
  appsDomain: string | null;
}

export interface Http {
  server: Server;
  /** Takes nothing new, ends what is live, waits for the rest; then nothing is open. */
  close(): Promise<void>;
}

/** How long answers that are under way may still take when the server stops. */
const FINISH_MS = 5_000;
/** How long live answers have for their last word. */
const LAST_WORD_MS = 50;

/** Asked every few seconds, by nobody who wants to know how. */
const UNTRACED = new Set(['/healthz', '/readyz', '/metrics']);

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

/** Everything of the gateway that speaks HTTP. */
export function createHttp({ metrics, blobKey, appsDomain, ...options }: HttpOptions): Http {
  const stop = new AbortController();
  const door: GraphqlDoor = { ...options, sessionCookie: createSessionCookie(options.platform.settings), stopping: stop.signal };
  const { log, blobs } = options.platform;
  const pages = createAppPages(options.platform, appsDomain);
  const cors = createCors(options.corsOrigins);
  const streams = createEventStreams(door);
  const page = (html: string, also: Record<string, string> = {}): Handler => {
    const policy = pagePolicy(html, also);
    return (_request, response) => { response.setHeader('content-security-policy', policy); text(response, 200, html, 'text/html; charset=utf-8'); };
  };
  const routes: Record<string, Handler> = {
    graphql: (request, response) => {
      if (cors.handle(request, response)) return;
      return pathOf(request) === '/graphql/stream' ? streams.serve(request, response) : serveGraphql(door, request, response);
    },
    blobs: createBlobHandler({ store: blobs, key: blobKey, onError: (error) => { log.error({ error }, 'the blob store failed'); } }),
    healthz: (_request, response) => { text(response, 200, 'alive\n'); },
    readyz: async (_request, response) => { const state = await readiness(options.platform); json(response, state.ready ? 200 : 503, state); },
    metrics: async (_request, response) => { text(response, 200, await metrics.registry.metrics(), metrics.registry.contentType); },
    account: page(accountPage, { 'connect-src': "'self'" }),
    '': page(homePage(options.platform)),
  };
  const serve = (label: string, handler: Handler, request: IncomingMessage, response: ServerResponse): void => {
    response.once('finish', () => { metrics.requests.inc({ path: label, status: response.statusCode }); });
    const answer = (): void => { Promise.resolve(handler(request, response)).catch((error: unknown) => { fail(error, response, log); }); };
    if (UNTRACED.has(label)) answer(); else inServerSpan(request, response, { route: label, path: label === 'app' ? null : pathOf(request) }, answer);
  };
  const server = createServer({
    requestTimeout: 0, headersTimeout: 30_000, keepAliveTimeout: 75_000,
    // Browsers and curl offer HTTP/2 in this way to everybody.
    shouldUpgradeCallback: ({ headers }: IncomingMessage) => headers.upgrade?.toLowerCase() === 'websocket',
  }, (request, response) => {
    if (cameTooLate(request)) { request.resume(); return; }
    if (pages.isFor(request)) { serve('app', pages.answer, request, response); return; }
    setSecureHeaders(response, options.platform.settings.url);
    const path = pathOf(request).split('/')[1] ?? '';
    const handler = Object.hasOwn(routes, path) ? routes[path] : undefined;
    if (handler) serve(`/${path}`, handler, request, response); else serve('other', nothing, request, response);
  });
  // What is no HTTP is answered and let go; it must not end the process.
  server.on('clientError', (_error, socket) => { if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n'); });
  const stopWebsocket = serveWebsocket(server, door, metrics, pages);
  return {
    server,
    close: async () => {
      const closed = new Promise<void>((resolve) => { server.close(() => { resolve(); }); });
      stop.abort(new ServerRestarts());
      // Live answers say so as their last word.
      await new Promise((resolve) => { setTimeout(resolve, LAST_WORD_MS); });
      streams.close();
      await stopWebsocket();
      server.closeIdleConnections();
      const timer = setTimeout(() => { server.closeAllConnections(); }, FINISH_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}

function nothing(_request: IncomingMessage, response: ServerResponse): void {
  text(response, 404, 'There is nothing here. The API is at /graphql.\n');
}

function fail(error: unknown, response: ServerResponse, log: HttpOptions['platform']['log']): void {
  const traceId = activeTrace()?.traceId;
  log.error({ error }, 'a request failed');
  if (response.headersSent) response.destroy(); else json(response, 500, { errors: [{ message: 'Something failed on our side; see the log of the gateway.', extensions: { code: 'INTERNAL', traceId } }] });
}

function text(response: ServerResponse, status: number, body: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type }).end(body);
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(`${JSON.stringify(body)}\n`);
}
