import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { GraphQLError } from 'graphql';
import { CloseCode, handleProtocols, makeServer } from 'graphql-ws';
import type { Server as GraphqlServer, SubscribePayload } from 'graphql-ws';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import type { ExecutionArgs } from 'graphql';
import type { Actor } from '../platform/access.ts';
import type { Visitor } from '../platform/account/session.ts';
import { traceOfRequest } from '../service/http-trace.ts';
import type { AccessEnded } from './actors.ts';
import type { AppPages } from './app-pages.ts';
import { authenticate } from './authenticate.ts';
import { keyOfParams, WRONG_KEY } from './credentials.ts';
import { ownOrigins } from './own-origins.ts';
import type { GraphqlDoor } from './graphql-http.ts';
import { limitExceeded } from './limit-exceeded.ts';
import type { Metrics } from './metrics.ts';
import { openSocket } from './open-socket.ts';
import type { SocketOf } from './open-socket.ts';
import { prepareOperation } from './operation.ts';
import { pathOf } from './request-path.ts';
import { traceEngine } from './trace-operations.ts';
import type { Engine } from './trace-operations.ts';
import { visitorOf } from './visitor.ts';

/** What one socket is: whose, until when. */
interface SocketExtra extends SocketOf { actor?: Actor; visitor?: Visitor; signal?: AbortSignal }

const MAX_MESSAGE_BYTES = 1024 * 1024;
const MAX_SUBSCRIPTIONS = 100;
const INIT_MS = 5_000;
/** "Service Restart": clients come back by themselves, as they do not after 4401. */
const RIGHTS_CHANGED = 1012;
/** So much may wait for a reader who goes on asking. */
const MAX_UNREAD_BYTES = 1024 * 1024;

/** Answers GraphQL over WebSocket (graphql-transport-ws) at `/graphql` of this server; gives back what stops it. */
export function serveWebsocket(server: Server, door: GraphqlDoor, metrics: Metrics, pages: AppPages): () => Promise<void> {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MAX_MESSAGE_BYTES, handleProtocols: (offered) => handleProtocols(offered) });
  const protocol = createProtocol(door);
  const origins = new Set([...ownOrigins(door.platform.settings), ...door.corsOrigins]);
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const refuse = (status: string): void => { socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`); };
    socket.on('error', () => undefined);
    if (pages.isFor(request)) { pages.refuse(request, socket).catch(() => { socket.destroy(); }); return; }
    if (pathOf(request) !== '/graphql') { refuse('404 Not Found'); return; }
    // Browsers always say where a page is from: other sites' pages, the apps among them, are no clients.
    if (request.headers.origin !== undefined && !origins.has(request.headers.origin)) { refuse('403 Forbidden'); return; }
    sockets.handleUpgrade(request, socket, head, (opened) => {
      keepPace(opened, socket);
      metrics.sockets.inc();
      opened.once('close', () => { metrics.sockets.dec(); });
      openSocket(protocol, { socket: opened, request }, door.platform.log);
    });
  });
  return async () => {
    for (const opened of sockets.clients) opened.close(1001, 'Going away');
    await new Promise((resolve) => { sockets.close(resolve); });
  };
}

/** What is done with the messages of graphql-transport-ws. */
function createProtocol(door: GraphqlDoor): GraphqlServer<SocketExtra> {
  return makeServer<Record<string, unknown>, SocketExtra>({
    connectionInitWaitTimeout: INIT_MS,
    onConnect: async (ctx) => {
      const { socket, request } = ctx.extra;
      const visitor = visitorOf(door, request);
      const identity = await authenticate(door, request, visitor.address, keyOfParams(ctx.connectionParams) ?? undefined);
      // It may have left meanwhile: nobody would let go of what is held then.
      if (socket.readyState !== socket.OPEN) return false;
      if (identity === null || identity === 'wrong') {
        socket.close(CloseCode.Forbidden, identity === null ? 'Send an API key (apiKey in connectionParams), or log in.' : WRONG_KEY);
        return false;
      }
      const { credential, actor } = identity;
      const left = new AbortController();
      const held = door.actors.hold(credential, actor);
      socket.once('close', () => { left.abort(); held.release(); });
      held.signal.addEventListener('abort', () => { const { isOver, message } = held.signal.reason as AccessEnded; socket.close(isOver ? CloseCode.Unauthorized : RIGHTS_CHANGED, message); }, { once: true });
      ctx.extra.actor = actor;
      ctx.extra.visitor = visitor;
      ctx.extra.signal = AbortSignal.any([left.signal, held.signal, door.stopping]);
      return true;
    },
    onSubscribe: (ctx, _id, payload) => {
      const open = Object.keys(ctx.subscriptions).length;
      if (open > MAX_SUBSCRIPTIONS) return [limitExceeded('subscriptions', MAX_SUBSCRIPTIONS, open, `This WebSocket has ${open} operations open; at most ${MAX_SUBSCRIPTIONS} are allowed.`)];
      return traceEngine(traceOfRequest(ctx.extra.request), () => prepare(door, ctx.extra, payload));
    },
    execute: (args) => engineOf(args).run() as never,
    subscribe: (args) => engineOf(args).run() as never,
  });
}

/** The engine travels as root value. */
const engineOf = (args: ExecutionArgs): Engine => args.rootValue as Engine;

async function prepare(door: GraphqlDoor, { actor, visitor, signal }: SocketExtra, payload: SubscribePayload): Promise<ExecutionArgs | readonly GraphQLError[]> {
  if (!actor || !visitor || !signal) return [new GraphQLError('This WebSocket is not initialised.')];
  const operation = await prepareOperation(door, { actor, visitor, signal }, payload, () => door.documents.textOf({ query: payload.query, extensions: payload.extensions }));
  if ('errors' in operation) return operation.errors;
  const engine: Engine = { run: operation.run };
  return { ...operation.args, rootValue: engine };
}

/** Reads no more from a socket whose reader does not read: its answers would pile up here. */
function keepPace(opened: WebSocket, socket: Duplex): void {
  opened.on('message', () => {
    if (opened.bufferedAmount < MAX_UNREAD_BYTES || opened.isPaused) return;
    opened.pause();
    socket.once('drain', () => { opened.resume(); });
  });
}
