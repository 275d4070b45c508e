import type { ClientHttp2Stream } from 'node:http2';
import { StringDecoder } from 'node:string_decoder';
import { z } from 'zod';
import { errorOfStatus, KubeError } from './kube-error.ts';
import { kindPath } from './kinds.ts';
import type { Kind, KubeObject } from './kinds.ts';
import type { Selector } from './list.ts';
import { parseAnswer, readObject } from './read-object.ts';
import type { Requests } from './request.ts';
import type { Due, WatchHandlers } from './watch.ts';

export interface WatchRequest {
  kind: Kind;
  namespace: string | null;
  selector: Selector;
  resourceVersion: string;
  /** When it is over. */
  due: Due;
}

export interface WatchStreams {
  /** One watch until it ends, is silent for too long, or its time is up; answers where the next goes on. Useful: it brought something, or lasted. */
  follow<T extends KubeObject>(request: WatchRequest, on: Pick<WatchHandlers<T>, 'changed' | 'deleted'>, signal: AbortSignal): Promise<{ resourceVersion: string; wasUseful: boolean }>;
}

interface Open { heardAt: number; due: Due; end: AbortController }

/** Far more than the API server stores of one object. */
const LONGEST_EVENT = 16 * 1024 * 1024;
/** One that ends sooner, having brought nothing, was none. */
const SHORT_MS = 5_000;

const eventShape = z.object({ type: z.enum(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR']), object: z.looseObject({ metadata: z.looseObject({ resourceVersion: z.string().optional() }).optional() }) });

/** Watches over HTTP; one clock looks after all of them, so that ten thousand cost no ten thousand timers. */
export function createWatchStreams(requests: Requests, silenceMs: number): WatchStreams {
  const opened = new Set<Open>();
  let clock: NodeJS.Timeout | null = null;

  const look = (): void => {
    const now = performance.now();
    for (const { heardAt, due, end } of opened) if (now - heardAt > silenceMs || now > due.at) end.abort();
  };
  const enter = (one: Open): void => {
    opened.add(one);
    clock ??= setInterval(look, Math.min(Math.max(silenceMs / 10, 20), 5_000)).unref();
  };
  const leave = (one: Open): void => {
    opened.delete(one);
    if (opened.size > 0 || !clock) return;
    clearInterval(clock);
    clock = null;
  };
  return {
    follow: async <T extends KubeObject>(request: WatchRequest, on: Pick<WatchHandlers<T>, 'changed' | 'deleted'>, signal: AbortSignal) => {
      const { kind, namespace, selector, due } = request;
      const startedAt = performance.now();
      const one: Open = { heardAt: startedAt, due, end: new AbortController() };
      const abort = (): void => { one.end.abort(); };
      signal.addEventListener('abort', abort, { once: true });
      try {
        const timeoutSeconds = String(Math.max(Math.ceil((due.at - startedAt) / 1000), 1));
        const query = { watch: 'true', allowWatchBookmarks: 'true', resourceVersion: request.resourceVersion, labelSelector: selector.labels, fieldSelector: selector.fields, timeoutSeconds };
        const { body } = await requests.stream({ method: 'GET', path: kindPath(kind, namespace), query }, one.end.signal);
        one.heardAt = performance.now();
        enter(one);
        const reader = createEventReader<T>(request.resourceVersion, on);
        await readAll(body, (chunk) => { one.heardAt = performance.now(); reader.read(chunk); }, one.end);
        return { resourceVersion: reader.resourceVersion(), wasUseful: reader.hasRead() || performance.now() - startedAt > Math.min(SHORT_MS, silenceMs / 2) };
      } finally {
        leave(one);
        signal.removeEventListener('abort', abort);
      }
    },
  };
}

/** Resolves however the stream ends: the next watch goes on from the last version. Rejects with what the reader throws. */
function readAll(body: ClientHttp2Stream, read: (chunk: Buffer) => void, end: AbortController): Promise<void> {
  return new Promise((resolve, reject) => {
    body.on('data', (chunk: Buffer) => {
      try { read(chunk); } catch (error) {
        body.removeAllListeners('data');
        reject(error as Error);
        end.abort();
      }
    });
    body.once('close', () => { resolve(); });
    // It may have ended between its head and here.
    if (body.closed && body.readableLength === 0) resolve();
  });
}

function createEventReader<T extends KubeObject>(resourceVersion: string, on: Pick<WatchHandlers<T>, 'changed' | 'deleted'>): { read(chunk: Buffer): void; resourceVersion(): string; hasRead(): boolean } {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let version = resourceVersion;
  let hasRead = false;

  const take = (line: string): void => {
    const event = eventShape.parse(parseAnswer(line));
    if (event.type === 'ERROR') throw errorOfStatus('watch', event.object);
    version = event.object.metadata?.resourceVersion ?? version;
    hasRead = true;
    if (event.type === 'BOOKMARK') return;
    const object = readObject<T>(event.object);
    if (event.type === 'DELETED') on.deleted(object); else on.changed(object);
  };
  return {
    read: (chunk) => {
      const lines = (rest + decoder.write(chunk)).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > LONGEST_EVENT) throw new KubeError('A watch brought an event that has no end.', { status: 0, reason: 'ConnectionLost' });
      for (const line of lines) if (line !== '') take(line);
    },
    resourceVersion: () => version,
    hasRead: () => hasRead,
  };
}
