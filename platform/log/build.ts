import { NotFound } from '../user-error.ts';
import { isUuid, visibleApps } from '../access.ts';
import type { Actor } from '../access.ts';
import type { BuildLog, BuildLogStatus } from './read.ts';
import type { Platform } from '../platform.ts';

/** How long after its end a build's last lines may still come. */
const LAST_LINES_MS = 30_000;

/** A build whose log is read, and its app. */
export interface FoundBuildLog { appId: string; build: BuildLog }

/** The log of a build that the actor may see. Throws NotFound. */
export async function requireBuildLog(platform: Pick<Platform, 'db'>, actor: Actor, id: string): Promise<FoundBuildLog> {
  const [found] = await findBuildLogs(platform, actor, [id]);
  if (!found) throw new NotFound('build', id);
  return found;
}

/** The logs of builds, in their order; null: there is no such build, or not for the actor. One statement for all. */
export async function findBuildLogs({ db }: Pick<Platform, 'db'>, actor: Actor, ids: readonly string[]): Promise<(FoundBuildLog | null)[]> {
  const rows = await db.build.findMany({ where: { id: { in: ids.filter(isUuid) }, app: visibleApps(actor) }, select: { id: true, appId: true, queuedAt: true } });
  const found = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => {
    const row = found.get(id.toLowerCase());
    return row ? { appId: row.appId, build: { id: row.id, queuedAt: row.queuedAt, status: () => readStatus(db, row.id) } } : null;
  });
}

async function readStatus(db: Platform['db'], id: string): Promise<BuildLogStatus> {
  const row = await db.build.findUnique({ where: { id }, select: { startedAt: true, endedAt: true } });
  if (!row) return 'silent';
  if (!row.endedAt) return 'open';
  if (!row.startedAt) return 'silent';
  return Date.now() - row.endedAt.getTime() > LAST_LINES_MS ? 'lost' : 'open';
}
