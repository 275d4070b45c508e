import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { ask, BusError } from '../../bus/ask.ts';
import type { Bus } from '../../bus/connect.ts';
import { pushAuthorize } from '../../bus/push.ts';
import { clientAddress } from '../../service/client-address.ts';
import { inServerSpan } from '../../service/http-trace.ts';
import type { Logger } from '../../service/log.ts';
import { activeTrace } from '../../service/trace-context.ts';
import { withoutQuery } from '../../service/without-query.ts';
import { runBackend } from './backend.ts';
import type { Holds } from './holds.ts';
import type { Push, Pushes } from './pushes.ts';
import { NOT_READY } from './refused.ts';
import { serverSettings } from './repository.ts';
import type { Repositories } from './repository.ts';

export interface GitServerOptions {
  bus: Bus; log: Logger; root: string; repositories: Repositories; pushes: Pushes; hookSocket: string; maxPushBytes: number; holds: Holds;
  /** How many proxies stand before this server. */
  proxies: number;
}

const PATH = /^(?:\/git)?\/([a-z0-9-]{1,60})\.git(\/info\/refs|\/git-upload-pack|\/git-receive-pack)$/;
/** A push is told soon that it must be tried again. */
const AUTHORIZE_MS = 5_000;

/** Git over HTTP: who may, goes on to `git http-backend`. */
export function createGitServer(options: GitServerOptions): Server {
  const server = createServer((request, response) => {
    const path = withoutQuery(request.url);
    inServerSpan(request, response, { route: `/git/{app}.git${PATH.exec(path)?.[2] ?? ''}`, path }, () => serve(options, request, response).catch((error: unknown) => {
      options.log.error({ error }, 'a git request failed');
      refuse(request, response, 500, `The git server failed; its log tells more under ${activeTrace()?.traceId}.`);
    })).catch((error: unknown) => { options.log.error({ error }, 'a git request could not be refused'); });
  });
  // A push takes as long as it takes; the router sees to those who say nothing at all.
  server.requestTimeout = 0;
  server.headersTimeout = 60_000;
  server.keepAliveTimeout = 65_000;
  server.timeout = 0;
  return server;
}

async function serve(options: GitServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { root, log, pushes, hookSocket, maxPushBytes } = options;
  const url = new URL(request.url ?? '/', 'http://git');
  const [, app = '', path = ''] = PATH.exec(url.pathname) ?? [];
  const service = path === '/info/refs' ? url.searchParams.get('service') : path.slice(1);
  if (service !== 'git-upload-pack' && service !== 'git-receive-pack') { refuse(request, response, 404, 'There is no such repository. Its URL ends in /git/<app>.git.'); return; }
  // git sends a push as it is; commands in gzip would be unpacked by the thousandfold before anybody counts them.
  if (service === 'git-receive-pack' && request.headers['content-encoding'] !== undefined) { refuse(request, response, 415, 'A push is sent as it is, without a Content-Encoding.'); return; }
  const push = await authorize(options, request, response, app, service);
  if (!push) return;
  await options.repositories.open(push.appId);
  if (response.destroyed) return;
  const isPush = service === 'git-receive-pack' && request.method === 'POST';
  const held = options.holds.hold({ ...push, action: actionOf(service) });
  const id = isPush ? pushes.begin({ ...push, ended: held.signal, trace: activeTrace() }) : '';
  runBackend(request, response, {
    root, log, settings: serverSettings(maxPushBytes), path: `/${push.appId}.git${path}`, query: url.search.slice(1), push: isPush ? { maxBytes: maxPushBytes } : null,
    env: { REMOTE_USER: push.email, SLIPWAY_PUSH: id, SLIPWAY_HOOK_SOCKET: hookSocket }, ended: held.signal,
    onEnd: () => { pushes.end(id); held.release(); },
  });
}

const actionOf = (service: string): 'push' | 'fetch' => (service === 'git-receive-pack' ? 'push' : 'fetch');

/** Who pushes; null: refused and answered. */
async function authorize({ bus, proxies }: GitServerOptions, request: IncomingMessage, response: ServerResponse, app: string, service: string): Promise<Omit<Push, 'id' | 'ended' | 'trace'> | null> {
  const keys = apiKeysOf(request);
  try {
    for (const key of keys) {
      const keyHash = createHash('sha256').update(key).digest('hex');
      const push = await ask(bus, pushAuthorize, { keyHash, app, action: actionOf(service), address: clientAddress(request, proxies) }, AUTHORIZE_MS).catch((error: unknown) => {
        // The key may be where others have the user's name.
        if (error instanceof BusError && error.code === 'UNAUTHENTICATED' && key !== keys.at(-1)) return null;
        throw error;
      });
      if (push) return push;
    }
    challenge(request, response, 'An API key is needed: any user name, and the key as password.');
  } catch (error) {
    if (!(error instanceof BusError)) throw error;
    if (error.code === 'UNAUTHENTICATED') challenge(request, response, `${error.message} Give a valid one as the password; any user name will do.`);
    else if (error.code === 'NOT_FOUND') refuse(request, response, 404, error.message);
    else if (error.code === 'FORBIDDEN') refuse(request, response, 403, error.message);
    else if (error.code === 'UNAVAILABLE') refuse(request, response, 503, NOT_READY);
    else throw error;
  }
  return null;
}

/** The password, then the user name: a client may give the key as either. */
function apiKeysOf(request: IncomingMessage): string[] {
  const [, encoded] = /^Basic (.+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (encoded === undefined) return [];
  const [user = '', password = ''] = Buffer.from(encoded, 'base64').toString().split(/:(.*)/s);
  return [...new Set([password, user])].filter((key) => key !== '');
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
