import { listLogStreams, removeLogStream } from '../../bus/log-store.ts';
import type { Platform } from '../platform.ts';

/** Deletes the hot streams of apps that are gone; only the gateway may. A stream is made for apps that exist alone, so one without an app is never a new one. */
export async function sweepLogStreams({ bus, db }: Pick<Platform, 'bus' | 'db'>): Promise<void> {
  const appIds = await listLogStreams(bus);
  const alive = new Set((await db.app.findMany({ where: { id: { in: appIds }, deletedAt: null }, select: { id: true } })).map(({ id }) => id));
  for (const appId of appIds) if (!alive.has(appId)) await removeLogStream(bus, appId);
}
