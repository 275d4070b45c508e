import { Kvm } from '@nats-io/kv';
import type { Bus } from './connect.ts';
import { route, ROUTES_BUCKET } from './route.ts';
import type { Route } from './route.ts';

/** The routes as their writer sees them. */
export interface RouteTable {
  /** The app's route and the revision it was written at. */
  get(appId: string): Promise<{ route: Route; revision: number } | null>;
  /** Answers the revision. */
  put(value: Route): Promise<number>;
  delete(appId: string): Promise<void>;
}

/** Opens the bucket, and makes it where NATS is new. */
export async function openRouteTable(bus: Bus): Promise<RouteTable> {
  const bucket = await new Kvm(bus.js).create(ROUTES_BUCKET, { history: 1, max_bytes: 64 * 1024 * 1024 });
  return {
    get: async (appId) => {
      const entry = await bucket.get(appId);
      return entry && entry.operation === 'PUT' ? { route: route.parse(entry.json()), revision: entry.revision } : null;
    },
    put: (value) => bucket.put(value.appId, JSON.stringify(value)),
    delete: (appId) => bucket.purge(appId),
  };
}

export interface RouteChange { appId: string; route: Route | null; revision: number }

/** Calls back with every route there is, then with each change, until the signal; throws when the watch breaks (start another) or the bucket is not there yet. */
export async function watchRoutes(bus: Bus, onChange: (change: RouteChange) => void, onCaughtUp: () => void, signal: AbortSignal): Promise<void> {
  const bucket = await new Kvm(bus.js).open(ROUTES_BUCKET);
  const status = await bucket.status();
  const watch = await bucket.watch();
  if (status.values === 0) onCaughtUp();
  signal.addEventListener('abort', () => { watch.stop(); }, { once: true });
  for await (const entry of watch) {
    const parsed = entry.operation === 'PUT' ? route.safeParse(entry.json()) : null;
    onChange({ appId: entry.key, route: parsed?.success ? parsed.data : null, revision: entry.revision });
    if (entry.delta === 0) onCaughtUp();
  }
}
