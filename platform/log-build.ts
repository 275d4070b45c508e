import { NotFound } from './user-error.ts';
import { isUuid, visibleApps } from './access.ts';
import type { Actor } from './access.ts';
import type { BuildLog, BuildLogStatus } from './log-read.ts';
import type { Platform } from './platform.ts';

/** How long after its end a build's last lines may still come. */
const LAST_LINES_MS = 30_000;

/** The log of a build that the actor may see. Throws NotFound. */
export async function requireBuildLog({ db }: Pick<Platform, 'db'>, actor: Actor, id: string): Promise<{ appId: string; build: BuildLog }> {
  const found = isUuid(id) ? await db.build.findFirst({ where: { id, app: visibleApps(actor) }, select: { appId: true, queuedAt: true } }) : null;
  if (!found) throw new NotFound('build', id);
  const status = async (): Promise<BuildLogStatus> => {
    const row = await db.build.findUnique({ where: { id }, select: { startedAt: true, endedAt: true } });
    if (!row) return 'silent';
    if (!row.endedAt) return 'open';
    if (!row.startedAt) return 'silent';
    return Date.now() - row.endedAt.getTime() > LAST_LINES_MS ? 'lost' : 'open';
  };
  return { appId: found.appId, build: { id, queuedAt: found.queuedAt, status } };
}
