import type { z } from 'zod';
import { askUntilAnswered, BusError } from '../../bus/ask.ts';
import type { Bus } from '../../bus/connect.ts';
import type { Query } from '../../bus/message.ts';
import { pushMoved, pushState } from '../../bus/push.ts';
import type { DeployState } from '../../bus/push.ts';
import type { Logger } from '../../service/log.ts';

/** The rows of one deploy, looked at after each hint. */
export interface DeployStates {
  /** The first state that is as wanted; each one on the way is handed to `onState`. Rejects with the signal's reason, or `NOT_FOUND`: the deploy's app was deleted. */
  until(isReached: (state: DeployState) => boolean, onState: (state: DeployState) => void): Promise<DeployState>;
  /** Writes down that the branch is where this deploy leaves it. */
  noteMoved(): Promise<void>;
  /** The rows may have changed. */
  wake(): void;
}

/** A look without a hint: heals lost ones. */
const HEAL_MS = 5_000;
const RETRY_MS = 1_000;

export function followStates({ bus, buildId, log, signal }: { bus: Bus; buildId: string; log: Logger; signal: AbortSignal }): DeployStates {
  let hinted = false;
  let look: () => void = () => undefined;

  const pause = async (ms: number): Promise<void> => {
    if (!hinted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        const stop = (): void => { look(); };
        look = () => { clearTimeout(timer); signal.removeEventListener('abort', stop); resolve(); };
        signal.addEventListener('abort', stop, { once: true });
      });
      look();
    }
    // A hint that comes while we look means another look.
    hinted = false;
    signal.throwIfAborted();
  };
  const askGateway = async <A extends z.ZodType>(query: Query<typeof pushState.request, A>): Promise<z.output<A>> => {
    for (;;) {
      try {
        return await askUntilAnswered(bus, query, { buildId }, signal);
      } catch (error) {
        // The gateway's own trouble passes, and the deploy goes on without us: we only have to ask again.
        if (!(error instanceof BusError) || error.code === 'NOT_FOUND') throw error;
        log.warn({ error, buildId, subject: query.subject }, 'the gateway failed to answer; asking again');
        await pause(RETRY_MS);
      }
    }
  };
  return {
    noteMoved: async () => { await askGateway(pushMoved); },
    wake: () => { hinted = true; look(); },
    until: async (isReached, onState) => {
      for (;;) {
        const state = await askGateway(pushState);
        onState(state);
        if (isReached(state)) return state;
        await pause(HEAL_MS);
      }
    },
  };
}
