import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ask, answer } from '../../bus/ask.ts';
import { pushSource } from '../../bus/push.ts';
import { createPrisma } from '../../prisma/client.ts';
import { startNats } from './nats.ts';
import { createDatabase } from './postgres.ts';

describe('the test kit', () => {
  it('gives a migrated database', async (t) => {
    const db = createPrisma(await createDatabase(t));
    assert.equal(await db.app.count(), 0);
    await db.$disconnect();
  });

  it('gives NATS with the product\'s permissions: a process may ask what it is meant to, and no more', async (t) => {
    const nats = await startNats(t);
    const [gateway, git, router] = await Promise.all([nats.bus('gateway'), nats.bus('git'), nats.bus('router')]);
    answer(gateway, pushSource, async () => ({ putUrl: 'http://example.org/x' }), (error) => { throw error; });
    await gateway.nc.flush();
    const appId = '019400d1-5b5c-7000-8000-000000000000';
    assert.deepEqual(await ask(git, pushSource, { appId }), { putUrl: 'http://example.org/x' });
    await assert.rejects(ask(router, pushSource, { appId }, 500));
  });
});
