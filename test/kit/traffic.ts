import type { Slipway } from './slipway.ts';

export interface Traffic {
  count: number;
  /** What answered other than 200, or did not answer. */
  failures: string[];
  stop(): Promise<void>;
}

/** Visitors that ask an app one request after the other, `visitors` at a time, until stopped. */
export function startTraffic(slipway: Slipway, app: string, visitors: number, { path = '/', pauseMs = 0 } = {}): Traffic {
  let going = true;
  const traffic: Traffic = { count: 0, failures: [], stop: async () => { going = false; await Promise.all(loops); } };
  const visit = async (): Promise<void> => {
    while (going) {
      try {
        const answer = await slipway.get(path, { app });
        if (answer.status !== 200) traffic.failures.push(`${answer.status}: ${answer.text.slice(0, 200)}`);
      } catch (error) {
        traffic.failures.push(String(error));
      }
      traffic.count++;
      if (pauseMs > 0) await new Promise((resolve) => { setTimeout(resolve, pauseMs); });
    }
  };
  const loops = Array.from({ length: visitors }, visit);
  return traffic;
}
