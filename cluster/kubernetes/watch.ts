import { setTimeout as delay } from 'node:timers/promises';
import { KubeError } from './kube-error.ts';
import type { Kind, KubeObject } from './kinds.ts';
import { listObjects } from './list.ts';
import type { Listed, Selector } from './list.ts';
import type { Requests } from './request.ts';
import { createWatchStreams } from './watch-stream.ts';
import type { WatchStreams } from './watch-stream.ts';

export interface WatchHandlers<T> {
  /** All that there is; comes again after each new list: what is not in it is gone. */
  synced(all: T[]): void;
  changed(object: T): void;
  deleted(object: T): void;
}

export interface WatchedScope extends Selector {
  /** Goes on from a list that there is already; then `synced` comes with the next list only. */
  from?: string;
  /** Where another's clock says when to list anew: the longest that one watch goes on. */
  relistMs?: number;
}

export interface Watching { requests: Requests; streams: WatchStreams; timing: WatchTiming; onError(error: unknown, what: string): void }

export interface WatchTiming {
  /** An open watch that brought nothing for so long is dead: the API server sends a bookmark every minute. */
  silenceMs: number;
  /** After so long, give or take a quarter, all is listed anew, whatever the watch said. */
  relistMs: number;
  /** The first pause after a failure; they double. */
  pauseMs: number;
}

export const watchTiming: WatchTiming = { silenceMs: 180_000, relistMs: 3_600_000, pauseMs: 500 };
const LONGEST_PAUSE_MS = 30_000;
/** So many failures in a row are told. */
const TELL_AFTER = 3;

export function createWatching(requests: Requests, timing: WatchTiming, onError: Watching['onError']): Watching {
  return { requests, streams: createWatchStreams(requests, timing.silenceMs), timing, onError };
}

/** On the clock of `performance.now()`: when all is to be listed anew. Who sets it to another time is heard within seconds. */
export interface Due { at: number }

/** A list, then each change, again and again until the signal. A handler that throws ends it, and rejects. */
export async function watchObjects<T extends KubeObject>({ requests, streams, timing, onError }: Watching, kind: Kind, namespace: string | null, { from, relistMs = timing.relistMs, ...selector }: WatchedScope, on: WatchHandlers<T>, signal: AbortSignal, due: Due): Promise<void> {
  let version: string | null = from ?? null;
  let failures = 0;
  const later = (): number => performance.now() + relistMs * (0.75 + Math.random() / 2);
  due.at = later();
  while (!signal.aborted) {
    try {
      if (version === null) {
        const list: Listed<T> = await listObjects<T>(requests, kind, namespace, selector);
        if (isAborted(signal)) return;
        on.synced(list.items);
        version = list.resourceVersion;
        due.at = later();
      }
      const { resourceVersion, wasUseful }: { resourceVersion: string; wasUseful: boolean } = await streams.follow({ kind, namespace, selector, resourceVersion: version, due }, on, signal);
      version = performance.now() >= due.at ? null : resourceVersion;
      failures = wasUseful ? 0 : failures + 1;
      if (failures > 0) await pause(timing.pauseMs, failures, null, signal);
    } catch (error) {
      if (isAborted(signal)) return;
      if (!(error instanceof KubeError)) throw error;
      // What it goes on from is forgotten.
      if (error.status === 410) version = null;
      failures++;
      if (failures % TELL_AFTER === 0) onError(error, `watch of ${kind} in ${namespace ?? 'all namespaces'}`);
      await pause(timing.pauseMs, failures, error.retryAfterSeconds, signal);
    }
  }
}

const isAborted = (signal: AbortSignal): boolean => signal.aborted;

/** Doubling, at least as long as the server asked for, and spread: all watches of a server that comes back must not come at once. */
async function pause(firstMs: number, failures: number, retryAfterSeconds: number | null, signal: AbortSignal): Promise<void> {
  const ms = Math.min(firstMs * 2 ** (failures - 1), LONGEST_PAUSE_MS);
  await delay((retryAfterSeconds ?? 0) * 1000 + ms * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined);
}
