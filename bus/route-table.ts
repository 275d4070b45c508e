import { Kvm } from '@nats-io/kv';
import type { KV } from '@nats-io/kv';
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

/** Opens the bucket, and makes it where NATS is new, or has lost its data since. */
export async function openRouteTable(bus: Bus): Promise<RouteTable> {
  const open = (): Promise<KV> => new Kvm(bus.js).create(ROUTES_BUCKET, { history: 1, max_bytes: 64 * 1024 * 1024 });
  let bucket = await open();
  const withBucket = async <T>(use: () => Promise<T>): Promise<T> => {
    try {
      return await use();
    } catch (error) {
      // A bucket that is gone answers nothing: only opening it tells. Where NATS itself is away, the first error is the one to be told.
      bucket = await open().catch(() => { throw error; });
      return use();
    }
  };
  return {
    get: (appId) => withBucket(async () => {
      const entry = await bucket.get(appId);
      return entry && entry.operation === 'PUT' ? { route: route.parse(entry.json()), revision: entry.revision } : null;
    }),
    put: (value) => withBucket(() => bucket.put(value.appId, JSON.stringify(value))),
    delete: (appId) => withBucket(() => bucket.purge(appId)),
  };
}

export interface RouteChange { appId: string; route: Route | null; revision: number }

export interface RouteWatch {
  onChange(change: RouteChange): void;
  /** Every route that there was has been told. `bucket`: when it was made; another one knows only what was written since NATS lost its data. */
  onCaughtUp(bucket: string): void;
}

/** Tells every route there is, then each change, until the signal; throws when the watch breaks (start another) or the bucket is not there yet. */
export async function watchRoutes(bus: Bus, { onChange, onCaughtUp }: RouteWatch, signal: AbortSignal): Promise<void> {
  const bucket = await new Kvm(bus.js).open(ROUTES_BUCKET);
  const { values, streamInfo: { created } } = await bucket.status();
  const watch = await bucket.watch();
  if (values === 0) onCaughtUp(created);
  if (signal.aborted) watch.stop();
  signal.addEventListener('abort', () => { watch.stop(); }, { once: true });
  for await (const entry of watch) {
    const parsed = entry.operation === 'PUT' ? route.safeParse(entry.json()) : null;
    onChange({ appId: entry.key, route: parsed?.success ? parsed.data : null, revision: entry.revision });
    if (entry.delta === 0) onCaughtUp(created);
  }
}
