import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startGateway } from '../test/kit/gateway.ts';
import type { TestGateway, TestUser } from '../test/kit/gateway.ts';
import { until } from '../test/kit/wait.ts';

interface Result { __typename: string; message?: string; transfer?: { id: string } }

describe('the transfer of an app', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let gateway: TestGateway;
  let owner: TestUser;
  before(async () => { gateway = await startGateway({ after: (fn) => { cleanups.push(fn); } }); });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });
  const run = async (user: TestUser, mutation: string): Promise<Result> => {
    const name = /^\w+/.exec(mutation)?.[0] ?? '';
    const { data, errors } = await gateway.query<{ answer: Result }>(user, `mutation { answer: ${mutation} { __typename ${name === 'offerTransfer' ? '... on OfferTransferPayload { transfer { id } }' : ''} ... on UserError { message path hint } } }`);
    assert.equal(errors, undefined, `${mutation}: ${JSON.stringify(errors)}`);
    return data.answer;
  };
  let count = 0;
  /** An app with its owner, and somebody it was offered to. */
  const offered = async (): Promise<{ app: { id: string; name: string }; bob: TestUser; transfer: string }> => {
    owner = await gateway.createUser();
    const bob = await gateway.createUser();
    const app = await gateway.platform.db.app.create({ data: { name: `give-${++count}`, ownerId: owner.actor.userId, permissions: { create: { userId: bob.actor.userId, role: 'VIEWER' } } } });
    const { transfer, message } = await run(owner, `offerTransfer(input: { app: "${app.name}", to: "${bob.actor.email}" })`);
    assert.ok(transfer, message);
    return { app, bob, transfer: transfer.id };
  };
  const answer = (verb: string, transfer: string): string => `${verb}Transfer(input: { transfer: "${transfer}" })`;
  const ownerOf = async (id: string): Promise<string> => (await gateway.platform.db.app.findUniqueOrThrow({ where: { id } })).ownerId;

  it('takes the consent of who gets it, and leaves the former owner as ADMIN', async () => {
    const { app, bob, transfer } = await offered();
    const seen = await gateway.query<{ viewer: { transfers: { nodes: object[] } }; app: { transfer: { id: string } } }>(bob, `{ viewer { transfers { nodes { id app { name } from { email } } } } app(name: "${app.name}") { transfer { id } } }`);
    assert.deepEqual(seen.data, { viewer: { transfers: { nodes: [{ id: transfer, app: { name: app.name }, from: { email: owner.actor.email } }] } }, app: { transfer: { id: transfer } } });
    for (const user of [owner, await gateway.createUser()]) assert.equal((await run(user, answer('accept', transfer))).__typename, 'NotFound', 'nobody else accepts');
    const answers = await Promise.all(Array.from({ length: 4 }, () => run(bob, answer('accept', transfer))));
    assert.deepEqual(new Set(answers.map(({ __typename, message }) => message ?? __typename)), new Set(['AcceptTransferPayload']));
    assert.equal(await ownerOf(app.id), bob.actor.userId);
    assert.deepEqual(await gateway.platform.db.permission.findMany({ where: { appId: app.id }, select: { userId: true, role: true } }), [{ userId: owner.actor.userId, role: 'ADMIN' }]);
    assert.equal(await gateway.platform.db.event.count({ where: { appId: app.id, type: 'AppTransferred' } }), 1);
    assert.equal((await run(owner, `deleteApp(input: { app: "${app.name}", confirm: "${app.name}" })`)).__typename, 'Forbidden');
    assert.equal((await run(bob, answer('decline', transfer))).__typename, 'OfferEnded');
  });

  it('is offered by the owner alone, to somebody who has a role on the app; whether others have an account is not told', async () => {
    const { app, bob } = await offered();
    const stranger = await gateway.createUser();
    const offer = (to: string): string => `offerTransfer(input: { app: "${app.name}", to: "${to}" })`;
    const [known, unknown] = await Promise.all([run(owner, offer(stranger.actor.email)), run(owner, offer('nobody@example.com'))]);
    assert.equal(known.message?.replace(stranger.actor.email, 'X'), unknown.message?.replace('nobody@example.com', 'X'));
    assert.equal(known.__typename, 'NotFound');
    assert.match((await run(bob, offer(stranger.actor.email))).message ?? '', /it takes the role OWNER/);
    assert.equal((await run(stranger, offer(bob.actor.email))).__typename, 'NotFound');
  });

  it('can be declined, and withdrawn by the owner; then it cannot be taken', async () => {
    const one = await offered();
    assert.equal((await run(one.bob, answer('withdraw', one.transfer))).__typename, 'Forbidden');
    assert.equal((await run(one.bob, answer('decline', one.transfer))).__typename, 'DeclineTransferPayload');
    assert.equal((await run(one.bob, answer('accept', one.transfer))).__typename, 'OfferEnded');
    const two = await offered();
    assert.equal((await run(owner, answer('withdraw', two.transfer))).__typename, 'WithdrawTransferPayload');
    assert.equal((await run(two.bob, answer('accept', two.transfer))).__typename, 'OfferEnded');
  });

  it('ends when it expires, is offered anew, or the other loses their role', async () => {
    const late = await offered();
    await gateway.platform.db.transfer.update({ where: { id: late.transfer }, data: { expiresAt: new Date() } });
    assert.match((await run(late.bob, answer('accept', late.transfer))).message ?? '', /expired/);
    const anew = await offered();
    assert.equal((await run(owner, `offerTransfer(input: { app: "${anew.app.name}", to: "${anew.bob.actor.email}" })`)).__typename, 'OfferTransferPayload');
    assert.equal((await run(anew.bob, answer('accept', anew.transfer))).__typename, 'OfferEnded');
    const left = await offered();
    assert.equal((await run(left.bob, `leaveApp(input: { app: "${left.app.name}" })`)).__typename, 'LeaveAppPayload');
    assert.equal((await run(left.bob, answer('accept', left.transfer))).__typename, 'OfferEnded');
    const owned = await offered();
    await gateway.platform.db.app.update({ where: { id: owned.app.id }, data: { ownerId: (await gateway.createUser()).actor.userId } });
    assert.match((await run(owned.bob, answer('accept', owned.transfer))).message ?? '', /another owner/);
  });

  it('takes the right to delete the app with it, also from a deletion that has begun', async () => {
    const { app, bob } = await offered();
    let deletion: Promise<Result> = Promise.resolve({ __typename: '' });
    await gateway.platform.db.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT 1 FROM "App" WHERE id = ${app.id}::uuid FOR UPDATE`;
      deletion = run(owner, `deleteApp(input: { app: "${app.name}", confirm: "${app.name}" })`);
      await until(async () => (await gateway.platform.db.$queryRaw<object[]>`SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%FOR UPDATE%' AND datname = current_database()`).length > 0, { within: 60_000, what: () => 'the deletion waits for the row' });
      await tx.app.update({ where: { id: app.id }, data: { ownerId: bob.actor.userId } });
      await tx.permission.updateMany({ where: { appId: app.id }, data: { userId: owner.actor.userId, role: 'ADMIN' } });
    });
    assert.equal((await deletion).__typename, 'Forbidden');
    assert.equal(await ownerOf(app.id), bob.actor.userId);
  });

  it('and the deletion of the app at once: one of them happens, whichever comes first', async () => {
    for (let round = 0; round < 8; round++) {
      const { app, bob, transfer } = await offered();
      const [taken, deleted] = await Promise.all([run(bob, answer('accept', transfer)), run(owner, `deleteApp(input: { app: "${app.name}", confirm: "${app.name}" })`)]);
      const row = await gateway.platform.db.app.findUniqueOrThrow({ where: { id: app.id } });
      if (taken.__typename === 'AcceptTransferPayload') assert.deepEqual([row.ownerId, deleted.__typename, row.deletedAt], [bob.actor.userId, 'Forbidden', null], deleted.message);
      else assert.deepEqual([taken.__typename, deleted.__typename, row.ownerId], ['OfferEnded', 'DeleteAppPayload', owner.actor.userId], taken.message);
    }
  });
});
