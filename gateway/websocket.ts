import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { GraphQLError } from 'graphql';
import { CloseCode } from 'graphql-ws';
import type { SubscribePayload } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import type { ExecutionArgs } from 'graphql';
import type { Actor } from '../platform/access.ts';
import type { Visitor } from '../platform/session.ts';
import type { ApiContext } from '../schema/context.ts';
import { clientAddress } from '../service/client-address.ts';
import type { AccessEnded, Credential } from './actors.ts';
import type { AppPages } from './app-pages.ts';
import { keyOfHeader, keyOfParams, WRONG_KEY } from './credentials.ts';
import type { GraphqlDoor } from './graphql-http.ts';
import { limitExceeded } from './measure-query.ts';
import type { Metrics } from './metrics.ts';
import { ownOrigins } from './own-origins.ts';
import { pathOf } from './request-path.ts';

/** What one socket is: whose, until when. A type, not an interface: graphql-ws wants an index signature. */
type SocketExtra = { actor?: Actor; visitor?: Visitor; signal?: AbortSignal };

const MAX_MESSAGE_BYTES = 1024 * 1024;
const MAX_SUBSCRIPTIONS = 100;
const INIT_MS = 5_000;
/** "Service Restart": clients come back by themselves, as they do not after 4401. */
const RIGHTS_CHANGED = 1012;

/** Answers GraphQL over WebSocket (graphql-transport-ws) at `/graphql` of this server; gives back what stops it. */
export function serveWebsocket(server: Server, door: GraphqlDoor, metrics: Metrics, pages: AppPages): () => Promise<void> {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MAX_MESSAGE_BYTES });
  const origins = ownOrigins(door.platform.settings);
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const refuse = (status: string): void => { socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`); };
    socket.on('error', () => undefined);
    if (pages.isFor(request)) { pages.refuse(request, socket).catch(() => { socket.destroy(); }); return; }
    if (pathOf(request) !== '/graphql') { refuse('404 Not Found'); return; }
    // Browsers always say where a page is from: other sites' pages, the apps among them, are no clients.
    if (request.headers.origin !== undefined && !origins.has(request.headers.origin)) { refuse('403 Forbidden'); return; }
    sockets.handleUpgrade(request, socket, head, (opened) => {
      metrics.sockets.inc();
      opened.once('close', () => { metrics.sockets.dec(); });
      sockets.emit('connection', opened, request);
    });
  });
  const disposable = useServer<Record<string, unknown>, SocketExtra>({
    connectionInitWaitTimeout: INIT_MS,
    // What fails is told without its message.
    isProd: true,
    onConnect: async (ctx) => {
      const { socket, request } = ctx.extra;
      const key = keyOfParams(ctx.connectionParams) ?? keyOfHeader(request.headers.authorization);
      const secret = key ?? door.sessionCookie.secretOf(request);
      const credential: Credential | null = secret === null ? null : { kind: key === null ? 'session' : 'apiKey', secret };
      const visitor: Visitor = { address: clientAddress(request, door.proxies), userAgent: request.headers['user-agent'] ?? '' };
      const actor = credential && await door.actors.find(credential, visitor.address);
      if (!credential || !actor) {
        socket.close(CloseCode.Unauthorized, key === null ? 'Send an API key (apiKey in connectionParams), or log in.' : WRONG_KEY);
        return false;
      }
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
      return prepare(door, ctx.extra, payload);
    },
    execute: (args) => engineOf(args).execute(args) as never,
    subscribe: (args) => engineOf(args).subscribe(args) as never,
  }, sockets);
  return async () => { await disposable.dispose(); };
}

interface Engine { execute(args: ExecutionArgs): unknown; subscribe(args: ExecutionArgs): unknown }

const engineOf = (args: ExecutionArgs): Engine => args.rootValue as Engine;

/** Parses, limits and validates an operation as HTTP does; the engine travels as root value. */
async function prepare({ api, platform, wakeUps }: GraphqlDoor, { actor, visitor, signal }: SocketExtra, payload: SubscribePayload): Promise<ExecutionArgs | readonly GraphQLError[]> {
  if (!actor || !visitor || !signal) return [new GraphQLError('This WebSocket is not initialised.')];
  const context: ApiContext = { platform, wakeUps, actor, visitor, cookies: null, signal };
  const { schema, execute, subscribe, contextFactory, parse, validate } = api.getEnveloped({ ...context, params: payload });
  try {
    const document = parse(payload.query);
    const errors = validate(schema, document);
    if (errors.length > 0) return errors as GraphQLError[];
    const engine: Engine = { execute, subscribe };
    return { schema, document, operationName: payload.operationName, variableValues: payload.variables, contextValue: await contextFactory(), rootValue: engine };
  } catch (error) {
    if (error instanceof GraphQLError) return [error];
    throw error;
  }
}
