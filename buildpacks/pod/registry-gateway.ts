import { request as requestHttp } from 'node:http';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { request as requestHttps } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { explainAnswer, registryProblem } from './registry-problem.ts';
import type { RegistryReason } from './registry-problem.ts';
import { basic, fetchToken, readChallenge, TokenRefused } from '../../registry/login.ts';
import type { RegistryLogin } from '../../registry/login.ts';
import { readRegistryPath } from './registry-path.ts';
import type { RegistryPath } from './registry-path.ts';

export interface RegistryGatewayOptions {
  upstream: URL;
  login: RegistryLogin | null;
  /** The one repository that may be written, and `cache` below it, its layer cache. */
  own: string;
  /** The one tag of a build that may be written there: those of earlier builds keep what a rollback needs. */
  tag: string;
  readable: string[];
  /** Finds no cached layer: those of this build take the places of the old ones. */
  forgetful: boolean;
  onProblem(reason: RegistryReason, message: string): void;
  /** How long a registry that is away is waited for. */
  patienceMs?: number;
}

/** A restart of the registry is over by then. */
const PATIENCE_MS = 60_000;
const MAX_ERROR_BYTES = 64 * 1024;

/** A registry on loopback that passes on to the real one what a build may do, with the password that the build never sees. Never rejects. */
export function createRegistryGateway(options: RegistryGatewayOptions): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const authorize = createAuthorizer(options);
  return async (request, response) => {
    const path = withoutForeignMount(options, readRegistryPath(request.url ?? '/'));
    const refused = path === null ? 404 : refusal(options, path, request.method ?? 'GET');
    if (path === null || refused !== null) return refuse(response, refused ?? 404, 'DENIED', 'This build may not do that.');
    if (path.kind === 'ping') { response.writeHead(200, { 'content-type': 'application/json' }).end('{}'); return undefined; }
    try {
      const authorization = await withPatience(options, () => authorize(path));
      await forward(options, path, authorization, request, response);
    } catch (error) {
      const problem = registryProblem(error, options.upstream.host);
      options.onProblem(problem.reason, problem.message);
      refuse(response, error instanceof TokenRefused ? error.status : 503, 'UNAVAILABLE', problem.message);
    }
    return undefined;
  };
}

/** A layer of a repository that this build may not read is uploaded instead. */
function withoutForeignMount({ own, readable }: RegistryGatewayOptions, path: RegistryPath | null): RegistryPath | null {
  if (path === null || path.kind === 'ping' || path.from === null || path.from === own || readable.includes(path.from)) return path;
  return { ...path, from: null, url: path.url.split('?')[0] ?? '' };
}

/** The layer cache lies below; there is nothing else to write to, nor anybody who would delete it. */
const isOwn = (own: string, repository: string): boolean => repository === own || repository === `${own}/cache`;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

function refusal({ own, tag, readable, forgetful }: RegistryGatewayOptions, path: RegistryPath, method: string): number | null {
  if (path.kind === 'ping') return null;
  const isRead = method === 'GET' || method === 'HEAD';
  // What earlier releases run is in the same repository, and a rollback needs it.
  if (!isRead && (path.kind === 'tags' || !['POST', 'PUT', 'PATCH'].includes(method))) return 403;
  if (!isOwn(own, path.repository) && !(isRead && readable.includes(path.repository))) return 403;
  if (!isRead && path.kind === 'manifests' && path.repository === own && path.reference !== tag && !DIGEST.test(path.reference)) return 403;
  return forgetful && isRead && path.kind === 'manifests' && path.repository === `${own}/cache` ? 404 : null;
}

/** Answers the header by which the registry knows us; asks the registry how it wants it, once. */
function createAuthorizer({ upstream, login, own }: RegistryGatewayOptions): (path: RegistryPath) => Promise<string | null> {
  let challenge: ReturnType<typeof readChallenge> | null = null;
  const tokens = new Map<string, { token: string; until: number }>();
  return async (path) => {
    if (challenge === null) {
      const answer = await fetch(new URL('/v2/', upstream), { signal: AbortSignal.timeout(10_000) });
      if (answer.status >= 500) throw new Error(`HTTP ${answer.status}`);
      challenge = readChallenge(answer.status, answer.headers.get('www-authenticate'));
      await answer.body?.cancel();
    }
    if (challenge.scheme === 'none') return null;
    if (challenge.scheme === 'basic') return login && basic(login);
    const repository = path.kind === 'ping' ? own : path.repository;
    const scopes = [`repository:${repository}:${isOwn(own, repository) ? 'pull,push' : 'pull'}`, ...(path.kind !== 'ping' && path.from !== null ? [`repository:${path.from}:pull`] : [])];
    const key = scopes.join(' ');
    const known = tokens.get(key);
    if (known && known.until > Date.now()) return `Bearer ${known.token}`;
    const fresh = await fetchToken(challenge, login, scopes);
    tokens.set(key, fresh);
    return `Bearer ${fresh.token}`;
  };
}

