/** Lets only so much be made as somebody takes away: what a slow reader has not read is not made yet. */
export interface Flow {
  /** Waits until there is room for one more. */
  take(): Promise<void>;
  /** One was taken away. */
  give(): void;
  /** Nobody waits any more. */
  end(): void;
}

const ROOM = 16;

export function createFlow(room = ROOM): Flow {
  let free = room;
  let waiting: (() => void)[] = [];
  return {
    take: async () => {
      if (free > 0) { free--; return; }
      await new Promise<void>((resolve) => { waiting.push(resolve); });
    },
    give: () => {
      const next = waiting.shift();
      if (next) next(); else free++;
    },
    end: () => {
      free = Infinity;
      for (const resolve of waiting) resolve();
      waiting = [];
    },
  };
}
