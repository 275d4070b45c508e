/** What is told of one request to an app. Milliseconds; `connectMs` null where the router does not measure it. */
export interface AccessLine {
  method: string; path: string; host: string; requestId: string; client: string; status: number; bytes: number;
  replica: { process: string; index: number; releaseVersion: number } | null;
  connectMs: number | null; serviceMs: number;
  /** Why the app's answer is none, or not whole. */
  reason: string | null;
}

/** A value between quotes: a request's path and host are its sender's to choose, so nothing in them may look like another field or line. */
const quoted = (text: string): string => JSON.stringify(text.slice(0, 2_000)).replace(/[\u007f-\u009f\u2028\u2029]/g, '?');

/** The line of a request in its app's log, whichever router served it. The query is left out: it often holds a secret. */
export function formatAccess({ method, path, host, requestId, client, replica, connectMs, serviceMs, status, bytes, reason }: AccessLine): string {
  return [
    `method=${method}`, `path=${quoted(path)}`, `host=${quoted(host)}`, `request_id=${requestId}`, `fwd=${quoted(client)}`,
    `replica=${replica ? `${replica.process}.${replica.index}` : '-'}`, `release=${replica ? `v${replica.releaseVersion}` : '-'}`,
    ...(connectMs === null ? [] : [`connect=${Math.round(connectMs)}ms`]), `service=${Math.round(serviceMs)}ms`, `status=${status}`, `bytes=${bytes}`,
    ...(reason === null ? [] : [`reason=${reason}`]),
  ].join(' ');
}