async function withPatience<T>({ patienceMs = PATIENCE_MS }: RegistryGatewayOptions, attempt: () => Promise<T>): Promise<T> {
  const until = Date.now() + patienceMs;
  for (let ms = 100; ; ms = Math.min(ms * 2, 5_000)) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof TokenRefused && error.status < 500) throw error;
      if (Date.now() + ms > until) throw error;
    }
    await pause(ms);
  }
}

/** Of a request's headers; those of its body only where it has one: without it they would announce what the next request on the connection then is. */
const forwarded = ['accept', 'range', 'user-agent'];
const forwardedOfBody = ['content-type', 'content-length', 'content-range'];

function send(upstream: URL, path: string, request: IncomingMessage, authorization: string | null): { answer: Promise<IncomingMessage>; body: ReturnType<typeof requestHttp> } {
  const names = hasBody(request) ? [...forwarded, ...forwardedOfBody] : forwarded;
  const headers: OutgoingHttpHeaders = Object.fromEntries(names.flatMap((name) => { const value = request.headers[name]; return value === undefined ? [] : [[name, value]]; }));
  if (authorization !== null) headers.authorization = authorization;
  // A registry may read parameters from a form too, and those of the URL alone are looked at here.
  if (request.method === 'POST') headers['content-type'] = 'application/octet-stream';
  const target = new URL(path, upstream);
  const body = (target.protocol === 'https:' ? requestHttps : requestHttp)(target, { method: request.method, headers });
  const answer = new Promise<IncomingMessage>((resolve, reject) => { body.once('response', resolve).once('error', reject); });
  answer.catch(() => undefined);
  return { answer, body };
}

const hasBody = ({ method }: IncomingMessage): boolean => method !== 'GET' && method !== 'HEAD';

async function forward(options: RegistryGatewayOptions, path: RegistryPath, authorization: string | null, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const sends = hasBody(request);
  const once = async (): Promise<IncomingMessage> => {
    const { answer, body } = send(options.upstream, path.url, request, authorization);
    // A registry that answers before it has read all is listened to.
    if (sends) pipeline(request, body).catch(() => undefined); else body.end();
    const got = await answer;
    if (!sends && [502, 503, 504].includes(got.statusCode ?? 0)) { got.resume(); throw new Error(`HTTP ${got.statusCode}`); }
    return got;
  };
  // What has a body cannot be sent twice: whether the registry is there was asked just before.
  if (sends) await withPatience(options, () => isThere(options.upstream));
  const answer = sends ? await once() : await withPatience(options, once);
  const status = answer.statusCode ?? 502;
  const headers = { ...answer.headers };
  delete headers.connection;
  delete headers['www-authenticate'];
  if (headers.location !== undefined) headers.location = localLocation(headers.location, options.upstream);
  if (status < 400) {
    response.writeHead(status, headers);
    return pipeline(answer, response);
  }
  const text = await readSome(answer);
  const problem = explainAnswer(status, text.toString(), options.upstream.host);
  if (problem) options.onProblem(problem.reason, problem.message);
  delete headers['transfer-encoding'];
  response.writeHead(status, { ...headers, 'content-length': text.length }).end(text);
  return undefined;
}

async function isThere(upstream: URL): Promise<void> {
  const answer = await fetch(new URL('/v2/', upstream), { signal: AbortSignal.timeout(10_000) });
  await answer.body?.cancel();
  if (answer.status >= 500) throw new Error(`HTTP ${answer.status}`);
}

/** The registry's own addresses become ours; those of other hosts (a storage behind it) stay. */
function localLocation(location: string, upstream: URL): string {
  const url = new URL(location, upstream);
  return url.host === upstream.host ? url.pathname + url.search : location;
}

async function readSome(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_ERROR_BYTES) break;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  if (response.headersSent) { response.destroy(); return; }
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ errors: [{ code, message }] }));
}
