import { appChanged } from '../bus/app.ts';
import { onNotice } from '../bus/ask.ts';
import { openLogHub } from './log-hub.ts';
import type { LogHub } from './log-hub.ts';
import type { Platform } from './platform.ts';
import { outsideTrace } from '../service/trace-context.ts';

/** The open hubs of a process: one for each app that somebody reads. */
export interface LogHubs {
  /** The app's hub, opened if it is not; `release` when it is not needed any more: with its last reader it closes. */
  hold(appId: string): Promise<{ hub: LogHub; release(): void }>;
  /** How many are open. */
  size(): number;
}

const all = new WeakMap<Platform, LogHubs>();

/** The hubs of this process. */
export function logHubs(platform: Platform): LogHubs {
  const known = all.get(platform);
  if (known) return known;
  const made = createLogHubs(platform);
  all.set(platform, made);
  return made;
}

function createLogHubs(platform: Platform): LogHubs {
  const open = new Map<string, { hub: Promise<LogHub>; readers: number }>();
  const report = (error: unknown): void => { platform.log.debug({ error }, 'an app could not be looked at; it is tried again'); };
  onNotice(platform.bus, appChanged, ({ appId }) => { open.get(appId)?.hub.then((hub) => hub.check()).catch(report); }, report);
  return {
    async hold(appId) {
      const entry = open.get(appId) ?? { hub: outsideTrace(() => openLogHub(platform, appId)), readers: 0 };
      open.set(appId, entry);
      entry.readers++;
      let released = false;
      const release = (): void => {
        if (released) return;
        released = true;
        entry.readers--;
        if (entry.readers > 0) return;
        if (open.get(appId) === entry) open.delete(appId);
        entry.hub.then((hub) => { hub.close(); }, () => undefined);
      };
      try {
        return { hub: await entry.hub, release };
      } catch (error) {
        release();
        throw error;
      }
    },
    size: () => open.size,
  };
}
