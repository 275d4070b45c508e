import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bus } from '../bus/connect.ts';
import { isBusAway, LogConflict, onConnection } from '../bus/log-store.ts';
import type { Logger } from '../service/log.ts';
import { nullIfMissing } from './log-file.ts';
import { readMeta } from './meta.ts';
import type { SourcePlace } from './meta.ts';
import { AppGone, createPublisher } from './publish.ts';
import { createSource } from './source.ts';
import type { Source } from './source.ts';
import { createTurns } from './turns.ts';
import { createWatches } from './watch.ts';

/** Everything is looked at this often, watched or not. */
const SCAN_MS = 5_000;
/** Changes of directories are gathered before they are looked at. */
const SETTLE_MS = 10;
/** How long an ended source's files stay after its end was stored. */
const KEEP_ENDED_MS = 10 * 60 * 1000;

const KINDS = ['BUILD', 'APP', 'ROUTER'];

export interface LogAgentOptions { bus: Bus; dir: string; log: Logger }

export interface LogAgent { stop(): Promise<void> }

/** What is known of a source's directory. `gone`: its app is deleted. */
type Known = { state: 'followed'; source: Source } | { state: 'done' } | { state: 'gone' };

/** Follows all sources under a directory into their apps' streams. Resolves when those that are there are followed. */
export async function startLogAgent({ bus, dir: root, log }: LogAgentOptions): Promise<LogAgent> {
  const known = new Map<string, Known>();
  const dirs = new Map<Source, string>();
  const watches = createWatches();
  const turns = createTurns({
    onDone: (source) => { settle(source, 'done'); },
    onError: (source, error) => {
      const gone = error instanceof AppGone;
      if (gone) settle(source, 'gone');
      else if (!isBusAway(bus, error) && !(error instanceof LogConflict)) log.error({ error, dir: dirs.get(source) }, 'a log source could not be read');
      return !gone;
    },
  });

  const stopListening = onConnection(bus, (state) => { turns.hold(state === 'lost'); });

  function settle(source: Source, state: 'done' | 'gone'): void {
    const dir = dirs.get(source);
    if (dir === undefined) return;
    dirs.delete(source);
    watches.unwatch(dir);
    known.set(dir, { state });
  }

  async function follow(dir: string, place: SourcePlace): Promise<void> {
    const meta = await readMeta(dir, place).catch((error: unknown) => { log.warn({ error, dir }, 'a log source has no valid meta.json'); return null; });
    if (!meta || known.has(dir)) return;
    const source = createSource(dir, meta, createPublisher(bus, meta));
    known.set(dir, { state: 'followed', source });
    dirs.set(source, dir);
    watches.watch(dir, () => { turns.wake(source); });
    turns.wake(source);
  }

  /** The directory's entries; it is watched from before they are read. */
  async function list(dir: string): Promise<string[]> {
    watches.watch(dir, scanSoon);
    const names = await readdir(dir).catch(nullIfMissing);
    if (!names) watches.unwatch(dir);
    return names ?? [];
  }

  async function scan(): Promise<void> {
    const seen = new Set<string>();
    for (const appId of await list(root)) {
      for (const kind of (await list(join(root, appId))).filter((name) => KINDS.includes(name))) {
        for (const sourceId of await list(join(root, appId, kind))) {
          const dir = join(root, appId, kind, sourceId);
          seen.add(dir);
          if (!known.has(dir)) await follow(dir, { appId, source: kind, sourceId });
        }
      }
    }
    for (const [dir, entry] of known) {
      if (entry.state === 'followed') { await entry.source.savePosition(); turns.wake(entry.source); } else if (!seen.has(dir)) known.delete(dir);
      else if (entry.state === 'done') await removeOld(dir);
    }
  }

  let scanning: Promise<void> | undefined;
  let again = false;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const scanNow = (): Promise<void> => {
    if (scanning) { again = true; return scanning; }
    again = false;
    scanning = scan().catch((error: unknown) => { log.error({ error }, 'the log directory could not be read'); }).finally(() => {
      scanning = undefined;
      if (again && !stopped) scanSoon();
    });
    return scanning;
  };
  function scanSoon(): void { if (!stopped) timer ??= setTimeout(() => { timer = undefined; void scanNow(); }, SETTLE_MS); }

  await scanNow();
  const regular = setInterval(() => { void scanNow(); }, SCAN_MS);
  return {
    async stop() {
      stopped = true;
      clearInterval(regular);
      clearTimeout(timer);
      watches.close();
      stopListening();
      await scanning;
      await turns.stop();
      for (const source of dirs.keys()) { await source.savePosition(); await source.close(); }
    },
  };
}

async function removeOld(dir: string): Promise<void> {
  const ended = await stat(join(dir, 'ended')).catch(nullIfMissing);
  if (ended && Date.now() - ended.mtimeMs > KEEP_ENDED_MS) await rm(dir, { recursive: true, force: true });
}
