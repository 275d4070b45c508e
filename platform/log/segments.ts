import type { Platform } from '../platform.ts';
import { upTo } from './cursor.ts';
import type { LogPlace } from './cursor.ts';
import type { LogMessage } from './message.ts';
import { getSegment } from './segment.ts';

/** An app's archive, read by epoch and sequence. */
export interface LogSegments {
  /** Messages at or after a sequence, as many as one segment has; null: the archive has none there. */
  after(epoch: number, seq: number): Promise<LogMessage[] | null>;
  /** Messages before a sequence (or of earlier epochs), as many as one segment has; empty: there are none. */
  before(epoch: number, seq: number): Promise<LogMessage[]>;
  /** The place before the first segment with messages stored at or after a time; null: there is none. */
  placeAt(time: Date | null): Promise<LogPlace | null>;
  epochs(): Promise<number[]>;
}

/** The place before all that is archived of each app, in their order; null: nothing is. One statement for all. */
export async function findArchiveStarts({ db }: Pick<Platform, 'db'>, appIds: readonly string[]): Promise<(LogPlace | null)[]> {
  const rows = await db.$queryRaw<{ appId: string; epoch: string; firstSeq: bigint }[]>`
    SELECT DISTINCT ON ("appId") "appId", epoch, "firstSeq" FROM "LogSegment" WHERE "appId" = ANY(${[...new Set(appIds)]}::uuid[]) ORDER BY "appId", epoch, "firstSeq"`;
  const starts = new Map(rows.map(({ appId, epoch, firstSeq }) => [appId, upTo(Number(epoch), Number(firstSeq) - 1)]));
  return appIds.map((appId) => starts.get(appId) ?? null);
}

export function createLogSegments(platform: Platform, appId: string): LogSegments {
  const { db } = platform;
  // One segment is kept decoded: readers that go through the archive together share it, others pay for their own.
  let cached: { id: string; messages: Promise<LogMessage[] | null> } | null = null;

  function load(segment: { id: string; key: string; epoch: string }): Promise<LogMessage[] | null> {
    if (cached?.id !== segment.id) cached = { id: segment.id, messages: getSegment(platform, segment) };
    const { messages } = cached;
    messages.catch(() => { if (cached?.messages === messages) cached = null; });
    return messages;
  }

  return {
    async after(epoch, seq) {
      const segment = await db.logSegment.findFirst({ where: { appId, epoch: String(epoch), lastSeq: { gte: seq } }, orderBy: { firstSeq: 'asc' } });
      const messages = segment && await load(segment);
      return messages?.filter((message) => message.seq >= seq) ?? null;
    },
    async before(epoch, seq) {
      const segment = await db.logSegment.findFirst({
        where: { appId, OR: [{ epoch: String(epoch), firstSeq: { lt: seq } }, { epoch: { lt: String(epoch) } }] }, orderBy: [{ epoch: 'desc' }, { firstSeq: 'desc' }],
      });
      const messages = segment && await load(segment);
      return messages?.filter((message) => message.epoch !== epoch || message.seq < seq) ?? [];
    },
    async placeAt(time) {
      const segment = await db.logSegment.findFirst({ where: { appId, ...(time ? { lastAt: { gte: time } } : {}) }, orderBy: [{ epoch: 'asc' }, { firstSeq: 'asc' }] });
      return segment && upTo(Number(segment.epoch), Number(segment.firstSeq) - 1);
    },
    async epochs() {
      const rows = await db.logSegment.findMany({ where: { appId }, distinct: ['epoch'], select: { epoch: true } });
      return rows.map(({ epoch }) => Number(epoch));
    },
  };
}
