import type { Platform } from '../platform.ts';

/** What an app's ledger says of one key: a release with which it was set to something else, or taken away. */
export interface ConfigKeyChange {
  appId: string;
  releaseId: string;
  version: number;
  /** Null: with this release the key was gone. */
  digest: string | null;
  sealed: boolean;
  setAt: Date;
  /** Null: the platform, or somebody who is gone. */
  setById: string | null;
}

/** A page of one key's history. */
export interface ConfigHistoryPage {
  appId: string;
  key: string;
  /** Only of releases before this one; null: from the newest. */
  before: number | null;
  take: number;
}

/**
 * The changes of each page, newest first; any number of pages and any length of a ledger are one statement. A rollback to another value is
 * a change, with the time and person of the value it went back to.
 */
export async function readConfigHistory({ db }: Pick<Platform, 'db'>, pages: readonly ConfigHistoryPage[]): Promise<ConfigKeyChange[][]> {
  const wanted = JSON.stringify(pages.map((page, index) => ({ ...page, index })));
  const rows = await db.$queryRaw<(ConfigKeyChange & { index: number })[]>`
    SELECT wanted.index, change.* FROM jsonb_to_recordset(${wanted}::jsonb) AS wanted(index int, "appId" uuid, key text, before int, take int)
    CROSS JOIN LATERAL (
      SELECT "appId", "releaseId", version, digest, sealed, "setAt", "setById" FROM (
        SELECT release."appId", release.id AS "releaseId", release.version, entry.digest, coalesce(entry.sealed, false) AS sealed,
          coalesce(entry."setAt", release."createdAt") AS "setAt",
          CASE WHEN entry.key IS NULL THEN release."createdById" ELSE entry."setById" END AS "setById",
          lag(entry.digest) OVER (ORDER BY release.version) AS "digestBefore"
        FROM "Release" release LEFT JOIN "ConfigEntry" entry ON entry."configId" = release."configId" AND entry.key = wanted.key
        WHERE release."appId" = wanted."appId"
      ) ledger
      WHERE digest IS DISTINCT FROM "digestBefore" AND (wanted.before IS NULL OR version < wanted.before)
      ORDER BY version DESC LIMIT wanted.take
    ) change
    ORDER BY wanted.index, change.version DESC`;
  return pages.map((_page, index) => rows.filter((row) => row.index === index));
}
