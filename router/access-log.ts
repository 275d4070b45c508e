import { join } from 'node:path';
import type { IncomingMessage } from 'node:http';
import type { Route } from '../bus/route.ts';
import { openCriFile } from '../cri/cri-file.ts';
import type { CriFile } from '../cri/cri-file.ts';

export interface Access {
  route: Route; request: IncomingMessage; requestId: string; client: string; status: number; bytes: number;
  replica: { process: string; index: number; releaseVersion: number } | null;
  connectMs: number; serviceMs: number; reason: string | null;
}

export interface AccessLog { note(access: Access): void; close(): void }

/** Open files at a time; an app that has been quiet gives its place. */
const MAX_OPEN = 200;

/** One line a request into the app's own log. The query is left out: it often holds a secret. */
export function createAccessLog(dir: string): AccessLog {
  const files = new Map<string, CriFile>();
  const fileOf = (appId: string): CriFile => {
    let file = files.get(appId);
    files.delete(appId);
    file ??= openCriFile(join(dir, appId, 'ROUTER', 'router'), { appId, source: 'ROUTER', sourceId: 'router', process: 'router', replica: null, release: null, build: null });
    files.set(appId, file);
    if (files.size > MAX_OPEN) {
      const [oldest] = files.keys();
      if (oldest !== undefined) { files.get(oldest)?.close(false); files.delete(oldest); }
    }
    return file;
  };
  return {
    note: (access) => { fileOf(access.route.appId).line(access.status >= 500 ? 'stderr' : 'stdout', format(access)); },
    close: () => { for (const file of files.values()) file.close(false); },
  };
}

/** A value between quotes: a request's path and host are its sender's to choose, so nothing in them may look like another field or line. */
const quoted = (text: string): string => JSON.stringify(text.slice(0, 2_000));

function format({ request, requestId, client, status, bytes, replica, connectMs, serviceMs, reason }: Access): string {
  return [
    `method=${request.method ?? ''}`, `path=${quoted((request.url ?? '').split('?')[0] ?? '')}`, `host=${quoted(request.headers.host ?? '')}`, `request_id=${requestId}`, `fwd=${quoted(client)}`,
    `replica=${replica ? `${replica.process}.${replica.index}` : '-'}`, `release=${replica ? `v${replica.releaseVersion}` : '-'}`, `connect=${Math.round(connectMs)}ms`, `service=${Math.round(serviceMs)}ms`, `status=${status}`, `bytes=${bytes}`,
    ...(reason === null ? [] : [`reason=${reason}`]),
  ].join(' ');
}
