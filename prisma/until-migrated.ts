import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from '../service/log.ts';
import { readMigrations } from './migrate.ts';

const LOOK_MS = 1_000;

/** Waits until the database has every migration of this version: who applies them may be a process that starts at the same time. Newer ones do not matter. */
export async function untilMigrated(url: string, log: Logger, signal: AbortSignal): Promise<void> {
  const wanted = readMigrations().map(({ name }) => name);
  for (let told = ''; ; await pause(LOOK_MS, undefined, { signal })) {
    const problem = await missing(url, wanted).then((names) => (names.length === 0 ? null : `it lacks the migration ${names[0]}`), (error: unknown) => (error instanceof Error ? error.message : String(error)));
    if (problem === null) return;
    if (problem !== told) log.info({ problem }, 'waiting for the database');
    told = problem;
  }
}

async function missing(url: string, wanted: string[]): Promise<string[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    const { rows } = await client.query<{ migration_name: string }>('SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL');
    const applied = new Set(rows.map((row) => row.migration_name));
    return wanted.filter((name) => !applied.has(name));
  } finally {
    await client.end().catch(() => undefined);
  }
}
