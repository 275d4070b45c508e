import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NotFound } from '../platform/user-error.ts';
import { isDatabaseAway, refusing } from './refusing.ts';

const withCode = (message: string, code: string): Error => Object.assign(new Error(message), { code });

describe('a refusal', () => {
  // As Prisma said it while PostgreSQL was killed and started again.
  for (const message of [
    'connect ENOENT /run/.s.PGSQL.5432', 'Can\'t reach database server at /run/.s.PGSQL.5432', 'write EPIPE', 'Database error. Code: `57P03`. Message: `the database system is starting up`',
    'Database error. Code: `57P03`. Message: `the database system is not yet accepting connections`', 'Raw query failed. Code: `57P01`. Message: `terminating connection due to unexpected postmaster exit`', 'Connection terminated unexpectedly',
  ]) it(`is "try again" where the database is away: ${message.slice(0, 90)}`, () => { assert.equal(isDatabaseAway(new Error(`\nInvalid \`prisma.app.findUnique()\` invocation:\n\n\n${message}`)), true); });

  it('knows a database that is away by its code, and by what caused an error', () => {
    assert.equal(isDatabaseAway(withCode('gone', 'P1001')), true);
    assert.equal(isDatabaseAway(new Error('failed', { cause: withCode('gone', '08006') })), true);
    for (const other of [withCode('unique', 'P2002'), withCode('Raw query failed. Code: `23505`.', 'P2010'), new Error('a bug'), 'text']) assert.equal(isDatabaseAway(other), false);
  });

  it('travels by its code, a database that is away as UNAVAILABLE; a bug stays one', async () => {
    const refused = (error: Error): Promise<unknown> => refusing(() => Promise.reject(error))({});
    await assert.rejects(refused(new NotFound('app', 'blog')), { code: 'NOT_FOUND' });
    await assert.rejects(refused(withCode('gone', 'P1001')), { code: 'UNAVAILABLE' });
    await assert.rejects(refused(new TypeError('a bug')), TypeError);
  });
});
