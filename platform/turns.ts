import type { Platform } from './platform.ts';

type Turns = Map<string, Promise<unknown>>;

const all = new WeakMap<Platform['db'], Turns>();

/**
 * Runs what has one key one after the other, in the order in which it came. Within a process only: a row's lock does the rest. Each who waits
 * for that holds a connection, and a crowd that changes one app would leave none for anybody else.
 */
export function inTurn<T>(db: Platform['db'], key: string, run: () => Promise<T>): Promise<T> {
  const turns: Turns = all.get(db) ?? new Map<string, Promise<unknown>>();
  all.set(db, turns);
  const begin = (): Promise<T> => run();
  const turn = turns.get(key)?.then(begin, begin) ?? begin();
  turns.set(key, turn);
  const over = (): void => { if (turns.get(key) === turn) turns.delete(key); };
  turn.then(over, over);
  return turn;
}
