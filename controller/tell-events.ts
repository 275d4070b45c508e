import { ask, BusError } from '../bus/ask.ts';
import type { Bus } from '../bus/connect.ts';
import { logEnsure, logSubject } from '../bus/log.ts';
import type { LogBatch } from '../bus/log.ts';
import { getLastLogBatch, LogConflict, LogStreamMissing, publishLogBatch } from '../bus/log-store.ts';
import { describeEvent, parseEvent } from '../platform/event.ts';
import type { Platform } from '../platform/platform.ts';
import type { LeadClock } from './lead-clock.ts';

const BATCH = 200;

/** Brings an app's events into its log, each once: the last batch of the subject says up to which number they are there. Throws LeadLost. */
export async function tellEvents(platform: Platform, clock: LeadClock, appId: string): Promise<void> {
  for (;;) {
    try {
      if (!await tellSome(platform, clock, appId)) return;
    } catch (error) {
      if (error instanceof LogStreamMissing) {
        if (!await makeStream(platform.bus, appId)) return;
      } else if (!(error instanceof LogConflict)) throw error;
    }
  }
}

/** False: the app is deleted or never was, and nobody will read of it. */
async function makeStream(bus: Bus, appId: string): Promise<boolean> {
  try {
    await ask(bus, logEnsure, { appId });
    return true;
  } catch (error) {
    if (error instanceof BusError && error.code === 'NOT_FOUND') return false;
    throw error;
  }
}

/** The next events; false when all are there. */
async function tellSome({ bus, db }: Platform, clock: LeadClock, appId: string): Promise<boolean> {
  const subject = logSubject(appId, 'PLATFORM', 'controller');
  const last = await getLastLogBatch(bus, appId, subject);
  const inStream = last ? Number((JSON.parse(new TextDecoder().decode(last.data)) as LogBatch).position?.event ?? 0) : 0;
  // Retention may have dropped the last batch of an app that writes much.
  const app = await db.app.findUnique({ where: { id: appId }, select: { toldEvent: true } });
  const told = Math.max(inStream, app?.toldEvent ?? 0);
  const events = await db.event.findMany({ where: { appId, number: { gt: told }, app: { deletedAt: null } }, orderBy: { number: 'asc' }, take: BATCH });
  const newest = events.at(-1)?.number;
  if (newest == null) return false;
  const batch: LogBatch = {
    source: 'PLATFORM', process: 'controller', replica: null, release: null, build: null, position: { event: newest },
    lines: events.map((event) => [event.createdAt.getTime(), 'o', /Failed|Crashed/.test(event.type) ? 'e' : 'i', describeEvent(parseEvent(event))]),
  };
  clock.assertHeld();
  await publishLogBatch(bus, subject, JSON.stringify(batch), last?.seq ?? 0);
  clock.assertHeld();
  await db.app.updateMany({ where: { id: appId, toldEvent: { lt: newest } }, data: { toldEvent: newest } });
  return true;
}
