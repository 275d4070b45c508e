import { join } from 'node:path';
import { formatAccess } from '../bus/access-line.ts';
import type { AccessLine } from '../bus/access-line.ts';
import type { Route } from '../bus/route.ts';
import { openCriFile } from '../cri/cri-file.ts';
import type { CriFile } from '../cri/cri-file.ts';

export interface Access extends AccessLine { route: Route }

export interface AccessLog { note(access: Access): void; close(): void }

/** Open files at a time; an app that has been quiet gives its place. */
const MAX_OPEN = 200;
/** Lines wait so long, so that many of them are one write. */
const GATHER_MS = 20;

/** One line a request into the app's own log. The query is left out: it often holds a secret. */
export function createAccessLog(dir: string): AccessLog {
  const files = new Map<string, CriFile>();
  const waiting = new Map<string, { stdout: string; stderr: string }>();
  let timer: NodeJS.Timeout | undefined;

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
  const flush = (): void => {
    timer = undefined;
    for (const [appId, texts] of waiting) {
      for (const stream of ['stdout', 'stderr'] as const) if (texts[stream] !== '') fileOf(appId).write(stream, Buffer.from(texts[stream]));
    }
    waiting.clear();
  };
  return {
    note: (access) => {
      const { appId } = access.route;
      const texts = waiting.get(appId) ?? { stdout: '', stderr: '' };
      texts[access.status >= 500 ? 'stderr' : 'stdout'] += `${formatAccess(access)}\n`;
      waiting.set(appId, texts);
      timer ??= setTimeout(flush, GATHER_MS);
    },
    close: () => {
      clearTimeout(timer);
      flush();
      for (const file of files.values()) file.close(false);
    },
  };
}
