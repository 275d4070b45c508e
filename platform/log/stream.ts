import { BusError } from '../../bus/ask.ts';
import { getLogStreamState, makeLogStream, removeLogStream } from '../../bus/log-store.ts';
import type { LogStreamState } from '../../bus/log-store.ts';
import type { Platform } from '../platform.ts';

type Needs = Pick<Platform, 'bus' | 'settings'>;

/** Makes the app's stream where it is missing, and answers its state; only the gateway may. Two at once make one. */
export async function ensureLogStream({ bus, settings }: Needs, appId: string): Promise<LogStreamState> {
  await makeLogStream(bus, appId, settings.logRetentionBytes);
  const state = await getLogStreamState(bus, appId);
  if (!state) throw new Error(`The log stream of app ${appId} was deleted while it was made.`);
  return state;
}

/** The gateway's answer to `logEnsure`. Throws BusError `NOT_FOUND` for an app that is deleted or never was: nobody will read its lines. */
export async function answerLogEnsure(platform: Platform, { appId }: { appId: string }): Promise<Record<string, never>> {
  const app = await platform.db.app.findFirst({ where: { id: appId, deletedAt: null }, select: { id: true } });
  if (!app) throw new BusError('NOT_FOUND', `There is no app ${appId}.`);
  await ensureLogStream(platform, appId);
  return {};
}

/** Deletes the hot stream of a deleted app; only the gateway may. */
export const deleteLogStream = (platform: Pick<Platform, 'bus'>, appId: string): Promise<void> => removeLogStream(platform.bus, appId);
