import type { Route } from '../../bus/route.ts';
import { slugProcessTypes } from '../build/slug.ts';
import type { Platform } from '../platform.ts';
import { isAppName } from './app.ts';

export type IdleState = Exclude<Route['state'], 'up'>;

/** What an app is at when no replica of it answers, by its rows and in one statement; null: there is no app of this name. Whose it is does not matter: its address is public. */
export async function idleStateOf({ db }: Pick<Platform, 'db'>, name: string): Promise<IdleState | null> {
  const app = isAppName(name) ? await db.app.findFirst({
    where: { OR: [{ name }, { formerNames: { some: { name } } }] },
    select: {
      releases: { where: { status: { notIn: ['FAILED', 'SUPERSEDED'] } }, orderBy: { version: 'desc' }, take: 1, select: { slug: { select: { processTypes: true } } } },
      processes: { where: { type: 'web' }, select: { quantity: true } },
      replicas: { where: { process: 'web', endedAt: null }, select: { status: true, restarts: true } },
    },
  }) : null;
  if (!app) return null;
  const slug = app.releases[0]?.slug;
  if (!slug) return 'nothing-deployed';
  if (!slugProcessTypes(slug).some(({ type }) => type === 'web')) return 'no-web';
  if ((app.processes[0]?.quantity ?? 0) === 0) return 'scaled-to-zero';
  // Also while it is started again, for a moment, to crash once more.
  return app.replicas.some(({ status, restarts }) => status === 'BACKING_OFF' || (status === 'STARTING' && restarts > 0)) ? 'crashed' : 'starting';
}
