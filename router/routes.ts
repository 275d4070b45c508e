import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { Bus } from '../bus/connect.ts';
import { route } from '../bus/route.ts';
import type { Route } from '../bus/route.ts';
import { watchRoutes } from '../bus/route-table.ts';
import type { Logger } from '../service/log.ts';

/** The routes this router goes by: what it was told last, whether or not the teller is there now. */
export interface Routes {
  byName(app: string): Route | undefined;
  byHost(host: string): Route | undefined;
  /** Resolves when the routes of this revision of the bucket, or a later one, are in force. */
  reached(revision: number): Promise<number>;
  /** Resolves at the app's next change, or when the signal comes. */
  changed(appId: string, signal: AbortSignal): Promise<void>;
}

export interface RoutesOptions { bus: Bus; file: string; log: Logger; signal: AbortSignal; onApplied(): void }

const saved = z.object({ routes: z.array(route) });
/** A bucket that is not there yet, or a watch that broke: another try. */
const AGAIN_MS = 500;

/** Follows the bucket of routes; serves by the file of the last run until it is caught up. */
export function followRoutes({ bus, file, log, signal, onApplied }: RoutesOptions): Routes {
  const apps = new Map<string, Route>();
  const names = new Map<string, Route>();
  const hosts = new Map<string, Route>();
  let revision = 0;
  let stale = new Set<string>();
  const waiters = new Set<() => void>();

  const drop = (appId: string): void => {
    const old = apps.get(appId);
    if (!old) return;
    apps.delete(appId);
    if (names.get(old.appName) === old) names.delete(old.appName);
    for (const host of old.hosts) if (hosts.get(host) === old) hosts.delete(host);
  };
  const set = (value: Route): void => {
    drop(value.appId);
    apps.set(value.appId, value);
    names.set(value.appName, value);
    for (const host of value.hosts) hosts.set(host, value);
  };
  for (const value of load(file, log)) { set(value); stale.add(value.appId); }

  const save = throttle(() => {
    writeFileSync(`${file}.new`, JSON.stringify({ routes: [...apps.values()] }), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  });
  const wakeAll = (): void => { for (const wake of waiters) wake(); };
  const follow = async (): Promise<void> => {
    while (!signal.aborted) {
      const seen = new Set<string>();
      await watchRoutes(bus, (change) => {
        seen.add(change.appId);
        if (change.route) set(change.route); else drop(change.appId);
        revision = Math.max(revision, change.revision);
        onApplied();
        wakeAll();
        save();
      }, () => {
        // What the file knew and the bucket does not is gone.
        for (const appId of stale) if (!seen.has(appId)) drop(appId);
        stale = new Set();
      }, signal).catch((error: unknown) => { log.debug({ error }, 'the routes cannot be watched yet'); });
      if (!signal.aborted) await new Promise((resolve) => { setTimeout(resolve, AGAIN_MS); });
    }
  };
  void follow();
  return {
    byName: (app) => names.get(app),
    byHost: (host) => hosts.get(host),
    reached: (wanted) => new Promise((resolve) => {
      const look = (): void => { if (revision >= wanted) { waiters.delete(look); resolve(revision); } };
      waiters.add(look);
      look();
    }),
    changed: (appId, until) => new Promise((resolve) => {
      const before = apps.get(appId);
      const look = (): void => { if (until.aborted || apps.get(appId) !== before) { waiters.delete(look); until.removeEventListener('abort', look); resolve(); } };
      waiters.add(look);
      until.addEventListener('abort', look);
      look();
    }),
  };
}

function load(file: string, log: Logger): Route[] {
  try {
    return saved.parse(JSON.parse(readFileSync(file, 'utf8'))).routes;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) log.warn({ error, file }, 'the routes of the last run cannot be read');
    return [];
  }
}

/** At most one write at a time of the loop, however many changes came. */
function throttle(run: () => void): () => void {
  let pending = false;
  return () => {
    if (pending) return;
    pending = true;
    setImmediate(() => { pending = false; run(); });
  };
}
