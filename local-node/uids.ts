/** Users of a block: the first hundred are the platform's own, then two an app, one to run as and one to build as. */
const FIRST_APP = 100;
/** After those of PostgreSQL and NATS. */
const UNPACKER = 2;

export interface Uids {
  /** Undefined: the platform is not root, and all is its own user. */
  of(appId: string, use: 'run' | 'build'): number | undefined;
  /** Unpacks slugs, and runs nothing of any app. */
  unpacker: number | undefined;
  forget(appId: string): void;
  /** App id → its number; kept with the node's state. */
  numbers: Record<string, number>;
}

/** @param base the first user of the block; undefined: no users of their own */
export function createUids(base: number | undefined, numbers: Record<string, number>, onChange: () => void): Uids {
  return {
    numbers, unpacker: base === undefined ? undefined : base + UNPACKER,
    of: (appId, use) => {
      if (base === undefined) return undefined;
      let number = numbers[appId];
      if (number === undefined) {
        const taken = new Set(Object.values(numbers));
        number = 0;
        while (taken.has(number)) number++;
        numbers[appId] = number;
        onChange();
      }
      return base + FIRST_APP + 2 * number + (use === 'build' ? 1 : 0);
    },
    forget: (appId) => { delete numbers[appId]; onChange(); },
  };
}

/** How many programs of ours each user has: when the last has ended, whatever that user still runs has escaped from one, and is ended too. */
export interface Users {
  enter(uid: number | undefined): void;
  /** True: it was the last. */
  leave(uid: number | undefined): boolean;
}

export function createUsers(): Users {
  const counts = new Map<number, number>();
  return {
    enter: (uid) => { if (uid !== undefined) counts.set(uid, (counts.get(uid) ?? 0) + 1); },
    leave: (uid) => {
      if (uid === undefined) return false;
      const left = (counts.get(uid) ?? 1) - 1;
      if (left > 0) counts.set(uid, left); else counts.delete(uid);
      return left === 0;
    },
  };
}
