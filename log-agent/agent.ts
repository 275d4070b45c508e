import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bus } from '../bus/connect.ts';
import { isBusAway, LogConflict, onConnection } from '../bus/log-store.ts';
import type { Logger } from '../service/log.ts';
import { nullIfMissing } from './log-file.ts';
import { readMeta } from './meta.ts';
import type { SourcePlace } from './meta.ts';
import { AppGone, createPublisher } from './publish.ts';
import { repeat } from './repeat.ts';
import { createSource } from './source.ts';
import type { Source } from './source.ts';
import { createTurns } from './turns.ts';
import { createWatches } from './watch.ts';
import type { Watches } from './watch.ts';

/** Everything is looked at this often, watched or not. */
const SCAN_MS = 5_000;
/** How long an ended source's files stay after its end was stored. */
const KEEP_ENDED_MS = 10 * 60 * 1000;

const KINDS = ['BUILD', 'APP', 'ROUTER'];

export interface LogAgentOptions { bus: Bus; dir: string; log: Logger }

export interface LogAgent { stop(): Promise<void> }

/** Sources by their directories. `gone`: the app is deleted. */
type Known = Map<string, Source | 'done' | 'gone'>;

/** Follows all sources under a directory into their apps' streams. Resolves when those that are there are followed. */
export async function startLogAgent({ bus, dir: root, log }: LogAgentOptions): Promise<LogAgent> {
  const known: Known = new Map();
  const dirs = new Map<Source, string>();
  const watches = createWatches();
  const settle = (source: Source, state: 'done' | 'gone'): void => {
    const dir = dirs.get(source) ?? '';
    dirs.delete(source);
    watches.unwatch(dir);
    known.set(dir, state);
  };
  const turns = createTurns({
    onDone: (source) => { settle(source, 'done'); },
    onError: (source, error) => {
      const isGone = error instanceof AppGone;
      if (isGone) settle(source, 'gone');
      else if (!isBusAway(bus, error) && !(error instanceof LogConflict)) log.error({ error, dir: dirs.get(source) }, 'a log source could not be read');
      return !isGone;
    },
  });
  const stopListening = onConnection(bus, (state) => { turns.hold(state === 'lost'); });

  async function follow(dir: string, place: SourcePlace): Promise<void> {
    const meta = await readMeta(dir, place).catch((error: unknown) => { log.warn({ error, dir }, 'a log source has no valid meta.json'); return null; });
    if (!meta) return;
    const source = createSource(dir, meta, createPublisher(bus, meta));
    known.set(dir, source);
    dirs.set(source, dir);
    watches.watch(dir, () => { turns.wake(source); });
    turns.wake(source);
  }

  const scanning = repeat(async () => {
    const places = await listSources(root, watches, scanning.soon);
    for (const [dir, place] of places) if (!known.has(dir)) await follow(dir, place);
    for (const source of dirs.keys()) { await source.savePosition(); turns.wake(source); }
    await forgetOld(known, places);
  }, SCAN_MS, (error) => { log.error({ error }, 'the log directory could not be read'); });

  await scanning.now();
  return {
    async stop() {
      watches.close();
      stopListening();
      await scanning.stop();
      await turns.stop();
      for (const source of dirs.keys()) { await source.savePosition(); await source.close(); }
    },
  };
}

/** The sources there are, by their directories. Each directory above them is watched from before it is read. */
async function listSources(root: string, watches: Watches, onChange: () => void): Promise<Map<string, SourcePlace>> {
  const list = async (dir: string): Promise<string[]> => {
    watches.watch(dir, onChange);
    const names = await readdir(dir).catch(nullIfMissing);
    if (!names) watches.unwatch(dir);
    return names ?? [];
  };
  const places = new Map<string, SourcePlace>();
  for (const appId of await list(root)) {
    for (const source of (await list(join(root, appId))).filter((name) => KINDS.includes(name))) {
      for (const sourceId of await list(join(root, appId, source))) places.set(join(root, appId, source, sourceId), { appId, source, sourceId });
    }
  }
  return places;
}

/** Forgets sources whose directories are gone, and removes those that ended long ago. */
async function forgetOld(known: Known, places: Map<string, SourcePlace>): Promise<void> {
  for (const [dir, state] of known) {
    if (typeof state !== 'string') continue;
    if (!places.has(dir)) known.delete(dir);
    else if (state === 'done') {
      const ended = await stat(join(dir, 'ended')).catch(nullIfMissing);
      if (ended && Date.now() - ended.mtimeMs > KEEP_ENDED_MS) await rm(dir, { recursive: true, force: true });
    }
  }
}
