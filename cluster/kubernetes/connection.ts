import { connect, constants } from 'node:http2';
import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import type { KubeCredentials } from './credentials.ts';
import { KubeError } from './kube-error.ts';

export interface KubeAnswer { status: number; headers: IncomingHttpHeaders; body: ClientHttp2Stream }

export interface KubeLimits {
  /** Ends the stream at any time. */
  signal: AbortSignal;
  /** So long the head of the answer may take. */
  headWithinMs?: number;
  /** Asked in the very turn in which the request leaves; may throw. */
  beforeSend?(): void;
}

export interface KubeConnection {
  /** One request; resolves with the head of its answer. Throws KubeError with status 0 where no answer came. */
  open(headers: OutgoingHttpHeaders, body: string | null, limits: KubeLimits): Promise<KubeAnswer>;
  close(): void;
}

/** Server-side limits are 100 streams a connection or more: this is enough for 25,000 watches. */
const MOST_SESSIONS = 256;
/** A connection that answers no ping is dead, whatever TCP thinks. */
const PING_EVERY_MS = 30_000;
const PONG_WITHIN_MS = 15_000;
const CONNECT_WITHIN_MS = 15_000;

interface Session { http2: ClientHttp2Session; streams: number; limit: number }

/** HTTP/2 to the API server: any number of requests and watches over few connections, each of which is watched by pings. */
export function createConnection(credentials: KubeCredentials): KubeConnection {
  const sessions = new Set<Session>();
  let connecting: Promise<Session> | null = null;
  let closed = false;

  const begin = async (): Promise<Session> => {
    if (sessions.size >= MOST_SESSIONS) throw lost(`more than ${MOST_SESSIONS} connections to the API server would be needed`);
    const session = await startSession(credentials);
    if (closed) { session.http2.destroy(); throw lost('the client was closed'); }
    sessions.add(session);
    session.http2.once('close', () => { sessions.delete(session); });
    return session;
  };
  const isFree = ({ http2, streams, limit }: Session): boolean => !http2.closed && !http2.destroyed && streams < limit;
  /** A place for one stream, taken at once: a stream too many would wait in its connection for a watch to end. */
  const takePlace = async (): Promise<Session> => {
    for (;;) {
      for (const session of sessions) if (isFree(session)) { session.streams++; return session; }
      if (closed) throw lost('the client was closed');
      connecting ??= begin().finally(() => { connecting = null; });
      await connecting;
    }
  };
  return {
    open: async (headers, body, { signal, headWithinMs, beforeSend }) => {
      const session = await takePlace();
      let stream: ClientHttp2Stream;
      try {
        if (signal.aborted) throw lost('it was given up');
        beforeSend?.();
        stream = session.http2.request(headers, { endStream: body === null });
      } catch (error) {
        session.streams--;
        throw error instanceof Error && 'code' in error ? lost(error.message, error) : error;
      }
      const abort = (): void => { stream.close(constants.NGHTTP2_CANCEL); };
      signal.addEventListener('abort', abort, { once: true });
      stream.once('close', () => { session.streams--; signal.removeEventListener('abort', abort); });
      if (body !== null) stream.end(body);
      return headOf(stream, headWithinMs);
    },
    close: () => {
      closed = true;
      for (const { http2 } of sessions) http2.destroy();
    },
  };
}

const lost = (message: string, cause?: unknown): KubeError => new KubeError(`The API server could not be asked: ${message}.`, { status: 0, reason: 'ConnectionLost', cause });

function headOf(stream: ClientHttp2Stream, withinMs?: number): Promise<KubeAnswer> {
  return new Promise((resolve, reject) => {
    const timer = withinMs === undefined ? undefined : setTimeout(() => {
      reject(new KubeError(`The API server gave no answer within ${withinMs / 1000} s.`, { status: 0, reason: 'Timeout' }));
      stream.close(constants.NGHTTP2_CANCEL);
    }, withinMs);
    // It stays: an error that comes after the head is the body's reader's, and must not crash the process where there is none.
    stream.on('error', (error) => { reject(lost(error.message, error)); });
    stream.once('close', () => { clearTimeout(timer); reject(lost('the connection ended before the answer')); });
    stream.once('response', (headers) => { clearTimeout(timer); resolve({ status: Number(headers[':status']), headers, body: stream }); });
  });
}

async function startSession(credentials: KubeCredentials): Promise<Session> {
  const { server } = credentials;
  const http2 = connect(server.origin, server.protocol === 'https:' ? await credentials.tls() : {});
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => { http2.destroy(new Error(`no connection to ${server.host} within ${CONNECT_WITHIN_MS / 1000} s`)); }, CONNECT_WITHIN_MS);
    const ended = (error?: Error): void => { clearTimeout(timer); reject(lost(error?.message ?? 'the connection was closed', error)); };
    http2.on('error', ended);
    http2.once('close', () => { ended(); });
    http2.once('remoteSettings', () => { clearTimeout(timer); resolve(); });
  });
  pingUntilClosed(http2);
  return { http2, streams: 0, limit: Math.max(http2.remoteSettings.maxConcurrentStreams ?? 100, 1) };
}

function pingUntilClosed(http2: ClientHttp2Session): void {
  const timer = setInterval(() => {
    const deadline = setTimeout(() => { http2.destroy(new Error('the API server answers no ping')); }, PONG_WITHIN_MS);
    deadline.unref();
    if (http2.destroyed || !http2.ping((error) => { if (!error) clearTimeout(deadline); })) clearTimeout(deadline);
  }, PING_EVERY_MS);
  timer.unref();
  http2.once('close', () => { clearInterval(timer); });
}
