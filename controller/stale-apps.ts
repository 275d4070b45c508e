import type { Platform } from '../platform/platform.ts';

/** Finds the apps that are to be looked at though no message came: a few columns of each row tell, not all that there is of it. */
export interface StaleApps {
  /** Says what a look at the app, begun now, has seen of its rows. */
  markOf(appId: string): Promise<string | null>;
  /** A look at it ended well. */
  done(appId: string, mark: string | null): void;
  /** Those whose rows changed since, that are under way, or that nobody looked at for long. */
  find(): Promise<string[]>;
  all(): Promise<string[]>;
  /** Nobody has looked at any. */
  forget(): void;
}

interface AppMark { id: string; mark: string; isOpen: boolean }

export function createStaleApps({ db }: Platform, resyncMs: number): StaleApps {
  const seen = new Map<string, { mark: string | null; dueAt: number }>();

  return {
    markOf: async (appId) => {
      const rows = await db.$queryRaw<{ mark: string }[]>`SELECT version || '.' || "lastEvent" AS mark FROM "App" WHERE id = ${appId}::uuid`;
      return rows[0]?.mark ?? null;
    },
    done: (appId, mark) => {
      if (mark === null) seen.delete(appId);
      else seen.set(appId, { mark, dueAt: performance.now() + resyncMs * (0.75 + Math.random() / 2) });
    },
    find: async () => {
      const apps = await db.$queryRaw<AppMark[]>`
        SELECT id, version || '.' || "lastEvent" AS mark,
          "deletedAt" IS NOT NULL OR EXISTS (SELECT 1 FROM "Release" r WHERE r."appId" = "App".id AND r.status IN ('PENDING', 'ROLLING_OUT')) AS "isOpen"
        FROM "App"`;
      const now = performance.now();
      return apps.filter(({ id, mark, isOpen }) => {
        const known = seen.get(id);
        return isOpen || !known || known.mark !== mark || known.dueAt < now;
      }).map(({ id }) => id);
    },
    all: async () => (await db.app.findMany({ select: { id: true } })).map(({ id }) => id),
    forget: () => { seen.clear(); },
  };
}
