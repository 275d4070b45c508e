import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Platform } from '../platform/platform.ts';
import type { WakeUps } from '../schema/wake-ups.ts';
import { clientAddress } from '../service/client-address.ts';
import type { Actors } from './actors.ts';
import { authenticate } from './authenticate.ts';
import { WRONG_KEY } from './credentials.ts';
import type { Api } from './graphql.ts';
import { BodyRefused, readBody } from './read-body.ts';
import type { SessionCookie } from './session-cookie.ts';

export interface GraphqlDoor {
  platform: Platform; api: Api; actors: Actors; wakeUps: WakeUps;
  sessionCookie: SessionCookie;
  /** How many proxies stand before the server: by them it knows where a request comes from. */
  proxies: number;
  /** Aborts when the server stops: live answers end. */
  stopping: AbortSignal;
}

const MAX_BODY_BYTES = 1024 * 1024;

/** Answers `/graphql` over HTTP: POST, GET, GraphiQL, and SSE, which lives until its client leaves, its key ends or the server stops. */
export async function serveGraphql(door: GraphqlDoor, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const headers = plainHeaders(request);
  // A form of another site can send any body but JSON without asking first.
  if (request.method === 'POST' && !/^application\/(json|graphql\+json)\b/i.test(headers['content-type'] ?? '')) return refuse(response, 415, 'INVALID_INPUT', 'Send JSON: "content-type: application/json".');
  const visitor = { address: clientAddress(request, door.proxies), userAgent: headers['user-agent'] ?? '' };
  const identity = await authenticate(door.actors, door.sessionCookie, request, visitor.address);
  if (identity === 'wrong') return refuse(response, 401, 'UNAUTHENTICATED', WRONG_KEY, { 'www-authenticate': 'Bearer' });
  let body: Buffer<ArrayBuffer> | undefined;
  try {
    if (request.method === 'POST') body = await readBody(request, MAX_BODY_BYTES);
  } catch (error) {
    if (!(error instanceof BodyRefused)) { response.destroy(); return; }
    return refuse(response, error.status, 'LIMIT_EXCEEDED', error.message, { connection: 'close' });
  }
  const gone = new AbortController();
  const held = identity && headers.accept?.includes('text/event-stream') ? door.actors.hold(identity.credential, identity.actor) : null;
  // Only of those who left early: an abort makes an exception with its stack, which costs as much as a small query.
  response.once('close', () => { if (!response.writableFinished) gone.abort(); held?.release(); });
  const signal = AbortSignal.any([gone.signal, ...(held ? [held.signal, door.stopping] : [])]);
  const context = { platform: door.platform, actor: identity?.actor ?? null, visitor, cookies: door.sessionCookie.writerFor(request, response), wakeUps: door.wakeUps, signal };
  const answer = await door.api.fetch(`http://gateway${request.url ?? '/'}`, { method: request.method ?? 'GET', headers, ...(body ? { body } : {}), signal: gone.signal }, context);
  await send(answer, response);
}

function plainHeaders(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value ?? '']));
}

/** Writes a fetch answer out at the reader's pace. */
async function send(answer: Response, response: ServerResponse): Promise<void> {
  if (response.destroyed) return;
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  if (!answer.body) { response.end(); return; }
  if (!answer.headers.get('content-type')?.startsWith('text/event-stream')) { response.end(Buffer.from(await answer.arrayBuffer())); return; }
  for await (const chunk of answer.body) {
    if (response.destroyed) break;
    if (!response.write(chunk)) await new Promise<void>((resolve) => { response.once('drain', resolve).once('close', resolve); });
  }
  response.end();
}

function refuse(response: ServerResponse, status: number, code: string, message: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers }).end(JSON.stringify({ errors: [{ message, extensions: { code } }] }));
}
