import type { Bus } from '../bus/connect.ts';
import { isBusAway, LogConflict, onConnection } from '../bus/log-store.ts';
import type { LogSourceFiles, LogSources } from '../cluster/log-sources.ts';
import type { Logger } from '../service/log.ts';
import { createWatches } from '../service/watches.ts';
import { createAccessSource } from './access-source.ts';
import { AppGone, createPublisher } from './publish.ts';
import { repeat } from './repeat.ts';
import { createSource } from './source.ts';
import type { Source } from './source.ts';
import { createTurns } from './turns.ts';

/** Everything is looked at this often, watched or not. */
const SCAN_MS = 5_000;

export interface LogAgentOptions { bus: Bus; sources: LogSources; log: Logger }

export interface LogAgent { stop(): Promise<void> }

/** Sources by their ids: one that is followed, or how it ended. `gone`: its app is deleted. */
type Known = Map<string, { files: LogSourceFiles; source: Source } | 'done' | 'gone'>;

/** Follows all sources of this node into their apps' streams. Resolves when those that are there are followed. */
export async function startLogAgent({ bus, sources, log }: LogAgentOptions): Promise<LogAgent> {
  const known: Known = new Map();
  const followed = new Map<Source, LogSourceFiles>();
  const watches = createWatches();
  const settle = (source: Source, state: 'done' | 'gone'): void => {
    const files = followed.get(source);
    if (!files) return;
    followed.delete(source);
    for (const dir of files.dirs()) watches.unwatch(dir);
    known.set(files.id, state);
  };
  const turns = createTurns({
    onDone: (source) => { settle(source, 'done'); },
    onError: (source, error) => {
      const isGone = error instanceof AppGone;
      if (isGone) settle(source, 'gone');
      else if (!isBusAway(bus, error) && !(error instanceof LogConflict)) log.error({ error, source: followed.get(source)?.id }, 'a log source could not be read');
      return !isGone;
    },
  });
  const stopListening = onConnection(bus, (state) => { turns.hold(state === 'lost'); });

  const follow = (files: LogSourceFiles): void => {
    const source = openSource(bus, files);
    known.set(files.id, { files, source });
    followed.set(source, files);
  };
  const scanning = repeat(async () => {
    const found = await sources.list();
    for (const files of found) {
      const state = known.get(files.id);
      if (state === undefined) follow(files);
      else if (state === 'done') await sources.forget(files);
    }
    for (const [source, files] of followed) {
      for (const dir of files.dirs()) watches.watch(dir, () => { turns.wake(source); });
      await source.savePosition();
      turns.wake(source);
    }
    const ids = new Set(found.map(({ id }) => id));
    for (const [id, state] of known) if (typeof state === 'string' && !ids.has(id)) known.delete(id);
  }, SCAN_MS, (error) => { log.error({ error }, 'the log sources could not be listed'); });

  sources.watch(() => { scanning.soon(); });
  await scanning.now();
  return {
    async stop() {
      sources.close();
      watches.close();
      stopListening();
      await scanning.stop();
      await turns.stop();
      for (const source of followed.keys()) { await source.savePosition(); await source.close(); }
    },
  };
}

function openSource(bus: Bus, files: LogSourceFiles): Source {
  const { content } = files;
  if (content.kind === 'access-log') return createAccessSource(bus, files, content);
  return createSource(files, content, createPublisher(bus, content.meta()));
}
