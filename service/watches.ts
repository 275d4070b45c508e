import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';

export interface Watches {
  /** Calls back when an entry of the directory changes. Watching twice changes nothing; what can't be watched is found by the scan. */
  watch(dir: string, onChange: () => void): void;
  unwatch(dir: string): void;
  close(): void;
}

/** Watches directories, each by itself: the kernel's limit on watches then costs freshness, never lines. */
export function createWatches(): Watches {
  const watchers = new Map<string, FSWatcher>();
  const unwatch = (dir: string): void => {
    watchers.get(dir)?.close();
    watchers.delete(dir);
  };
  return {
    watch(dir, onChange) {
      if (watchers.has(dir)) return;
      try {
        const watcher = watch(dir, { persistent: false }, onChange);
        watcher.on('error', () => { unwatch(dir); onChange(); });
        watchers.set(dir, watcher);
      } catch { /* gone again, or no watches left: the scan looks there */ }
    },
    unwatch,
    close: () => { for (const dir of watchers.keys()) unwatch(dir); },
  };
}
