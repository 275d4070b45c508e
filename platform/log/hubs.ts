import { appChanged } from '../../bus/app.ts';
import { onNotice } from '../../bus/ask.ts';
import { createAppHubs } from '../app/app-hubs.ts';
import type { AppHubs } from '../app/app-hubs.ts';
import type { Platform } from '../platform.ts';
import { openLogHub } from './hub.ts';
import type { LogHub } from './hub.ts';

const all = new WeakMap<Platform, AppHubs<LogHub>>();

/** The log hubs of this process: one for each app whose log somebody reads. */
export function logHubs(platform: Platform): AppHubs<LogHub> {
  const known = all.get(platform);
  if (known) return known;
  const hubs = createAppHubs((appId) => openLogHub(platform, appId));
  const report = (error: unknown): void => { platform.log.debug({ error }, 'an app could not be looked at; it is tried again'); };
  onNotice(platform.bus, appChanged, ({ appId }) => { hubs.held(appId)?.then((hub) => hub.check()).catch(report); }, report);
  all.set(platform, hubs);
  return hubs;
}
