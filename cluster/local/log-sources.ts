import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../service/log.ts';
import { createWatches } from '../../service/watches.ts';
import type { LogSources, LogSourceFiles } from '../log-sources.ts';
import { readMeta } from './source-meta.ts';
import type { SourcePlace } from './source-meta.ts';

const KINDS = ['BUILD', 'APP', 'ROUTER'];
/** How long an ended source's files stay after its end was stored. */
const KEEP_ENDED_MS = 10 * 60 * 1000;

/** Sources as local-node and router write them: `<root>/<app>/<kind>/<source>/`, each with its meta.json. */
export function createLocalLogSources(root: string, log: Logger): LogSources {
  const watches = createWatches();
  const known = new Map<string, LogSourceFiles>();
  let onChange = (): void => undefined;

  /** Each directory above the sources is watched from before it is read. */
  const namesIn = async (dir: string): Promise<string[]> => {
    watches.watch(dir, () => { onChange(); });
    const names = await readdir(dir).catch(nullIfMissing);
    if (!names) watches.unwatch(dir);
    return names ?? [];
  };
  const listPlaces = async (): Promise<Map<string, SourcePlace>> => {
    const places = new Map<string, SourcePlace>();
    for (const appId of await namesIn(root)) {
      for (const source of (await namesIn(join(root, appId))).filter((name) => KINDS.includes(name))) {
        for (const sourceId of await namesIn(join(root, appId, source))) places.set(join(root, appId, source, sourceId), { appId, source, sourceId });
      }
    }
    return places;
  };
  const describe = async (dir: string, place: SourcePlace): Promise<LogSourceFiles | null> => {
    const meta = await readMeta(dir, place).catch((error: unknown) => { log.warn({ error, dir }, 'a log source has no valid meta.json'); return null; });
    return meta && { id: dir, content: { kind: 'source', meta: () => meta }, dirs: () => [dir], positionFile: join(dir, 'position.json'), state: () => stateOf(dir) };
  };
  return {
    list: async () => {
      const places = await listPlaces();
      for (const dir of known.keys()) if (!places.has(dir)) known.delete(dir);
      for (const [dir, place] of places) {
        const source = known.get(dir) ?? await describe(dir, place);
        if (source) known.set(dir, source);
      }
      return [...known.values()];
    },
    watch: (callback) => { onChange = callback; },
    forget: async ({ id: dir }) => {
      const ended = await stat(join(dir, 'ended')).catch(nullIfMissing);
      if (ended && Date.now() - ended.mtimeMs > KEEP_ENDED_MS) await rm(dir, { recursive: true, force: true });
    },
    close: () => { watches.close(); },
  };
}

async function stateOf(dir: string): Promise<'live' | 'ended' | 'lost'> {
  if (await stat(join(dir, 'ended')).catch(nullIfMissing)) return 'ended';
  return await stat(dir).catch(nullIfMissing) ? 'live' : 'lost';
}

function nullIfMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
  throw error;
}
