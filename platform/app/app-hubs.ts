import { outsideTrace } from '../../service/trace-context.ts';

/** What readers of an app share in this process: opened for an app's first reader (and in nobody's trace), closed with its last. */
export interface AppHubs<T> {
  /** The app's hub, opened if it is not; `release` when it is not needed any more. Throws what opening throws; the next one tries again. */
  hold(appId: string): Promise<{ hub: T; release(): void }>;
  /** The app's hub where somebody reads it. */
  held(appId: string): Promise<T> | undefined;
  /** How many are open. */
  size(): number;
}

export function createAppHubs<T extends { close(): void }>(openHub: (appId: string) => Promise<T>): AppHubs<T> {
  const open = new Map<string, { hub: Promise<T>; readers: number }>();
  return {
    async hold(appId) {
      const entry = open.get(appId) ?? { hub: outsideTrace(() => openHub(appId)), readers: 0 };
      open.set(appId, entry);
      entry.readers++;
      let released = false;
      const release = (): void => {
        if (released) return;
        released = true;
        entry.readers--;
        if (entry.readers > 0) return;
        if (open.get(appId) === entry) open.delete(appId);
        entry.hub.then((hub) => { hub.close(); }, () => undefined);
      };
      try {
        return { hub: await entry.hub, release };
      } catch (error) {
        // Whoever comes now opens another, though others have yet to let go of this one.
        if (open.get(appId) === entry) open.delete(appId);
        release();
        throw error;
      }
    },
    held: (appId) => open.get(appId)?.hub,
    size: () => open.size,
  };
}
