import pg from 'pg';

/** The first PostgreSQL whose statements ours are tried with. */
const OLDEST_MAJOR = 15;
const PATIENCE_MS = 10_000;

/** Whether a database of somebody else's can be used; a sentence without its password says why not. */
export async function checkDatabase(url: string): Promise<string | null> {
  let client: pg.Client;
  try { client = new pg.Client({ connectionString: url, connectionTimeoutMillis: PATIENCE_MS }); } catch (error) { return `DATABASE_URL cannot be read (${reasonOf(error)})`; }
  const name = `The database ${client.database ?? ''} at ${client.host}:${client.port}`;
  // A connection that is lost while nothing is asked is told by the next question.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string; create: boolean }>('SELECT current_setting(\'server_version_num\') AS version, has_schema_privilege(current_schema(), \'CREATE\') AS create');
    const major = Math.floor(Number(rows[0]?.version) / 10_000);
    if (major < OLDEST_MAJOR) return `${name} is of PostgreSQL ${major}, and Slipway needs ${OLDEST_MAJOR} or newer`;
    if (rows[0]?.create !== true) return `${name} lets this user make no tables (make them its owner)`;
    return null;
  } catch (error) {
    return `${name} cannot be used (${reasonOf(error)})`;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Of a host with several addresses, each attempt has its reason. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
