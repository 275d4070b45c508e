import type { Reason } from '../http/page.ts';
import { forward } from './forward.ts';
import type { Place, Visit } from './forward.ts';
import { forwardUpgrade } from './forward-upgrade.ts';
import type { UpgradeVisit } from './forward-upgrade.ts';
import { OnceAgent } from './once-agent.ts';

export interface ToPlatform {
  /** Answers why there is no answer of the platform, if there is none. */
  web(visit: Visit): Promise<Reason | null>;
  upgrade(visit: UpgradeVisit): Promise<Reason | null>;
  close(): void;
}

const CONNECT_MS = 3_000;
const AGAIN_MS = 100;

/**
 * The platform's own host: paths go to the process that serves them, bodies stream both ways, and nothing limits how long a push takes.
 * @param awayMs a process that is not there is about to be started again: this long it is waited for
 * @param halfDuplex somebody else's proxy stands before us, and what is asked for here is answered while it is still being sent
 */
export function createToPlatform(placeOf: (path: string) => Place, { awayMs, halfDuplex }: { awayMs: number; halfDuplex: (path: string) => boolean }): ToPlatform {
  const agent = new OnceAgent();
  const limits = { agent, connectMs: CONNECT_MS, answerMs: 0 };
  const patiently = async (act: () => Promise<string>): Promise<Reason | null> => {
    for (const until = Date.now() + awayMs; ;) {
      const end = await act();
      if (end === 'refused') return 'bad-request';
      if (end === 'closed' || (end === 'unreached' && Date.now() > until)) return 'platform-away';
      if (end !== 'unreached') return null;
      await new Promise((resolve) => { setTimeout(resolve, AGAIN_MS); });
    }
  };
  return {
    web: (visit) => {
      const path = visit.request.url ?? '/';
      return patiently(async () => (visit.response.destroyed ? 'gone' : (await forward(visit, placeOf(path), { ...limits, halfDuplex: halfDuplex(path) })).end));
    },
    upgrade: (visit) => patiently(async () => (visit.socket.destroyed ? 'gone' : forwardUpgrade(visit, placeOf(visit.request.url ?? '/'), limits))),
    close: () => { agent.destroy(); },
  };
}
