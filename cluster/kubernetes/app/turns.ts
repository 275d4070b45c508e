/** Each app's turn to be looked at though nothing was heard of it. */
export interface Turns {
  add(appId: string): void;
  remove(appId: string): void;
  close(): void;
}

export interface TurnTiming {
  /** Every app has its turn within this time… */
  roundMs: number;
  /** …but where they are many, turns are no closer together than this: what they cost has a bound, and the round is longer. */
  apartMs: number;
}

/** Few apps are looked at every ten minutes; 10,000 of them, one each second, every three hours. */
export const turnTiming: TurnTiming = { roundMs: 600_000, apartMs: 1_000 };

/** Turns one after the other, evenly spread, for as long as there are apps. */
export function createTurns(onTurn: (appId: string) => void, { roundMs, apartMs }: TurnTiming = turnTiming): Turns {
  /** Whose turn is next comes first. */
  const order = new Set<string>();
  let saved = 0;
  const timer = setInterval(() => {
    saved = order.size === 0 ? 0 : saved + Math.min(order.size * apartMs, roundMs);
    if (saved < roundMs) return;
    saved -= roundMs;
    const [appId] = order;
    if (appId === undefined) return;
    order.delete(appId);
    order.add(appId);
    onTurn(appId);
  }, apartMs);
  timer.unref();
  return {
    add: (appId) => { order.add(appId); },
    remove: (appId) => { order.delete(appId); },
    close: () => { clearInterval(timer); },
  };
}
