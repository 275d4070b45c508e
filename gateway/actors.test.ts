import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startGateway } from '../test/kit/gateway.ts';
import type { TestGateway, TestUser } from '../test/kit/gateway.ts';
import { createActors } from './actors.ts';
import type { AccessEnded } from './actors.ts';

describe('what lives by somebody\'s access, where no notice comes', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let gateway: TestGateway;
  before(async () => { gateway = await startGateway({ after: (fn) => { cleanups.push(fn); } }); });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  /** A user with a role on an app of another's, and something that lives by their key, which was looked at once. */
  const holder = async (): Promise<{ user: TestUser; appId: string; signal: AbortSignal; recheck(): Promise<string> }> => {
    const [owner, user] = [await gateway.createUser(), await gateway.createUser()];
    const app = await gateway.platform.db.app.create({ data: { name: `held-${user.actor.userId.slice(-12)}`, ownerId: owner.actor.userId, permissions: { create: { userId: user.actor.userId, role: 'ADMIN' } } } });
    const actors = createActors(gateway.platform);
    const { signal } = actors.hold({ kind: 'apiKey', secret: user.secret }, user.actor);
    await actors.recheck();
    return { user, appId: app.id, signal, recheck: async () => { await actors.recheck(); return !signal.aborted ? 'goes on' : (signal.reason as AccessEnded).isOver ? 'is over' : 'comes again'; } };
  };

  it('comes again when a role was taken away', async () => {
    const { appId, recheck } = await holder();
    assert.equal(await recheck(), 'goes on');
    await gateway.platform.db.permission.deleteMany({ where: { appId } });
    assert.equal(await recheck(), 'comes again');
  });

  it('is over when the key was revoked', async () => {
    const { user, recheck } = await holder();
    await gateway.platform.db.apiKey.update({ where: { id: user.actor.apiKeyId }, data: { revokedAt: new Date() } });
    assert.equal(await recheck(), 'is over');
  });

  it('goes on when the app was deleted, whose last event ends it, and when it was taken over', async () => {
    const [deleted, taken] = [await holder(), await holder()];
    await gateway.platform.db.app.update({ where: { id: deleted.appId }, data: { deletedAt: new Date(), permissions: { deleteMany: {} } } });
    await gateway.platform.db.app.update({ where: { id: taken.appId }, data: { ownerId: taken.user.actor.userId, permissions: { deleteMany: {} } } });
    assert.deepEqual([await deleted.recheck(), await taken.recheck()], ['goes on', 'goes on']);
  });
});
