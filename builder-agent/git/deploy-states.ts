import { askUntilAnswered, BusError } from '../../bus/ask.ts';
import type { Bus } from '../../bus/connect.ts';
import { pushState } from '../../bus/push.ts';
import type { DeployState } from '../../bus/push.ts';
import type { Logger } from '../../service/log.ts';

/** The rows of one deploy, looked at after each hint. */
export interface DeployStates {
  /** The first state that is as wanted; each one on the way is handed to `onState`. Rejects with the signal's reason, or `NOT_FOUND`: the deploy's app was deleted. */
  until(isReached: (state: DeployState) => boolean, onState: (state: DeployState) => void): Promise<DeployState>;
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
  const read = async (): Promise<DeployState> => {
    for (;;) {
      try {
        return await askUntilAnswered(bus, pushState, { buildId }, signal);
      } catch (error) {
        // The gateway's own trouble passes, and the deploy goes on without us: we only have to ask again.
        if (!(error instanceof BusError) || error.code === 'NOT_FOUND') throw error;
        log.warn({ error, buildId }, 'the state of a deploy could not be read; asking again');
        await pause(RETRY_MS);
      }
    }
  };
  return {
    wake: () => { hinted = true; look(); },
    until: async (isReached, onState) => {
      for (;;) {
        const state = await read();
        onState(state);
        if (isReached(state)) return state;
        await pause(HEAL_MS);
      }
    },
  };
}
