import { Agent } from 'node:http';
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createProxyServer } from 'httpxy';
import type { Route } from '../bus/route.ts';
import type { Reason } from './page.ts';
import type { Routes } from './routes.ts';

export type Target = Route['replicas'][number];

/** What became of a request: the replica that had it, or why none did. */
export interface Outcome { replica: Target | null; connectMs: number; reason: Reason | null }

export interface ToApp {
  web(route: Route, request: IncomingMessage, response: ServerResponse): Promise<Outcome>;
  upgrade(route: Route, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<Outcome>;
  close(): void;
}

const CONNECT_MS = 3_000;
/** When no replica takes the connection, the app may just be changing: this long a new route is waited for. */
const ROUTE_MS = 2_000;

/** Carries one connected socket into a request. */
class Connected extends Agent {
  private readonly socket: Socket;
  constructor(socket: Socket) { super({ keepAlive: false }); this.socket = socket; }
  override createConnection(): Socket { return this.socket; }
}

/**
 * Passes requests on to replicas, to the one with the fewest at the moment. Only what never reached a replica is tried on another:
 * a connection that was not taken, or, for a request without a body that changes nothing, a kept connection that turned out closed.
 */
export function createToApp(routes: Routes, onError: (error: unknown) => void): ToApp {
  const proxy = createProxyServer({ xfwd: false });
  const kept = new Agent({ keepAlive: true, maxFreeSockets: 32, timeout: 0, keepAliveMsecs: 1_000 });
  const busy = new Map<string, number>();
  const sent = new WeakMap<IncomingMessage, ClientRequest>();
  proxy.on('proxyReq', (outgoing, request) => { sent.set(request, outgoing); });
  // The client went away in the middle: nobody is left to tell.
  proxy.on('econnreset', () => undefined);

  const count = (id: string, by: number): void => {
    const now = (busy.get(id) ?? 0) + by;
    if (now === 0) busy.delete(id); else busy.set(id, now);
  };
  const candidates = (route: Route, tried: Set<string>): Target[] => route.replicas.filter(({ id }) => !tried.has(id)).sort((a, b) => (busy.get(a.id) ?? 0) - (busy.get(b.id) ?? 0) || Math.random() - 0.5);

  /** Tries replica after replica, then waits once for a new route; `attempt` answers false where nothing of the request was sent. */
  const serve = async (first: Route, attempt: (target: Target, isLast: boolean) => Promise<boolean>): Promise<Target | Reason> => {
    let route = first;
    const tried = new Set<string>();
    for (let round = 0; round < 2; round++) {
      for (let [target] = candidates(route, tried); target; [target] = candidates(route, tried)) {
        tried.add(target.id);
        count(target.id, 1);
        try {
          if (await attempt(target, false)) return target;
        } finally { count(target.id, -1); }
      }
      await routes.changed(route.appId, AbortSignal.timeout(route.state === 'up' ? ROUTE_MS : 0));
      const now = routes.byName(route.appName);
      if (!now || now.state !== 'up') return now?.state === undefined || now.state === 'up' ? 'unknown-app' : now.state;
      route = now;
    }
    return 'crashed';
  };

  const webOnce = async (target: Target, request: IncomingMessage, response: ServerResponse, timing: { connectMs: number }): Promise<boolean> => {
    const harmless = ['GET', 'HEAD', 'OPTIONS'].includes(request.method ?? '') && request.headers['content-length'] === undefined && request.headers['transfer-encoding'] === undefined;
    let agent: Agent = kept;
    if (!harmless) {
      const begun = performance.now();
      const socket = await tryConnect(target);
      if (!socket) return false;
      timing.connectMs = performance.now() - begun;
      agent = new Connected(socket);
    }
    try {
      await proxy.web(request, response, { target: { host: target.host, port: target.port, protocol: 'http:' }, agent });
      return true;
    } catch (error) {
      const outgoing = sent.get(request);
      const code = error instanceof Error && 'code' in error ? error.code : '';
      if (harmless && !response.headersSent && (code === 'ECONNREFUSED' || code === 'ETIMEDOUT' || (outgoing?.reusedSocket === true && (code === 'ECONNRESET' || code === 'EPIPE')))) return false;
      throw error;
    }
  };
  return {
    web: async (route, request, response) => {
      const timing = { connectMs: 0 };
      let last: Target | null = null;
      try {
        const served = await serve(route, (target) => { last = target; return webOnce(target, request, response, timing); });
        return typeof served === 'string' ? { replica: null, connectMs: 0, reason: served } : { replica: served, connectMs: timing.connectMs, reason: null };
      } catch (error) {
        if (!response.destroyed && !request.destroyed) onError(error);
        return { replica: last, connectMs: timing.connectMs, reason: 'replica-closed' };
      }
    },
    upgrade: async (route, request, socket, head) => {
      const served = await serve(route, async (target) => {
        const upstream = await tryConnect(target);
        if (!upstream) return false;
        const ended = new Promise((resolve) => { socket.once('close', resolve); });
        await proxy.ws(request, socket as Socket, { target: { host: target.host, port: target.port, protocol: 'http:' }, agent: new Connected(upstream) }, head).catch(() => { socket.destroy(); });
        await ended;
        return true;
      });
      return typeof served === 'string' ? { replica: null, connectMs: 0, reason: served } : { replica: served, connectMs: 0, reason: null };
    },
    close: () => { kept.destroy(); },
  };
}

/** A socket that the replica has taken; null: it did not. */
function tryConnect({ host, port }: Target): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, noDelay: true });
    const fail = (): void => { socket.destroy(); resolve(null); };
    socket.setTimeout(CONNECT_MS, fail);
    socket.once('error', fail);
    socket.once('connect', () => { socket.setTimeout(0); socket.off('error', fail); socket.removeAllListeners('timeout'); resolve(socket); });
  });
}
