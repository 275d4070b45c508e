import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

/** Prisma's own advisory lock: two starts, or a start and `prisma migrate deploy`, take turns. */
const LOCK = 72707369;
const MIGRATIONS = fileURLToPath(new URL('./migrations', import.meta.url));

const TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ, started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)`;

interface Row { migration_name: string; checksum: string; finished_at: Date | null; rolled_back_at: Date | null }

/** Applies the migrations that are not applied yet and keeps `_prisma_migrations` as Prisma does; answers their names. */
export async function migrate(url: string, dir = MIGRATIONS): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
    await client.query(TABLE);
    const { rows } = await client.query<Row>('SELECT migration_name, checksum, finished_at, rolled_back_at FROM _prisma_migrations');
    const failed = rows.find((row) => !row.finished_at && !row.rolled_back_at);
    if (failed) throw new Error(`Migration ${failed.migration_name} failed earlier; mend the database, then run "prisma migrate resolve".`);
    const done = new Map(rows.filter((row) => !row.rolled_back_at).map((row) => [row.migration_name, row.checksum]));
    const applied: string[] = [];
    for (const migration of readMigrations(dir)) {
      if (await applyOne(client, migration, done)) applied.push(migration.name);
    }
    return applied;
  } finally {
    await client.end();
  }
}

interface Migration { name: string; sql: string }

/** The migrations of this version, in their order. */
export function readMigrations(dir = MIGRATIONS): Migration[] {
  const fileOf = (name: string): string => `${dir}/${name}/migration.sql`;
  return readdirSync(dir).sort().filter((name) => existsSync(fileOf(name))).map((name) => ({ name, sql: readFileSync(fileOf(name), 'utf8') }));
}

async function applyOne(client: pg.Client, { name, sql }: Migration, done: Map<string, string>): Promise<boolean> {
  const checksum = createHash('sha256').update(sql).digest('hex');
  const before = done.get(name);
  if (before === checksum) return false;
  if (before !== undefined) throw new Error(`Migration ${name} was edited after it was applied.`);
  // Row and tables appear together: a start that is killed in between finds nothing half-done.
  await client.query('BEGIN');
  await client.query(sql);
  await client.query('INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count) VALUES ($1, $2, $3, now(), 1)', [randomUUID(), checksum, name]);
  await client.query('COMMIT');
  return true;
}
