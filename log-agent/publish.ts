import { ask, BusError } from '../bus/ask.ts';
import type { Bus } from '../bus/connect.ts';
import type { SourceMeta } from '../cri/cri-file.ts';
import { logBatch, logEnsure, logSubject } from '../bus/log.ts';
import { getLastLogBatch, LogStreamMissing, publishLogBatch } from '../bus/log-store.ts';
import { logPosition } from './position.ts';
import type { LogPosition } from './position.ts';

/** What the stream knows of a source: the sequence of its last batch (0: none is left), the position in it, and whether it was the end. */
export interface StoredEnd { seq: number; position: LogPosition | null; ended: boolean }

/** The app is deleted or never was: its lines have no place. */
export class AppGone extends Error {}

/** One source's way into its app's stream. */
export interface Publisher {
  last(): Promise<StoredEnd>;
  /** Stores a batch after the one of sequence `expectedSeq`; answers its own. Throws LogConflict, AppGone; anything else: it may be stored or not. */
  publish(payload: string, expectedSeq: number): Promise<number>;
}

export function createPublisher(bus: Bus, { appId, source, sourceId }: SourceMeta): Publisher {
  const subject = logSubject(appId, source, sourceId);
  const withStream = async <T>(act: () => Promise<T>): Promise<T> => {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof LogStreamMissing)) throw error;
    }
    await ensure(bus, appId);
    return act();
  };
  return {
    last: () => withStream(async () => {
      const stored = await getLastLogBatch(bus, appId, subject);
      if (!stored) return { seq: 0, position: null, ended: false };
      const batch = logBatch.parse(JSON.parse(Buffer.from(stored.data).toString()));
      return { seq: stored.seq, position: logPosition.safeParse(batch.position).data ?? null, ended: batch.end === true };
    }),
    publish: (payload, expectedSeq) => withStream(() => publishLogBatch(bus, subject, payload, expectedSeq)),
  };
}

async function ensure(bus: Bus, appId: string): Promise<void> {
  try {
    await ask(bus, logEnsure, { appId });
  } catch (error) {
    if (error instanceof BusError && error.code === 'NOT_FOUND') throw new AppGone(appId, { cause: error });
    throw error;
  }
}
