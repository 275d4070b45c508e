import { getLogBatch, getLogStreamState, listLogStreamStates, LogStreamMissing } from '../../bus/log-store.ts';
import type { LogStreamState, StoredBatch } from '../../bus/log-store.ts';
import { Prisma } from '../../prisma/client.ts';
import type { Platform } from '../platform.ts';
import { putSegment, SEGMENT_BYTES } from './segment.ts';

/** Batches are archived once they and what follows fill this part of the hot stream: long before they are dropped. */
const ARCHIVE_FROM = 0.5;
/** And then down to this part, so that segments are large. */
const ARCHIVE_TO = 0.25;

/**
 * Copies the oldest batches of full hot streams to segments before retention drops them, and deletes the oldest segments of an app
 * beyond its share. For the leader, often: a flooding app fills its stream in seconds. Two at once do no harm.
 */
export async function archiveLogs(platform: Platform, signal?: AbortSignal): Promise<void> {
  // Most apps' have little, and nothing more is asked of them.
  const filling: string[] = [];
  for await (const { appId, state } of listLogStreamStates(platform.bus)) if (state.bytes >= ARCHIVE_TO * platform.settings.logRetentionBytes) filling.push(appId);
  for (const appId of filling) {
    if (signal?.aborted) return;
    await archiveAppLog(platform, appId).catch((error: unknown) => { platform.log.warn({ error, appId }, 'the log of an app could not be archived; trying again'); });
  }
}

/** One app's part of it. */
export async function archiveAppLog(platform: Platform, appId: string): Promise<void> {
  const state = await getLogStreamState(platform.bus, appId);
  if (!state || state.bytes < ARCHIVE_FROM * platform.settings.logRetentionBytes) return;
  const epoch = String(state.epoch);
  const newest = await platform.db.logSegment.findFirst({ where: { appId, epoch }, orderBy: { lastSeq: 'desc' }, select: { lastSeq: true } });
  let from = Math.max(Number(newest?.lastSeq ?? 0) + 1, state.firstSeq);
  if (bytesFrom(state, from) < ARCHIVE_FROM * platform.settings.logRetentionBytes) return;
  // Whoever deletes an app deletes its segments, and would miss new ones.
  if (await platform.db.app.findUnique({ where: { id: appId, deletedAt: null }, select: { id: true } }) === null) return;
  while (bytesFrom(state, from) > ARCHIVE_TO * platform.settings.logRetentionBytes) {
    const next = await archiveFrom(platform, appId, epoch, from, state.lastSeq);
    if (next === null) break;
    from = next;
  }
  await dropOldSegments(platform, appId);
}

/** About how many bytes of the stream lie at and after a sequence. */
const bytesFrom = ({ bytes, messages, lastSeq }: LogStreamState, seq: number): number => (messages === 0 ? 0 : Math.max(0, lastSeq - seq + 1) * bytes / messages);

/** Makes one segment of the batches from a sequence on; answers where the next begins, null: there is nothing more to take. */
async function archiveFrom(platform: Platform, appId: string, epoch: string, from: number, to: number): Promise<number | null> {
  const batches = await collect(platform, appId, from, to);
  const [first, last] = [batches[0], batches.at(-1)];
  if (!first || !last) return null;
  const { key, size } = await putSegment(platform, batches);
  const lines = batches.reduce((sum, { data }) => sum + countLines(data), 0);
  try {
    await platform.db.logSegment.create({
      data: { appId, epoch, firstSeq: first.seq, lastSeq: last.seq, firstAt: new Date(first.storedAt), lastAt: new Date(last.storedAt), lines, size, key },
    });
  } catch (error) {
    // Another leader was faster, or the app is deleted by now.
    if (!(error instanceof Prisma.PrismaClientKnownRequestError) || !['P2002', 'P2003'].includes(error.code)) throw error;
    if (error.code === 'P2003') await platform.blobs.delete('logs', key);
    return null;
  }
  return last.seq + 1;
}

async function collect({ bus }: Platform, appId: string, from: number, to: number): Promise<StoredBatch[]> {
  const batches: StoredBatch[] = [];
  for (let seq = from, bytes = 0; seq <= to && bytes < SEGMENT_BYTES;) {
    const batch = await getLogBatch(bus, appId, seq).catch((error: unknown) => {
      if (error instanceof LogStreamMissing) return null;
      throw error;
    });
    // A segment has no holes: where retention was faster, it ends here.
    if (!batch || (batches.length > 0 && batch.seq !== seq)) break;
    batches.push(batch);
    bytes += batch.data.length;
    seq = batch.seq + 1;
  }
  return batches;
}

function countLines(data: Uint8Array): number {
  try {
    const { lines } = JSON.parse(new TextDecoder().decode(data)) as { lines?: unknown[] };
    return lines?.length ?? 0;
  } catch {
    return 0;
  }
}

async function dropOldSegments({ db, blobs, settings }: Platform, appId: string): Promise<void> {
  const { _sum: { size } } = await db.logSegment.aggregate({ where: { appId }, _sum: { size: true } });
  let excess = (size ?? 0) - settings.logArchiveBytes;
  if (excess <= 0) return;
  const oldest = await db.logSegment.findMany({ where: { appId }, orderBy: [{ firstAt: 'asc' }, { firstSeq: 'asc' }], take: 1_000 });
  for (const segment of oldest) {
    if (excess <= 0) return;
    // The row first: a reader that finds it finds its blob, or tells a gap.
    await db.logSegment.deleteMany({ where: { id: segment.id } });
    await blobs.delete('logs', segment.key);
    excess -= segment.size;
  }
}

/** Deletes all archived lines of a deleted app; its rows may go afterwards. */
export async function deleteLogSegments({ db, blobs }: Pick<Platform, 'db' | 'blobs'>, appId: string): Promise<void> {
  for (const { id, key } of await db.logSegment.findMany({ where: { appId }, select: { id: true, key: true } })) {
    await blobs.delete('logs', key);
    await db.logSegment.deleteMany({ where: { id } });
  }
}
