import type { Platform } from '../platform/platform.ts';

/** Notices that somebody lost their place on an app, also where nobody said so. */
export interface Seats {
  /** Those of these users who had a role on an app at the last look, and have none now though the app is there. */
  lost(userIds: ReadonlySet<string>): Promise<Set<string>>;
}

export function watchSeats({ db }: Pick<Platform, 'db'>): Seats {
  let before = new Map<string, Set<string>>();
  return {
    lost: async (userIds) => {
      const rows = userIds.size === 0 ? [] : await db.permission.findMany({ where: { userId: { in: [...userIds] } }, select: { userId: true, appId: true } });
      const now = new Map([...userIds].map((userId) => [userId, new Set<string>()]));
      for (const { userId, appId } of rows) now.get(userId)?.add(appId);
      const gone = [...now].flatMap(([userId, apps]) => [...before.get(userId) ?? []].filter((appId) => !apps.has(appId)).map((appId) => ({ userId, appId })));
      before = now;
      if (gone.length === 0) return new Set();
      // A deleted app ends what follows it by its own last event, and who took it over has more rights than before.
      const apps = await db.app.findMany({ where: { id: { in: gone.map(({ appId }) => appId) }, deletedAt: null }, select: { id: true, ownerId: true } });
      return new Set(gone.filter(({ userId, appId }) => apps.some(({ id, ownerId }) => id === appId && ownerId !== userId)).map(({ userId }) => userId));
    },
  };
}
