interface Running<T> { now: Promise<T>; next: Promise<T> | null }

/**
 * Makes a read that many ask for at once, by one key, twice at most: the first asks, and all who ask while it is under way share the next one,
 * which begins after it and so sees whatever was there when they asked.
 */
export function shareReads<T>(read: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const running = new Map<string, Running<T>>();
  const begin = (key: string): Promise<T> => {
    const entry: Running<T> = { now: read(key), next: null };
    running.set(key, entry);
    const over = (): void => { if (running.get(key) === entry && !entry.next) running.delete(key); };
    entry.now.then(over, over);
    return entry.now;
  };
  return (key) => {
    const entry = running.get(key);
    if (!entry) return begin(key);
    const again = (): Promise<T> => begin(key);
    return entry.next ??= entry.now.then(again, again);
  };
}
