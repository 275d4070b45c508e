import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createPrisma } from '../../prisma/client.ts';
import { createDatabase } from '../../test/kit/postgres.ts';
import { hashSecret } from '../key/api-key-secret.ts';
import { createFirstUser } from './first-user.ts';
import type { FirstUser } from './first-user.ts';

describe('the first user', () => {
  it('is made once, however many start at the same moment; the secret is kept before it is valid, and the key has its event', async (t) => {
    const db = createPrisma(await createDatabase({ after: (fn) => { t.after(fn); } }), 5);
    t.after(() => db.$disconnect());
    const kept: FirstUser[] = [];
    const made = await Promise.all([1, 2, 3].map(() => createFirstUser(db, 'ann@example.org', (user) => { kept.push(user); })));
    assert.deepEqual(made.filter((user) => user !== null), kept);
    assert.equal(kept.length, 1);
    const [event] = await db.event.findMany({ include: { actor: true, apiKey: true } });
    assert.deepEqual([event?.type, event?.actor?.email, event?.apiKey?.hash], ['ApiKeyCreated', 'ann@example.org', hashSecret(kept[0]?.secret ?? '')]);
    assert.equal(await createFirstUser(db, 'bob@example.org'), null);
  });

  it('is not made where the secret cannot be kept', async (t) => {
    const db = createPrisma(await createDatabase({ after: (fn) => { t.after(fn); } }), 2);
    t.after(() => db.$disconnect());
    await assert.rejects(createFirstUser(db, 'ann@example.org', () => { throw new Error('disk full'); }), /disk full/);
    assert.deepEqual([await db.user.count(), await db.event.count()], [0, 0]);
  });
});
