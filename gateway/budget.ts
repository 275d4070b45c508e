export interface Budget { remaining: number; resetAt: Date }

/** What each key may spend: a full purse that fills up again steadily. In memory: a restart fills all of them. */
export interface Purses {
  /** The most that a purse holds, and what flows into it within a minute. */
  capacity: number;
  /** Takes the cost if there is enough; `ok` false takes nothing. */
  spend(owner: string, cost: number): Budget & { ok: boolean };
}

/** @param capacity the most a purse holds; it fills from empty within a minute */
export function createPurses(capacity: number, now: () => number = Date.now): Purses {
  const perMs = capacity / 60_000;
  const purses = new Map<string, { held: number; at: number }>();
  const forgetFull = (time: number): void => {
    for (const [owner, purse] of purses) if (purse.held + (time - purse.at) * perMs >= capacity) purses.delete(owner);
  };
  return {
    capacity,
    spend: (owner, cost) => {
      const time = now();
      if (purses.size > 10_000) forgetFull(time);
      const purse = purses.get(owner) ?? { held: capacity, at: time };
      const held = Math.min(capacity, purse.held + (time - purse.at) * perMs);
      const ok = held >= cost;
      const left = ok ? held - cost : held;
      purses.set(owner, { held: left, at: time });
      return { ok, remaining: Math.floor(left), resetAt: new Date(time + Math.ceil((capacity - left) / perMs)) };
    },
  };
}
