import { constants } from 'node:http2';
import type { ClientHttp2Stream } from 'node:http2';
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

interface Open { heardAt: number; due: Due; body: ClientHttp2Stream }

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
    for (const { heardAt, due, body } of opened) if (now - heardAt > silenceMs || now > due.at) end(body);
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
    follow: async <T extends KubeObject>({ kind, namespace, selector, resourceVersion, due }: WatchRequest, on: Pick<WatchHandlers<T>, 'changed' | 'deleted'>, signal: AbortSignal) => {
      const startedAt = performance.now();
      const timeoutSeconds = String(Math.max(Math.ceil((due.at - startedAt) / 1000), 1));
      const query = { watch: 'true', allowWatchBookmarks: 'true', resourceVersion, labelSelector: selector.labels, fieldSelector: selector.fields, timeoutSeconds };
      const { body } = await requests.stream({ method: 'GET', path: kindPath(kind, namespace), query }, signal);
      const one: Open = { heardAt: performance.now(), due, body };
      enter(one);
      try {
        const reader = createEventReader<T>(resourceVersion, on);
        await readAll(one, reader);
        return { resourceVersion: reader.version, wasUseful: reader.hasRead || performance.now() - startedAt > Math.min(SHORT_MS, silenceMs / 2) };
      } finally { leave(one); }
    },
  };
}

/** Resolves however the stream ends: the next watch goes on from the last version. Rejects with what the reader throws. */
function readAll(one: Open, reader: EventReader): Promise<void> {
  const { body } = one;
  return new Promise((resolve, reject) => {
    body.on('data', (chunk: Buffer) => {
      one.heardAt = performance.now();
      try { reader.read(chunk); } catch (error) {
        body.removeAllListeners('data');
        reject(error as Error);
        end(body);
      }
    });
    body.once('close', resolve);
    // It may have ended between its head and here.
    if (body.closed && body.readableLength === 0) resolve();
  });
}

const end = (body: ClientHttp2Stream): void => { body.close(constants.NGHTTP2_CANCEL); };

interface EventReader { version: string; hasRead: boolean; read(chunk: Buffer): void }

const LINE_BREAK = 10;

function createEventReader<T extends KubeObject>(resourceVersion: string, on: Pick<WatchHandlers<T>, 'changed' | 'deleted'>): EventReader {
  /** The beginning of a line: most pieces end where a line does. */
  let rest: Buffer | null = null;

  const take = (line: string): void => {
    const event = eventShape.parse(parseAnswer(line));
    if (event.type === 'ERROR') throw errorOfStatus('watch', event.object);
    reader.version = event.object.metadata?.resourceVersion ?? reader.version;
    reader.hasRead = true;
    if (event.type === 'BOOKMARK') return;
    const object = readObject<T>(event.object);
    if (event.type === 'DELETED') on.deleted(object); else on.changed(object);
  };
  const reader: EventReader = {
    version: resourceVersion, hasRead: false,
    read: (chunk) => {
      let bytes: Buffer = rest === null ? chunk : Buffer.concat([rest, chunk]);
      rest = null;
      for (let to = bytes.indexOf(LINE_BREAK); to >= 0; to = bytes.indexOf(LINE_BREAK)) {
        if (to > 0) take(bytes.toString('utf8', 0, to));
        bytes = bytes.subarray(to + 1);
      }
      if (bytes.length > LONGEST_EVENT) throw new KubeError('A watch brought an event that has no end.', { status: 0, reason: 'ConnectionLost' });
      // A copy: the piece is a part of a larger buffer.
      if (bytes.length > 0) rest = Buffer.from(bytes);
    },
  };
  return reader;
}
