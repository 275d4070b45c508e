/** Places of which there are so many: who finds none free waits, in the order in which they came. */
export interface Slots {
  take(): Promise<void>;
  give(): void;
  /** How many wait. */
  waiting(): number;
  /** Nobody waits any more, now or later. */
  end(): void;
}

export function createSlots(size: number): Slots {
  let free = size;
  let waiting: (() => void)[] = [];
  return {
    take: async () => {
      if (free > 0) { free--; return; }
      await new Promise<void>((resolve) => { waiting.push(resolve); });
    },
    give: () => {
      // Who waits takes over this place.
      const next = waiting.shift();
      if (next) next(); else free++;
    },
    waiting: () => waiting.length,
    end: () => {
      free = Infinity;
      for (const resolve of waiting) resolve();
      waiting = [];
    },
  };
}

/** Does the work in a slot, which is free again when the work has ended, well or not. */
export async function inSlot<T>(slots: Slots, work: () => Promise<T>): Promise<T> {
  await slots.take();
  try { return await work(); } finally { slots.give(); }
}
