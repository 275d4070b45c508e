import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openMail } from '../platform/mail.ts';
import { startGateway } from '../test/kit/gateway.ts';
import type { TestGateway, TestUser } from '../test/kit/gateway.ts';
import { until } from '../test/kit/wait.ts';

interface Result { __typename: string; message?: string; path?: string[]; hint?: string; permission?: { role: string }; invitation?: { id: string } }

const FIELDS: Record<string, string> = {
  invitePerson: 'invitation { id }', inviteUser: 'invitation { id }', revokeInvitation: 'invitation { id }', acceptInvitation: 'permission { role }',
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
    // What is set again as it is is no event.
    let value = 0;
    const change = (): Promise<Result> => run(owner, `setConfig(input: { app: "${app.name}", set: [{ key: "A", value: "${++value}" }] })`);
    await until(async () => { await change(); return first.events.length > 0; }, { within: 60_000, what: () => 'the subscription is on' });
    await expect(owner, `changeRole(input: { app: "${app.name}", user: "${user.actor.email}", role: VIEWER })`, 'ChangeRolePayload');
    assert.equal((await first.closed).code, 1012, 'clients come back after this');
    const second = follow();
    await until(async () => { await change(); return second.events.length > 0; }, { within: 60_000, what: () => 'a viewer may follow too' });
    await expect(owner, `removePermission(input: { app: "${app.name}", user: "${user.actor.email}" })`, 'RemovePermissionPayload');
    assert.equal((await second.closed).code, 1012);
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
