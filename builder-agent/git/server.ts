import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { ask, BusError } from '../../bus/ask.ts';
import type { Bus } from '../../bus/connect.ts';
import { pushAuthorize } from '../../bus/push.ts';
import type { Logger } from '../../service/log.ts';
import { gitEnv } from './git.ts';
import type { Push, Pushes } from './pushes.ts';
import { pushConfig } from './repository.ts';
import type { Repositories } from './repository.ts';

export interface GitServerOptions { bus: Bus; log: Logger; root: string; repositories: Repositories; pushes: Pushes; hookSocket: string; maxPushBytes: number }

const PATH = /^(?:\/git)?\/([a-z0-9-]{1,60})\.git(\/info\/refs|\/git-upload-pack|\/git-receive-pack)$/;
/** A push is told soon that it must be tried again. */
const AUTHORIZE_MS = 5_000;

/** Git over HTTP: who may, goes on to `git http-backend`. */
export function createGitServer(options: GitServerOptions): Server {
  const server = createServer((request, response) => {
    serve(options, request, response).catch((error: unknown) => {
      options.log.error({ error }, 'a git request failed');
      refuse(request, response, 500, 'The git server failed; see its log.');
    });
  });
  // A push takes as long as it takes; the router sees to those who say nothing at all.
  server.requestTimeout = 0;
  server.headersTimeout = 60_000;
  server.keepAliveTimeout = 65_000;
  server.timeout = 0;
  return server;
}

async function serve(options: GitServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://git');
  const match = PATH.exec(url.pathname);
  const service = match?.[2] === '/info/refs' ? url.searchParams.get('service') : match?.[2]?.slice(1);
  if (!match?.[1] || (service !== 'git-upload-pack' && service !== 'git-receive-pack')) { refuse(request, response, 404, 'There is no such repository. Its URL ends in /git/<app>.git.'); return; }
  const push = await authorize(options, request, response, match[1], service);
  if (!push) return;
  const dir = await options.repositories.open(push.appId);
  runBackend(options, request, response, { push, dir, path: `/${push.appId}.git${match[2] ?? ''}`, query: url.search.slice(1), service });
}

/** Who pushes; null: refused and answered. */
async function authorize({ bus }: GitServerOptions, request: IncomingMessage, response: ServerResponse, app: string, service: string): Promise<Omit<Push, 'id'> | null> {
  const key = apiKeyOf(request);
  if (key === null) { challenge(request, response, 'An API key is needed: any user name, and the key as password.'); return null; }
  try {
    const keyHash = createHash('sha256').update(key).digest('hex');
    return await ask(bus, pushAuthorize, { keyHash, app, action: service === 'git-receive-pack' ? 'push' : 'fetch' }, AUTHORIZE_MS);
  } catch (error) {
    if (!(error instanceof BusError)) throw error;
    if (error.code === 'UNAUTHENTICATED') challenge(request, response, error.message);
    else if (error.code === 'NOT_FOUND') refuse(request, response, 404, error.message);
    else if (error.code === 'FORBIDDEN') refuse(request, response, 403, error.message);
    else if (error.code === 'UNAVAILABLE') refuse(request, response, 503, 'The platform is not ready (its database or its message server is away). Nothing was changed; try again in a moment.');
    else throw error;
    return null;
  }
}

/** The password, or the user name where a client gives the key there. */
function apiKeyOf(request: IncomingMessage): string | null {
  const [, encoded] = /^Basic (.+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (encoded === undefined) return null;
  const [user, password] = Buffer.from(encoded, 'base64').toString().split(/:(.*)/s);
  return password || user || null;
}

function challenge(request: IncomingMessage, response: ServerResponse, message: string): void {
  response.setHeader('www-authenticate', 'Basic realm="Slipway", charset="UTF-8"');
  refuse(request, response, 401, message);
}

/** git shows a plain text to the person who pushes. */
function refuse(request: IncomingMessage, response: ServerResponse, status: number, message: string): void {
  request.resume();
  if (response.headersSent) { response.destroy(); return; }
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${message}\n`);
}

interface Backend { push: Omit<Push, 'id'>; dir: string; path: string; query: string; service: string }

function runBackend(options: GitServerOptions, request: IncomingMessage, response: ServerResponse, { push, path, query, service }: Backend): void {
  const id = service === 'git-receive-pack' && request.method === 'POST' ? options.pushes.begin(push) : '';
  const { headers } = request;
  const backend = spawn('git', ['http-backend'], {
    detached: true, stdio: ['pipe', 'pipe', 'pipe'],
    env: gitEnv(options.root, {
      ...pushConfig(options.maxPushBytes), GIT_PROJECT_ROOT: options.root, GIT_HTTP_EXPORT_ALL: '1', PATH_INFO: path, QUERY_STRING: query, REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: headers['content-type'] ?? '', REMOTE_USER: push.email, REMOTE_ADDR: '127.0.0.1', SLIPWAY_PUSH: id, SLIPWAY_HOOK_SOCKET: options.hookSocket,
      // Absent when chunked: git then reads to the end. A body in gzip is git's to unpack.
      ...(headers['content-length'] ? { CONTENT_LENGTH: headers['content-length'] } : {}),
      ...(headers['content-encoding'] === 'gzip' ? { HTTP_CONTENT_ENCODING: 'gzip' } : {}),
      ...(typeof headers['git-protocol'] === 'string' && /^version=\d(:[\w=]*)*$/.test(headers['git-protocol']) ? { GIT_PROTOCOL: headers['git-protocol'] } : {}),
    }),
  });
  backend.once('error', (error) => { options.log.error({ error }, 'git could not be started'); refuse(request, response, 500, 'git could not be started on the server.'); });
  backend.stderr.on('data', (chunk: Buffer) => { options.log.debug({ git: chunk.toString().trim() }, 'git says'); });
  backend.stdin.on('error', () => { /* it ended before it had read all: its answer says why */ });
  request.pipe(backend.stdin);
  // Whoever breaks off in the middle of sending ends the push: there is no whole pack to go on with.
  request.once('close', () => { if (!request.complete) backend.stdin.destroy(); });
  relay(backend.stdout, response);
  backend.once('close', () => { if (id) options.pushes.end(id); });
}

/** CGI's answer to HTTP's. A client that has gone changes nothing: git goes on, and what it says is read and dropped. */
function relay(stdout: NodeJS.ReadableStream, response: ServerResponse): void {
  let head = Buffer.alloc(0);
  let begun = false;
  stdout.on('data', (chunk: Buffer) => {
    if (begun) {
      if (!response.destroyed && !response.write(chunk)) {
        stdout.pause();
        const go = (): void => { response.off('drain', go); response.off('close', go); stdout.resume(); };
        response.on('drain', go);
        response.on('close', go);
      }
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    begun = true;
    if (response.headersSent || response.destroyed) return;
    const { status, headers } = parseHead(head.subarray(0, end).toString('latin1'));
    response.writeHead(status, { ...headers, 'x-accel-buffering': 'no' });
    response.flushHeaders();
    response.write(head.subarray(end + 4));
  });
  stdout.on('end', () => {
    if (!begun && !response.headersSent) response.writeHead(500);
    response.end();
  });
}

function parseHead(text: string): { status: number; headers: Record<string, string> } {
  const headers: Record<string, string> = {};
  let status = 200;
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    const [name, value] = [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    if (name === 'status') status = Number.parseInt(value, 10); else headers[name] = value;
  }
  return { status, headers };
}
