import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError } from 'graphql';
import type { ExecutionArgs } from 'graphql';
import { createHandler } from 'graphql-sse';
import type { Actor } from '../platform/access.ts';
import type { Visitor } from '../platform/account/session.ts';
import { createSlots } from '../service/slots.ts';
import type { Slots } from '../service/slots.ts';
import { authenticate } from './authenticate.ts';
import type { Identity } from './authenticate.ts';
import { acceptedTypes, bodyProblem } from './content.ts';
import { costHeaders, payerOf } from './cost.ts';
import { bodyOf, serveGraphql } from './graphql-http.ts';
import type { GraphqlDoor } from './graphql-http.ts';
import { limitExceeded } from './limit-exceeded.ts';
import { prepareOperation } from './operation.ts';
import type { Operation } from './operation.ts';
import { invalid, refuse, wrongKey } from './refuse.ts';
import type { Refusal } from './refuse.ts';
import { paramsOfBody } from './request-params.ts';
import type { RequestParams } from './request-params.ts';
import { visitorOf } from './visitor.ts';
import { writeEvents } from './write-events.ts';

/** GraphQL over server-sent events with one connection for many operations (graphql-sse's "single connection mode"). */
export interface EventStreams {
  serve(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Ends all streams. */
  close(): void;
}

/** One reservation, and the connection that fulfils it. */
interface Stream {
  token: string; owner: string; actor: Actor; visitor: Visitor; signal: AbortSignal;
  /** An event takes one until the connection has taken it away: what a slow reader has not read is not made yet. */
  room: Slots;
  operations: Set<string>;
  isOpen: boolean;
  end(): void;
}

/** What graphql-sse is told of a request beside the request. */
interface Call { token: string; stream: Stream | null; operation: Operation | null; operationId: string }

const MAX_STREAMS = 100;
const MAX_OPERATIONS = 100;
const MAX_ID_LENGTH = 128;
/** How many events are made before the first of them is read. */
const ROOM = 16;
/** How long a reservation is kept for its connection. */
const RESERVED_MS = 30_000;

export function createEventStreams(door: GraphqlDoor): EventStreams {
  const streams = new Map<string, Stream>();
  const handle = createHandler<null, Call>({
    authenticate: ({ context }) => context.token,
    validate: () => [],
    onSubscribe: ({ context: { operation } }) => ({ ...operation?.args, rootValue: operation }) as ExecutionArgs & { contextValue: undefined },
    execute: (args) => (args.rootValue as Operation).run() as never,
    subscribe: (args) => (args.rootValue as Operation).run() as never,
    onNext: async (_ctx, { context: { stream } }) => { await stream?.room.take(); },
    onComplete: (_ctx, { context: { stream, operationId } }) => { stream?.operations.delete(operationId); },
  });
  const call = (method: string, accept: string, context: Call, url = '/', body: RequestParams | null = null) =>
    handle({ method, url, headers: { get: (name) => ({ accept, 'content-type': 'application/json' })[name] }, body: body as Record<string, unknown> | null, raw: null, context });

  const reserve = async ({ credential, actor }: NonNullable<Identity>, visitor: Visitor): Promise<Stream> => {
    const token = randomBytes(24).toString('base64url');
    const left = new AbortController();
    const held = door.actors.hold(credential, actor);
    const stream: Stream = { token, owner: payerOf(actor, visitor.address), actor, visitor, signal: AbortSignal.any([left.signal, held.signal, door.stopping]), room: createSlots(ROOM), operations: new Set(), isOpen: false, end: () => undefined };
    await call('PUT', '*/*', { token, stream, operation: null, operationId: '' });
    const timer = setTimeout(() => { if (!stream.isOpen) stream.end(); }, RESERVED_MS);
    stream.end = () => {
      if (!streams.delete(token)) return;
      clearTimeout(timer);
      left.abort();
      held.release();
      stream.room.end();
      // The library forgets a stream when its connection ends: one that nobody came for gets its end in this way.
      if (!stream.isOpen) void connect(stream).then((events) => events.return());
    };
    streams.set(token, stream);
    held.signal.addEventListener('abort', stream.end, { once: true });
    return stream;
  };
  const connect = async (stream: Stream): Promise<AsyncGenerator<string, void, void>> => {
    const [events] = await call('GET', 'text/event-stream', { token: stream.token, stream, operation: null, operationId: '' });
    return events as AsyncGenerator<string, void, void>;
  };
  const open = async (stream: Stream, response: ServerResponse): Promise<void> => {
    stream.isOpen = true;
    const events = await connect(stream);
    stream.signal.addEventListener('abort', () => { void events.return(); }, { once: true });
    response.once('close', () => { stream.end(); });
    await writeEvents(response, 200, events, (text) => { if (text.startsWith('event: next')) stream.room.give(); });
  };
  const operate = async (stream: Stream, request: IncomingMessage, response: ServerResponse): Promise<Refusal | number> => {
    const found = await operationIn(door, stream, request, response);
    if (!found || 'status' in found) return found ?? 0;
    const { operation, params, operationId } = found;
    try {
      const [, { status }] = await call('POST', '*/*', { token: stream.token, stream, operation, operationId }, '/', params);
      if (status !== 202) stream.operations.delete(operationId);
      return status;
    } catch (error) {
      stream.operations.delete(operationId);
      throw error;
    }
  };
  const cancel = async (stream: Stream, request: IncomingMessage): Promise<number> => {
    const [, { status }] = await call('DELETE', '*/*', { token: stream.token, stream, operation: null, operationId: '' }, request.url);
    return status;
  };

  return {
    close: () => { for (const stream of streams.values()) stream.end(); },
    serve: async (request, response) => {
      const token = tokenOf(request);
      if (token === null && request.method !== 'PUT' && acceptedTypes(request.headers.accept).events) {
        request.url = `/graphql${new URL(request.url ?? '/', 'http://gateway').search}`;
        return serveGraphql(door, request, response);
      }
      const visitor = visitorOf(door, request);
      const identity = await authenticate(door, request, visitor.address);
      const payer = payerOf(identity === 'wrong' ? null : identity?.actor ?? null, visitor.address);
      const refused = (refusal: Refusal): void => { refuse(door.purses, response, payer, refusal); };
      if (identity === 'wrong') return refused(wrongKey);
      const done = (status: number, body = ''): void => { response.writeHead(status, { ...costHeaders(door.purses, payer, 0), 'content-type': 'text/plain; charset=utf-8' }).end(body); };
      if (request.method === 'PUT') {
        if (!identity) return refused(noKey);
        const mine = [...streams.values()].filter(({ owner }) => owner === payer).length;
        if (mine >= MAX_STREAMS) return refused({ status: 429, errors: [limitExceeded('streams', MAX_STREAMS, mine + 1, `This key has ${mine} event streams; at most ${MAX_STREAMS} are allowed.`)] });
        return done(201, (await reserve(identity, visitor)).token);
      }
      const stream = token === null ? undefined : streams.get(token);
      if (!stream || (identity && payer !== stream.owner)) return refused({ status: 404, errors: [{ message: 'There is no such event stream: reserve one with PUT, and send its token as X-GraphQL-Event-Stream-Token.', extensions: { code: 'NOT_FOUND' } }] });
      if (request.method === 'GET') {
        if (stream.isOpen) return refused({ status: 409, errors: invalid('This event stream is connected already: reserve another.') });
        return open(stream, response);
      }
      // A token opens the stream it was made for, as a page's EventSource can send nothing else; to ask for something takes the key.
      if (!identity) return refused(noKey);
      if (request.method !== 'POST' && request.method !== 'DELETE') return refused({ status: 405, errors: invalid('PUT reserves an event stream, GET connects to it, POST starts an operation, DELETE stops one.'), headers: { allow: 'GET, POST, PUT, DELETE' } });
      const result = request.method === 'POST' ? await operate(stream, request, response) : await cancel(stream, request);
      if (typeof result !== 'number') refused(result); else if (result !== 0) done(result);
    },
  };
}

const noKey: Refusal = { status: 401, errors: [{ message: 'Send an API key: "Authorization: Bearer slip_…".', extensions: { code: 'UNAUTHENTICATED' } }], headers: { 'www-authenticate': 'Bearer' } };

function tokenOf(request: IncomingMessage): string | null {
  const header = request.headers['x-graphql-event-stream-token'];
  return (Array.isArray(header) ? header[0] : header) ?? URL.parse(request.url ?? '/', 'http://gateway')?.searchParams.get('token') ?? null;
}

interface StreamOperation { operation: Operation; params: RequestParams; operationId: string }

/** The operation that a body asks for, prepared; takes its id. Or why not; null: the sender has left. */
async function operationIn(door: GraphqlDoor, stream: Stream, request: IncomingMessage, response: ServerResponse): Promise<StreamOperation | Refusal | null> {
  const wrongBody = bodyProblem(request.headers);
  if (wrongBody !== null) return { status: 415, errors: invalid(wrongBody) };
  const body = await bodyOf(request, response);
  if (!body || 'status' in body) return body;
  try {
    const params = paramsOfBody(body.toString(), 0) as RequestParams;
    const operationId = params.extensions?.operationId;
    if (typeof operationId !== 'string' || operationId === '' || operationId.length > MAX_ID_LENGTH) return { status: 400, errors: invalid(`Name the operation: "extensions": { "operationId": "…" }, of at most ${MAX_ID_LENGTH} characters.`) };
    if (stream.operations.has(operationId)) return { status: 409, errors: invalid(`This event stream has an operation ${JSON.stringify(operationId)} already.`) };
    if (stream.operations.size >= MAX_OPERATIONS) return { status: 429, errors: [limitExceeded('operations', MAX_OPERATIONS, stream.operations.size + 1, `This event stream has ${stream.operations.size} operations open; at most ${MAX_OPERATIONS} are allowed.`)] };
    stream.operations.add(operationId);
    const query = door.documents.textOf(params);
    const operation = await prepareOperation(door, stream, { ...params, query }, () => query);
    if (!('errors' in operation)) return { operation, params: { ...params, query }, operationId };
    stream.operations.delete(operationId);
    return { status: 400, errors: operation.errors };
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    return { status: (error.extensions.http as { status?: number } | undefined)?.status ?? 400, errors: [error] };
  }
}
