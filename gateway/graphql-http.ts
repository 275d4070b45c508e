import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphQLError } from 'graphql';
import { lingerAfterAnswer } from '../http/linger.ts';
import type { Actor } from '../platform/access.ts';
import type { Visitor } from '../platform/account/session.ts';
import type { Platform } from '../platform/platform.ts';
import type { WakeUps } from '../schema/wake-ups.ts';
import type { Actors } from './actors.ts';
import { authenticate } from './authenticate.ts';
import type { Identity } from './authenticate.ts';
import type { Purses } from './budget.ts';
import { compress, encodingFor } from './compress.ts';
import { acceptedTypes, bodyProblem, EVENTS_TYPE, JSON_TYPE, RESPONSE_TYPE } from './content.ts';
import type { Accepted } from './content.ts';
import { costHeaders, newReceipt, payerOf } from './cost.ts';
import type { GraphiqlPage } from './graphiql.ts';
import type { Api } from './graphql.ts';
import type { DocumentSource } from './persisted-documents.ts';
import { BodyRefused, readBody } from './read-body.ts';
import { invalid, refuse, wrongKey } from './refuse.ts';
import type { Refusal } from './refuse.ts';
import type { SessionCookie } from './session-cookie.ts';
import { visitorOf } from './visitor.ts';
import { writeEvents } from './write-events.ts';

export interface GraphqlDoor {
  platform: Platform; api: Api; actors: Actors; wakeUps: WakeUps; sessionCookie: SessionCookie; purses: Purses; documents: DocumentSource;
  maskError: (error: unknown) => GraphQLError;
  /** The page for browsers; null: there is none. */
  graphiql: GraphiqlPage | null;
  /** How many proxies stand before the server: by them it knows where a request comes from. */
  proxies: number;
  /** Other origins whose pages may use the API, with a key. */
  corsOrigins: readonly string[];
  /** Aborts when the server stops: live answers end. */
  stopping: AbortSignal;
}

const MAX_BODY_BYTES = 1024 * 1024;

/** Answers `/graphql` over HTTP: POST, GET, GraphiQL, and SSE, which lives until its client leaves, its key ends or the server stops. */
export async function serveGraphql(door: GraphqlDoor, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const accepted = acceptedTypes(request.headers.accept);
  if (request.method === 'GET' && accepted.html && door.graphiql) return door.graphiql.serve(request, response);
  const visitor = visitorOf(door, request);
  let actor: Actor | null = null;
  const refused = (refusal: Refusal): void => { refuse(door.purses, response, payerOf(actor, visitor.address), { ...(accepted.json ? { type: accepted.json } : {}), ...refusal }); };
  const problem = requestProblem(request, accepted);
  if (problem) return refused(problem);
  const identity = await authenticate(door, request, visitor.address);
  if (identity === 'wrong') return refused(wrongKey);
  actor = identity?.actor ?? null;
  const body = request.method === 'POST' ? await bodyOf(request, response) : undefined;
  if (body === null) return;
  if (body && 'status' in body) return refused(body);
  await answer(door, { request, response, accepted, visitor, identity, body });
}

interface Asked { request: IncomingMessage; response: ServerResponse; accepted: Accepted; visitor: Visitor; identity: Identity; body: Buffer<ArrayBuffer> | undefined }

async function answer(door: GraphqlDoor, { request, response, accepted, visitor, identity, body }: Asked): Promise<void> {
  const gone = new AbortController();
  const held = identity && accepted.events ? door.actors.hold(identity.credential, identity.actor) : null;
  // Only of those who left early: an abort makes an exception with its stack, which costs as much as a small query.
  response.once('close', () => { if (!response.writableFinished) gone.abort(); held?.release(); });
  const signal = AbortSignal.any([gone.signal, ...(held ? [held.signal] : []), ...(accepted.events ? [door.stopping] : [])]);
  const actor = identity?.actor ?? null;
  const receipt = newReceipt(payerOf(actor, visitor.address), accepted.events);
  const headers = { 'content-type': JSON_TYPE, accept: [...(accepted.events ? [EVENTS_TYPE] : []), ...(accepted.json ? [accepted.json] : [])].join(', ') };
  const context = { platform: door.platform, actor, visitor, cookies: door.sessionCookie.writerFor(request, response), wakeUps: door.wakeUps, signal, receipt };
  const found = await door.api.fetch(`http://gateway${request.url ?? '/'}`, { method: request.method ?? 'GET', headers, ...(body ? { body } : {}), signal: gone.signal }, context);
  for (const [name, value] of Object.entries(costHeaders(door.purses, receipt.payer, receipt.charged))) response.setHeader(name, value);
  await send(found, request, response);
}

/** What is wrong with a request before its body is looked at. */
function requestProblem(request: IncomingMessage, { json, events }: Accepted): Refusal | null {
  if (request.method !== 'GET' && request.method !== 'POST') return { status: 405, errors: invalid('Send GraphQL by POST, or queries by GET.'), headers: { allow: 'GET, POST' } };
  if (!json && !events) return { status: 406, errors: invalid(`Answers are ${RESPONSE_TYPE}, ${JSON_TYPE} or ${EVENTS_TYPE}: accept one of these.`) };
  const wrongBody = request.method === 'POST' ? bodyProblem(request.headers) : null;
  return wrongBody === null ? null : { status: 415, errors: invalid(wrongBody), headers: { accept: JSON_TYPE, 'accept-encoding': 'identity' } };
}

/** The body, or why there is none; null: the sender has left. */
export async function bodyOf(request: IncomingMessage, response: ServerResponse): Promise<Buffer<ArrayBuffer> | Refusal | null> {
  try {
    return await readBody(request, MAX_BODY_BYTES);
  } catch (error) {
    if (!(error instanceof BodyRefused)) { response.destroy(); return null; }
    const { status, message, maximum, actual } = error;
    // The connection ends, but not before its sender, who is still sending, can have read why.
    response.shouldKeepAlive = false;
    lingerAfterAnswer(request, response);
    return { status, errors: [{ message, extensions: { code: 'LIMIT_EXCEEDED', limit: 'body', maximum, actual } }], headers: { connection: 'close' } };
  }
}

async function send(found: Response, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (response.destroyed) { await found.body?.cancel(); return; }
  if (found.body && found.headers.get('content-type')?.startsWith(EVENTS_TYPE)) {
    const decoder = new TextDecoder();
    return writeEvents(response, found.status, (async function* texts() { for await (const chunk of found.body ?? []) yield decoder.decode(chunk as Uint8Array, { stream: true }); })());
  }
  let body: Buffer = Buffer.from(await found.arrayBuffer());
  const encoding = encodingFor(request.headers, body.length);
  if (encoding) body = await compress(body, encoding);
  response.appendHeader('vary', 'accept, accept-encoding');
  response.writeHead(found.status, { ...Object.fromEntries(found.headers), 'content-length': body.length, ...(encoding ? { 'content-encoding': encoding } : {}) }).end(body);
}
