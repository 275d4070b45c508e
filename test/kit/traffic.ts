import { inCluster } from './place.ts';
import type { Slipway } from './slipway.ts';

/** In a cluster what changes takes longer, and each request a longer way. */
const PAUSE_MS = inCluster ? 30 : 10;

export interface Traffic {
  count: number;
  /** What was not answered as it should be. */
  failures: string[];
  stop(): Promise<void>;
}

/** Visitors that ask an app one request after the other, `visitors` at a time, until stopped. They pause between two, as what is looked at is the app's change and not how much a machine can do. */
export function startTraffic(slipway: Slipway, app: string, visitors: number, { path = '/', pauseMs = PAUSE_MS } = {}): Traffic {
  return startAsking(visitors, pauseMs, async () => {
    const answer = await slipway.get(path, { app });
    if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.text.slice(0, 200)}`);
  });
}

/** Asks again and again, `visitors` at a time, until stopped; what is thrown is a failure. */
export function startAsking(visitors: number, pauseMs: number, ask: () => Promise<unknown>): Traffic {
  let going = true;
  const traffic: Traffic = { count: 0, failures: [], stop: async () => { going = false; await Promise.all(loops); } };
  const visit = async (): Promise<void> => {
    while (going) {
      await ask().catch((error: unknown) => { traffic.failures.push(`${new Date().toISOString()} ${String(error)}`); });
      traffic.count++;
      if (pauseMs > 0) await new Promise((resolve) => { setTimeout(resolve, pauseMs); });
    }
  };
  const loops = Array.from({ length: visitors }, visit);
  return traffic;
}
