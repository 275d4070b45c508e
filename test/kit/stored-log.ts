import type { Bus } from '../../bus/connect.ts';
import type { LogBatch } from '../../bus/log.ts';
import { getLogBatch, getLogStreamState, LogStreamMissing } from '../../bus/log-store.ts';
import type { StoredBatch } from '../../bus/log-store.ts';
import { until } from './wait.ts';

/** All that is in an app's stream now; none there: nothing. An answer that does not come in time is asked for again: it does not mean that nothing follows. */
export async function readStoredLog(bus: Bus, appId: string): Promise<LogBatch[]> {
  const batches: LogBatch[] = [];
  for (let seq = 1; ;) {
    const stored = await readOne(bus, appId, seq);
    if (!stored) return batches;
    batches.push(JSON.parse(Buffer.from(stored.data).toString()) as LogBatch);
    seq = stored.seq + 1;
  }
}

async function readOne(bus: Bus, appId: string, seq: number): Promise<StoredBatch | null> {
  let stored: StoredBatch | null = null;
  await until(async () => {
    stored = await getLogBatch(bus, appId, seq).catch(async (error: unknown) => {
      if (error instanceof LogStreamMissing && await getLogStreamState(bus, appId) === null) return null;
      throw error;
    });
    return true;
  }, { within: 60_000, what: () => `the log of ${appId} can be read` });
  return stored;
}
