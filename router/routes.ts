import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { Bus } from '../bus/connect.ts';
import { route } from '../bus/route.ts';
import type { Route } from '../bus/route.ts';
import { onConnection } from '../bus/log-store.ts';
import { watchRoutes } from '../bus/route-table.ts';
import type { RouteChange } from '../bus/route-table.ts';
import type { Logger } from '../service/log.ts';

/** The routes this router goes by: what it was told last, whether or not the teller is there now. */
export interface Routes {
  byId(appId: string): Route | undefined;
  byName(app: string): Route | undefined;
  byHost(host: string): Route | undefined;
  /** Whether any route leads to this replica. */
  hasReplica(id: string): boolean;
  /** Resolves when the routes of this revision of the bucket, or a later one, are in force, or when the signal comes; with the revision that is. */
  reached(revision: number, signal: AbortSignal): Promise<number>;
  /** Resolves when this is not the app's route any more, or when the signal comes. */
  changed(route: Route, signal: AbortSignal): Promise<void>;
}

export interface RoutesOptions { bus: Bus; file: string; log: Logger; signal: AbortSignal; onApplied(): void }

/** `bucket`: when the bucket that all of these are known from was made. */
const saved = z.object({ bucket: z.string().nullable().default(null), routes: z.array(route) });
type Saved = z.infer<typeof saved>;
/** A bucket that is not there yet, or a watch that broke: another try. */
const AGAIN_MS = 500;
/** When NATS has lost its data, the controller writes every route again within its next sweep: so long the old ones are believed. */
const BELIEVE_MS = 60_000;

/** Follows the bucket of routes; serves by the file of the last run until it is caught up. */
export function followRoutes({ bus, file, log, signal, onApplied }: RoutesOptions): Routes {
  const apps = new Map<string, Route>();
  const names = new Map<string, Route>();
  const hosts = new Map<string, Route>();
  let revision = 0;
  const waiters = new Set<() => void>();

  const drop = (appId: string): void => {
    const old = apps.get(appId);
    if (!old) return;
    apps.delete(appId);
    for (const name of [old.appName, ...old.formerNames]) if (names.get(name) === old) names.delete(name);
    for (const host of old.hosts) if (hosts.get(host) === old) hosts.delete(host);
  };
  const set = (value: Route): void => {
    drop(value.appId);
    apps.set(value.appId, value);
    for (const name of [value.appName, ...value.formerNames]) names.set(name, value);
    for (const host of value.hosts) hosts.set(host, value);
  };
  const { bucket: lastBucket, routes: lastRoutes } = load(file, log);
  let bucket = lastBucket;
  for (const value of lastRoutes) set(value);

  const save = throttle(() => {
    try {
      writeFileSync(`${file}.new`, JSON.stringify({ bucket, routes: [...apps.values()] } satisfies Saved), { mode: 0o600 });
      renameSync(`${file}.new`, file);
    } catch (error) { log.warn({ error, file }, 'the routes cannot be kept for the next start'); }
  });
  /** Resolves when the condition holds or the signal comes. */
  const when = (holds: () => boolean, until: AbortSignal): Promise<void> => new Promise((resolve) => {
    const look = (): void => {
      if (!until.aborted && !holds()) return;
      waiters.delete(look);
      until.removeEventListener('abort', look);
      resolve();
    };
    waiters.add(look);
    until.addEventListener('abort', look);
    look();
  });
  const take = (change: RouteChange): void => {
    if (change.route) set(change.route); else drop(change.appId);
    revision = Math.max(revision, change.revision);
    onApplied();
    for (const look of waiters) look();
    save();
  };
  /** One watch: until the signal comes, it breaks, or NATS is away, which may come back with another bucket, that counts from 1 again. */
  const follow = async (): Promise<void> => {
    const told = new Set<string>();
    const before = [...apps.keys()];
    const away = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    revision = 0;
    const stopListening = onConnection(bus, (state) => { if (state === 'lost') { revision = 0; away.abort(); } });
    const onChange = (change: RouteChange): void => { told.add(change.appId); take(change); };
    const onCaughtUp = (now: string): void => {
      // What we knew from before and the bucket does not is gone.
      const forget = (): void => {
        for (const appId of before) if (!told.has(appId)) drop(appId);
        bucket = now;
        save();
      };
      if (bucket === null || bucket === now) forget(); else timer = setTimeout(forget, BELIEVE_MS);
    };
    await watchRoutes(bus, { onChange, onCaughtUp }, AbortSignal.any([signal, away.signal])).catch((error: unknown) => { log.debug({ error }, 'the routes cannot be watched yet'); });
    stopListening();
    clearTimeout(timer);
  };
  void (async () => {
    while (!signal.aborted) {
      await follow();
      if (!signal.aborted) await new Promise((resolve) => { setTimeout(resolve, AGAIN_MS); });
    }
  })();
  return {
    byId: (appId) => apps.get(appId),
    byName: (app) => names.get(app),
    byHost: (host) => hosts.get(host),
    hasReplica: (id) => apps.values().some(({ replicas }) => replicas.some((replica) => replica.id === id)),
    reached: async (wanted, until) => { await when(() => revision >= wanted, until); return revision; },
    changed: (before, until) => when(() => apps.get(before.appId) !== before, until),
  };
}

function load(file: string, log: Logger): Saved {
  try {
    return saved.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) log.warn({ error, file }, 'the routes of the last run cannot be read');
    return { bucket: null, routes: [] };
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
