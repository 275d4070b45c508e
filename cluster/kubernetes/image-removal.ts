import { setTimeout as pause } from 'node:timers/promises';
import { DeletionUnsupported } from '../../registry/delete-repository.ts';
import type { Logger } from '../../service/log.ts';

export interface ImageRemoval {
  /** Whether there is nothing left to do about a deleted app's images: they are gone, or stay for good, which the operator was told. Else it is under way, and `onEnd` will tell. */
  isOver(appId: string): boolean;
  close(): void;
}

export interface ImageRemovalOptions {
  /** One try; it may come after another that did a part of it. */
  remove(appId: string, signal: AbortSignal): Promise<void>;
  onEnd(appId: string): void;
  log: Pick<Logger, 'warn'>;
  firstPauseMs?: number;
  /** How long a registry that is away, or refuses, is tried. */
  patienceMs?: number;
}

const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 600_000;
const PATIENCE_MS = 24 * 3_600_000;
/** One try may take so long: the next goes on where it ended. */
const TRY_MS = 600_000;

/** Deletes apps' images beside all other work, one app after the other: a registry that is slow or away holds up nothing. */
export function createImageRemoval({ remove, onEnd, log, firstPauseMs = FIRST_PAUSE_MS, patienceMs = PATIENCE_MS }: ImageRemovalOptions): ImageRemoval {
  const closing = new AbortController();
  const states = new Map<string, 'under way' | 'over'>();
  let last: Promise<unknown> = Promise.resolve();
  let toldUnsupported = false;

  const tryOnce = (appId: string): Promise<void> => {
    const turn = last.then(() => { closing.signal.throwIfAborted(); return remove(appId, AbortSignal.any([closing.signal, AbortSignal.timeout(TRY_MS)])); });
    last = turn.catch(() => undefined);
    return turn;
  };
  const removeAll = async (appId: string): Promise<void> => {
    const until = Date.now() + patienceMs;
    for (let ms = firstPauseMs; ; ms = Math.min(ms * 2, LONGEST_PAUSE_MS)) {
      try {
        return await tryOnce(appId);
      } catch (error) {
        closing.signal.throwIfAborted();
        if (error instanceof DeletionUnsupported) {
          if (!toldUnsupported) log.warn({ appId }, 'the registry deletes nothing: images of deleted apps stay in it. Let it delete (Distribution: REGISTRY_STORAGE_DELETE_ENABLED=true), or clean it up by hand');
          toldUnsupported = true;
          return undefined;
        }
        if (Date.now() + ms > until) { log.warn({ error, appId }, 'the images of a deleted app could not be deleted, and are not tried again: delete them from the registry by hand'); return undefined; }
        if (ms === firstPauseMs) log.warn({ error, appId }, 'the images of a deleted app could not be deleted from the registry; trying again');
      }
      await pause(ms, undefined, { signal: closing.signal });
    }
  };
  return {
    isOver: (appId) => {
      const state = states.get(appId);
      if (state === 'over') states.delete(appId);
      if (state === undefined) {
        states.set(appId, 'under way');
        // It only fails when it is closed: then nobody asks any more.
        removeAll(appId).then(() => { states.set(appId, 'over'); onEnd(appId); }, () => undefined);
      }
      return state === 'over';
    },
    close: () => { closing.abort(); },
  };
}
