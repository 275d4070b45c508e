import { accessChanged } from '../../bus/app.ts';
import { ask, BusError, onNotice } from '../../bus/ask.ts';
import type { Bus } from '../../bus/connect.ts';
import { pushHeld } from '../../bus/push.ts';
import type { Logger } from '../../service/log.ts';
import { Refused } from './refused.ts';

export interface Holder { userId: string; apiKeyId: string; appId: string; action: 'fetch' | 'push' }

/** What goes on by somebody's rights, and ends within seconds of them. */
export interface Holds {
  /** A signal that aborts with a Refused when the key or its rights on the app have ended; `release` when it is not needed any more. */
  hold(holder: Holder): { signal: AbortSignal; release(): void };
}

/** Heals lost notices, and finds keys that expire. */
const RECHECK_MS = 5_000;
const ENDED: Record<string, string> = {
  UNAUTHENTICATED: 'The API key was revoked, or has expired.',
  NOT_FOUND: 'The app was deleted, or you have no role on it any more.',
};

export function createHolds({ bus, log, signal }: { bus: Bus; log: Logger; signal: AbortSignal }): Holds {
  const held = new Map<AbortController, Holder>();
  const look = async ([controller, { apiKeyId, appId, action }]: [AbortController, Holder]): Promise<void> => {
    try {
      await ask(bus, pushHeld, { apiKeyId, appId, action });
    } catch (error) {
      // A gateway that does not answer takes no rights away.
      if (!(error instanceof BusError) || !['UNAUTHENTICATED', 'NOT_FOUND', 'FORBIDDEN'].includes(error.code)) { log.warn({ error }, 'the rights of a push could not be looked at; it goes on until they can'); return; }
      const why = ENDED[error.code] ?? error.message;
      controller.abort(new Refused(`${why} This ${action} ends here${action === 'push' ? '; a build that it has asked for already goes on' : ''}.`, 'its rights have ended'));
    }
  };
  onNotice(bus, accessChanged, ({ userId, apiKeyId, sessionId }) => {
    const isConcerned = (holder: Holder): boolean => (apiKeyId === null && sessionId === null ? holder.userId === userId : holder.apiKeyId === apiKeyId);
    for (const entry of held) if (isConcerned(entry[1])) void look(entry);
  }, (error) => { log.warn({ error }, 'a notice could not be read'); });
  const recheck = setInterval(() => { for (const entry of held) void look(entry); }, RECHECK_MS);
  signal.addEventListener('abort', () => { clearInterval(recheck); }, { once: true });
  return {
    hold: (holder) => {
      const controller = new AbortController();
      held.set(controller, holder);
      return { signal: controller.signal, release: () => { held.delete(controller); } };
    },
  };
}
