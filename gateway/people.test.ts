import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openMail } from '../platform/mail.ts';
import { startGateway } from '../test/kit/gateway.ts';
import type { TestGateway, TestUser } from '../test/kit/gateway.ts';
import { until } from '../test/kit/wait.ts';

interface Result { __typename: string; message?: string; path?: string[]; hint?: string; permission?: { role: string }; invitation?: { id: string }; transfer?: { id: string }; app?: { name: string } }

const FIELDS: Record<string, string> = {
  invitePerson: 'invitation { id }', inviteUser: 'invitation { id }', revokeInvitation: 'invitation { id }', acceptInvitation: 'permission { role }', changeRole: 'permission { role }',
  offerTransfer: 'transfer { id }', declineTransfer: 'transfer { id }', withdrawTransfer: 'transfer { id }', acceptTransfer: 'app { name }',
};

describe('the people of an app', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let gateway: TestGateway;
  let owner: TestUser;
  before(async () => {
    gateway = await startGateway({ after: (fn) => { cleanups.push(fn); } });
    owner = await gateway.createUser();
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const run = async (user: TestUser, mutation: string): Promise<Result> => {
    const name = /^\w+/.exec(mutation)?.[0] ?? '';
    const payload = FIELDS[name] ? `... on ${name[0]?.toUpperCase()}${name.slice(1)}Payload { ${FIELDS[name]} }` : '';
    const { data, errors } = await gateway.query<{ answer: Result }>(user, `mutation { answer: ${mutation} { __typename ${payload} ... on UserError { message path hint } } }`);
    assert.equal(errors, undefined, `${mutation}: ${JSON.stringify(errors)}`);
    return data.answer;
  };
  const expect = async (user: TestUser, mutation: string, typename: string, message = /./): Promise<Result> => {
    const result = await run(user, mutation);
    assert.equal(result.__typename, typename, `${mutation}: ${result.message}`);
    if (result.message !== undefined) assert.match(result.message, message);
    return result;
  };
  let count = 0;
  const newApp = async (): Promise<{ id: string; name: string }> => {
    const name = `people-${++count}`;
    await expect(owner, `createApp(input: { name: "${name}" })`, 'CreateAppPayload');
    return gateway.platform.db.app.findUniqueOrThrow({ where: { name }, select: { id: true, name: true } });
  };
  const member = async (appId: string, role: 'VIEWER' | 'DEPLOYER' | 'ADMIN'): Promise<TestUser> => {
    const user = await gateway.createUser();
    await gateway.platform.db.permission.create({ data: { appId, userId: user.actor.userId, role } });
    return user;
  };
  const mailsTo = async (to: string): Promise<{ to: string; subject: string; text: string }[]> =>
    (await gateway.platform.db.mail.findMany({ orderBy: { id: 'asc' } })).map((mail) => openMail(gateway.platform, mail)).filter((mail) => mail.to === to);
  const tokenOf = async (to: string): Promise<string> => /#invitation=([\w-]{43})/.exec((await mailsTo(to)).at(-1)?.text ?? '')?.[1] ?? '';
  const eventsOf = async (appId: string): Promise<string[]> => (await gateway.platform.db.event.findMany({ where: { appId }, orderBy: { number: 'asc' } })).map(({ type }) => type);
  const invite = (app: string, email: string, role = 'DEPLOYER'): string => `invitePerson(input: { app: "${app}", email: "${email}", role: ${role} })`;

  it('are invited by e-mail and join by the link in it, once', async () => {
    const app = await newApp();
    const bob = await gateway.createUser();
    await expect(owner, invite(app.name, ` ${bob.actor.email.toUpperCase()} `), 'InvitePersonPayload');
    const [mail] = await mailsTo(bob.actor.email);
    assert.match(mail?.subject ?? '', new RegExp(`invites you to the app ${app.name}`));
    const token = await tokenOf(bob.actor.email);
    assert.ok(token);
    assert.equal(await gateway.platform.db.invitation.count({ where: { hash: Buffer.from(token) } }), 0, 'only its hash is stored');

    const seen = await gateway.query<{ app: null; invitations: { nodes: { appName: string; role: string }[] } }>(bob, `{ app(name: "${app.name}") { id } invitations { nodes { appName role } } }`);
    assert.deepEqual(seen.data, { app: null, invitations: { nodes: [{ appName: app.name, role: 'DEPLOYER' }] } });
    const stranger = await gateway.createUser();
    await expect(stranger, `acceptInvitation(input: { token: "${token}" })`, 'Forbidden', /another e-mail address/);
    await expect(bob, 'acceptInvitation(input: { token: "wrong" })', 'NotFound');
    await expect(bob, 'acceptInvitation(input: {})', 'InvalidInput', /one of the two/);

    const answers = await Promise.all(Array.from({ length: 5 }, () => run(bob, `acceptInvitation(input: { token: "${token}" })`)));
    assert.deepEqual(new Set(answers.map((answer) => answer.permission?.role ?? answer.message)), new Set(['DEPLOYER']));
    assert.equal(await gateway.platform.db.permission.count({ where: { appId: app.id } }), 1);
    assert.deepEqual(await eventsOf(app.id), ['AppCreated', 'PersonInvited', 'PersonJoined']);
    await expect(owner, invite(app.name, bob.actor.email), 'AlreadyMember');
    await expect(owner, invite(app.name, owner.actor.email), 'AlreadyMember');
    await expect(owner, `removePermission(input: { app: "${app.name}", user: "${bob.actor.email}" })`, 'RemovePermissionPayload');
    await expect(bob, `acceptInvitation(input: { token: "${token}" })`, 'OfferEnded', /accepted before/);
  });

  it('are invited once a key, and a newer invitation takes the older one\'s place', async () => {
    const app = await newApp();
    const bob = await gateway.createUser();
    const once = `invitePerson(input: { app: "${app.name}", email: "${bob.actor.email}", role: VIEWER, idempotencyKey: "once" })`;
    const first = await expect(owner, once, 'InvitePersonPayload');
    assert.equal((await run(owner, once)).invitation?.id, first.invitation?.id);
    assert.equal((await mailsTo(bob.actor.email)).length, 1);
    const token = await tokenOf(bob.actor.email);
    await expect(owner, invite(app.name, bob.actor.email, 'ADMIN'), 'InvitePersonPayload');
    await expect(bob, `acceptInvitation(input: { token: "${token}" })`, 'OfferEnded', /taken back/);
    const { data } = await gateway.query<{ app: { invitations: { totalCount: number; nodes: { role: string }[] } } }>(owner, `{ app(name: "${app.name}") { invitations { totalCount nodes { role } } } }`);
    assert.deepEqual(data.app.invitations, { totalCount: 1, nodes: [{ role: 'ADMIN' }] });
    await expect(bob, `acceptInvitation(input: { invitation: "${(await gateway.platform.db.invitation.findFirstOrThrow({ where: { appId: app.id, revokedAt: null } })).id}" })`, 'AcceptInvitationPayload');
  });

  it('cannot join by an invitation that has expired, was taken back or declined, whose app is gone, or whose sender may not invite any more', async () => {
    const app = await newApp();
    const admin = await member(app.id, 'ADMIN');
    const [late, back, declined, orphan, gone] = await Promise.all(Array.from({ length: 5 }, () => gateway.createUser())) as [TestUser, TestUser, TestUser, TestUser, TestUser];
    const idOf = async (user: TestUser, by = owner): Promise<string> => (await expect(by, invite(app.name, user.actor.email), 'InvitePersonPayload')).invitation?.id ?? '';
    const accept = (id: string): string => `acceptInvitation(input: { invitation: "${id}" })`;

    const lateId = await idOf(late);
    await gateway.platform.db.invitation.update({ where: { id: lateId }, data: { expiresAt: new Date() } });
    await expect(late, accept(lateId), 'OfferEnded', /expired/);
    const backId = await idOf(back);
    await expect(await gateway.createUser(), `revokeInvitation(input: { invitation: "${backId}" })`, 'NotFound');
    await expect(await member(app.id, 'DEPLOYER'), `revokeInvitation(input: { invitation: "${backId}" })`, 'NotFound');
    await expect(admin, `revokeInvitation(input: { invitation: "${backId}" })`, 'RevokeInvitationPayload');
    await expect(back, accept(backId), 'OfferEnded', /taken back/);
    const declinedId = await idOf(declined);
    await expect(declined, `revokeInvitation(input: { invitation: "${declinedId}" })`, 'RevokeInvitationPayload');
    await expect(declined, accept(declinedId), 'OfferEnded');
    const orphanId = await idOf(orphan, admin);
    await expect(owner, `changeRole(input: { app: "${app.name}", user: "${admin.actor.userId}", role: DEPLOYER })`, 'ChangeRolePayload');
    await expect(orphan, accept(orphanId), 'OfferEnded', /may not invite/);
    const goneId = await idOf(gone);
    await gateway.platform.db.user.update({ where: { id: gone.actor.userId }, data: { emailConfirmedAt: null } });
    await expect(gone, accept(goneId), 'Forbidden', /confirmed your e-mail/);
    await gateway.platform.db.user.update({ where: { id: gone.actor.userId }, data: { emailConfirmedAt: new Date() } });
    const [accepted] = await Promise.all([run(gone, accept(goneId)), run(owner, `deleteApp(input: { app: "${app.name}", confirm: "${app.name}" })`)]);
    assert.ok(['OfferEnded', 'AcceptInvitationPayload'].includes(accepted.__typename), accepted.message);
    await expect(gone, accept(goneId), 'OfferEnded', /deleted/);
  });

  it('may be managed by admins and the owner, and nobody gives or takes more than their own role', async () => {
    const app = await newApp();
    const [viewer, deployer, admin, otherAdmin] = await Promise.all([member(app.id, 'VIEWER'), member(app.id, 'DEPLOYER'), member(app.id, 'ADMIN'), member(app.id, 'ADMIN')]);
    const stranger = await gateway.createUser();
    const change = (user: string, role: string): string => `changeRole(input: { app: "${app.name}", user: "${user}", role: ${role} })`;
    const remove = (user: string): string => `removePermission(input: { app: "${app.name}", user: "${user}" })`;
    for (const mutation of [change(viewer.actor.email, 'ADMIN'), remove(viewer.actor.email), invite(app.name, 'new@example.com')]) {
      for (const user of [viewer, deployer]) await expect(user, mutation, 'Forbidden', /it takes the role ADMIN or a higher one, and yours is (VIEWER|DEPLOYER)/);
      await expect(stranger, mutation, 'NotFound', /There is no app/);
    }
    await expect(admin, change(owner.actor.email, 'VIEWER'), 'Forbidden', /OWNER/);
    await expect(admin, remove(owner.actor.userId), 'Forbidden', /OWNER/);
    await expect(owner, remove(owner.actor.userId), 'Forbidden', /OWNER/);
    await expect(admin, change(viewer.actor.email, 'OWNER'), 'InvalidInput', /offers the app/);
    await expect(admin, invite(app.name, 'new@example.com', 'OWNER'), 'Forbidden', /OWNER/);
    await expect(admin, change(stranger.actor.email, 'VIEWER'), 'NotFound', /no person with a role/);
    await expect(admin, change('nobody@example.com', 'VIEWER'), 'NotFound', /no person with a role/);
    await expect(admin, `deleteApp(input: { app: "${app.name}", confirm: "${app.name}" })`, 'Forbidden', /it takes the role OWNER, and yours is ADMIN/);

    const [one, other] = await Promise.all([run(admin, remove(otherAdmin.actor.email)), run(otherAdmin, remove(admin.actor.email))]);
    assert.deepEqual([one.__typename, other.__typename].sort(), ['NotFound', 'RemovePermissionPayload'], 'who was removed first removes nobody');
    const left = one.__typename === 'RemovePermissionPayload' ? admin : otherAdmin;
    await expect(left, change(viewer.actor.email, 'DEPLOYER'), 'ChangeRolePayload');
    await expect(left, change(left.actor.userId, 'VIEWER'), 'ChangeRolePayload');
    await expect(left, change(viewer.actor.email, 'VIEWER'), 'Forbidden');
    await expect(viewer, `leaveApp(input: { app: "${app.name}" })`, 'LeaveAppPayload');
    await expect(viewer, `leaveApp(input: { app: "${app.name}" })`, 'NotFound');
    await expect(owner, `leaveApp(input: { app: "${app.name}" })`, 'InvalidInput', /cannot leave/);
  });

  it('are shown with their roles, each with their own, to all who see the app', async () => {
    const app = await newApp();
    const [viewer, admin] = await Promise.all([member(app.id, 'VIEWER'), member(app.id, 'ADMIN')]);
    await expect(owner, invite(app.name, 'new@example.com'), 'InvitePersonPayload');
    const asks = `{ app(name: "${app.name}") { role owner { email } permissions { totalCount nodes { user { email } role } } invitations { totalCount } can { managePeople push } } }`;
    const nodes = [{ user: { email: viewer.actor.email }, role: 'VIEWER' }, { user: { email: admin.actor.email }, role: 'ADMIN' }];
    for (const [user, role, invitations] of [[viewer, 'VIEWER', 0], [admin, 'ADMIN', 1], [owner, 'OWNER', 1]] as const) {
      const { data, errors } = await gateway.query<{ app: { permissions: { nodes: object[] } } }>(user, asks);
      assert.equal(errors, undefined, JSON.stringify(errors));
      data.app.permissions.nodes.sort((a, b) => JSON.stringify(b).localeCompare(JSON.stringify(a)));
      assert.deepEqual(data.app, {
        role, owner: { email: owner.actor.email }, permissions: { totalCount: 2, nodes: [...nodes].sort((a, b) => JSON.stringify(b).localeCompare(JSON.stringify(a))) }, invitations: { totalCount: invitations },
        can: { managePeople: role !== 'VIEWER', push: role !== 'VIEWER' },
      });
    }
    assert.deepEqual((await gateway.query(await gateway.createUser(), asks)).data, { app: null });
  });

  it('keep their subscriptions for as long as they have a role, and may come back with another', async () => {
    const app = await newApp();
    const user = await member(app.id, 'DEPLOYER');
    const follow = (): { closed: Promise<{ code: number }>; events: unknown[] } => {
      const events: unknown[] = [];
      let tell: (event: { code: number }) => void = () => undefined;
      const closed = new Promise<{ code: number }>((resolve) => { tell = resolve; });
      const client = gateway.socket(user, { on: { closed: (event) => { tell(event as { code: number }); } } });
      client.subscribe({ query: `subscription { appEvents(app: "${app.name}", after: null) { __typename } }` }, { next: (event) => { events.push(event); }, error: () => undefined, complete: () => undefined });
      return { closed, events };
    };
    const first = follow();
    await until(async () => {
      await run(owner, `setConfig(input: { app: "${app.name}", set: [{ key: "A", value: "1" }] })`);
      return first.events.length > 0;
    }, { within: 5_000, what: () => 'the subscription is on' });
    const began = Date.now();
    await expect(owner, `changeRole(input: { app: "${app.name}", user: "${user.actor.email}", role: VIEWER })`, 'ChangeRolePayload');
    assert.equal((await first.closed).code, 1012, 'clients come back after this');
    const second = follow();
    await until(async () => {
      await run(owner, `setConfig(input: { app: "${app.name}", set: [{ key: "A", value: "2" }] })`);
      return second.events.length > 0;
    }, { within: 5_000, what: () => 'a viewer may follow too' });
    await expect(owner, `removePermission(input: { app: "${app.name}", user: "${user.actor.email}" })`, 'RemovePermissionPayload');
    assert.equal((await second.closed).code, 1012);
    assert.ok(Date.now() - began < 8_000);
    const refused = await new Promise<readonly { message: string }[]>((resolve) => {
      gateway.socket(user).subscribe({ query: `subscription { appEvents(app: "${app.name}") { __typename } }` }, { next: ({ errors }) => { resolve(errors ?? []); }, error: (errors) => { resolve(errors as { message: string }[]); }, complete: () => { resolve([]); } });
    });
    assert.match(refused[0]?.message ?? '', /There is no app/);
  });

  it('are invited to the platform by its administrators alone', async () => {
    await expect(owner, 'inviteUser(input: { email: "new@example.org" })', 'Forbidden', /manage the platform/);
    const admin = await gateway.createUser();
    await gateway.platform.db.user.update({ where: { id: admin.actor.userId }, data: { administrator: true } });
    const { invitation } = await expect(admin, 'inviteUser(input: { email: "new@example.org" })', 'InviteUserPayload');
    assert.ok(await tokenOf('new@example.org'));
    await expect(admin, `inviteUser(input: { email: "${owner.actor.email}" })`, 'AlreadyMember');
    await expect(admin, 'inviteUser(input: { email: "nobody" })', 'InvalidInput', /no e-mail address/);
    await expect(owner, `revokeInvitation(input: { invitation: "${invitation?.id}" })`, 'NotFound');
    await expect(admin, `revokeInvitation(input: { invitation: "${invitation?.id}" })`, 'RevokeInvitationPayload');
  });

  it('are sent so many invitations a day and no more', async () => {
    const app = await newApp();
    const admin = await member(app.id, 'ADMIN');
    await gateway.platform.db.invitation.createMany({ data: Array.from({ length: 99 }, (_, n) => ({ appId: app.id, email: `n${n}@example.com`, role: 'VIEWER' as const, hash: new Uint8Array([1, n]), invitedById: admin.actor.userId, expiresAt: new Date() })) });
    const answers = await Promise.all(['a', 'b', 'c'].map((name) => run(admin, invite(app.name, `${name}@example.com`))));
    assert.deepEqual(answers.map(({ __typename }) => __typename).sort(), ['InvalidInput', 'InvalidInput', 'InvitePersonPayload']);
  });
});

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
      await until(async () => (await gateway.platform.db.$queryRaw<object[]>`SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%FOR UPDATE%' AND datname = current_database()`).length > 0, { within: 5_000, what: () => 'the deletion waits for the row' });
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
