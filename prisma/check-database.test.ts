import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import pg from 'pg';
import { createDatabase } from '../test/kit/postgres.ts';
import { checkDatabase } from './check-database.ts';

describe('a database of one\'s own', () => {
  it('can be used where tables can be made in it', async (t) => {
    assert.equal(await checkDatabase(await createDatabase(t)), null);
  });

  it('that cannot be used is told in a sentence, without its password', async (t) => {
    const url = await createDatabase(t);
    const other = (change: (url: URL) => void): string => { const changed = new URL(url); change(changed); return changed.href; };
    assert.match(await checkDatabase('postgresql://ann:secret@127.0.0.1:1/blog') ?? '', /^The database blog at 127\.0\.0\.1:1 cannot be used \(.*ECONNREFUSED.*\)$/);
    assert.match(await checkDatabase(other((to) => { to.pathname = '/none'; })) ?? '', /^The database none at .* cannot be used \(database "none" does not exist\)$/);
    assert.match(await checkDatabase(other((to) => { to.password = 'wrong'; })) ?? '', /cannot be used \(password authentication failed for user ".*"\)$/);
    assert.match(await checkDatabase('postgresql://[') ?? '', /^DATABASE_URL cannot be read/);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const role = `weak_${process.pid}`;
    try {
      await client.query(`CREATE ROLE ${role} LOGIN PASSWORD 'weak'`);
      assert.match(await checkDatabase(other((to) => { to.username = role; to.password = 'weak'; })) ?? '', /lets this user make no tables \(make them its owner\)$/);
    } finally {
      await client.query(`DROP ROLE ${role}`);
      await client.end();
    }
  });
});
