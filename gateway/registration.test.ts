import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sweepAccounts } from '../platform/account/sweep-accounts.ts';
import { openMail } from '../platform/mail.ts';
import type { Registration } from '../platform/platform.ts';
import { startGateway } from '../test/kit/gateway.ts';
import type { TestGateway, TestUser } from '../test/kit/gateway.ts';

const PASSWORD = 'correct horse battery';

interface Result { __typename: string; message?: string }

async function act(gateway: TestGateway, user: TestUser | null, mutation: string): Promise<Result> {
  const { data, errors } = await gateway.query<{ result: Result }>(user, `mutation { result: ${mutation} { __typename ... on UserError { message } } }`);
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data.result;
}
const signUp = (gateway: TestGateway, email: string): Promise<Result> => act(gateway, null, `signUp(input: { email: "${email}" })`);
const confirm = (gateway: TestGateway, token: string): Promise<Result> => act(gateway, null, `confirmEmail(input: { token: "${token}", password: "${PASSWORD}" })`);
const logIn = (gateway: TestGateway, email: string): Promise<string> =>
  gateway.query<{ logIn: Result }>(null, `mutation { logIn(input: { email: "${email}", password: "${PASSWORD}" }) { __typename } }`).then(({ data }) => data.logIn.__typename);

/** An administrator's invitation to the platform, and what its mail's link says. */
async function invite(gateway: TestGateway, email: string): Promise<string> {
  const host = await gateway.createUser();
  await gateway.platform.db.user.update({ where: { id: host.actor.userId }, data: { administrator: true } });
  const { data } = await gateway.query<{ inviteUser: Result }>(host, `mutation { inviteUser(input: { email: "${email}" }) { __typename } }`);
  assert.equal(data.inviteUser.__typename, 'InviteUserPayload');
  const mails = (await gateway.platform.db.mail.findMany({ orderBy: { createdAt: 'desc' } })).map((mail) => openMail(gateway.platform, mail));
  return /#invitation=([\w-]{43})/.exec(mails.find(({ to }) => to === email)?.text ?? '')?.[1] ?? assert.fail('no link');
}

describe('signing up', () => {
  const start = (t: { after(fn: () => Promise<void>): void }, registration: Registration): Promise<TestGateway> => startGateway(t, { registration });

  it('takes an invitation where the platform says so, and then no further mail: it makes the account of its own address', async (t) => {
    const gateway = await start(t, 'invitation');
    const token = await invite(gateway, 'ann@example.com');
    assert.equal((await signUp(gateway, 'ann@example.com')).__typename, 'RegistrationClosed');
    assert.equal((await confirm(gateway, 'x'.repeat(43))).__typename, 'InvalidToken');
    assert.equal((await confirm(gateway, token)).__typename, 'ConfirmEmailPayload');
    assert.equal(await logIn(gateway, 'ann@example.com'), 'LogInPayload');
    assert.equal((await confirm(gateway, token)).__typename, 'InvalidToken', 'it was accepted');
    const late = await invite(gateway, 'bob@example.com');
    await gateway.platform.db.invitation.updateMany({ where: { email: 'bob@example.com' }, data: { expiresAt: new Date(Date.now() - 1) } });
    assert.equal((await confirm(gateway, late)).__typename, 'InvalidToken');
  });

  it('is nobody\'s to do where the platform says so', async (t) => {
    const gateway = await start(t, 'closed');
    const token = await invite(gateway, 'ann@example.com');
    assert.equal((await signUp(gateway, 'ann@example.com')).__typename, 'RegistrationClosed');
    assert.equal((await confirm(gateway, token)).__typename, 'RegistrationClosed');
    assert.equal(await gateway.platform.db.user.count({ where: { email: 'ann@example.com' } }), 0);
  });

  it('is not done by a new password for an address that was signed up for before it was closed', async (t) => {
    const gateway = await start(t, 'closed');
    await gateway.platform.db.user.createMany({ data: [{ email: 'ann@example.com' }, { email: 'bob@example.com', emailConfirmedAt: new Date() }] });
    for (const email of ['ann@example.com', 'bob@example.com']) {
      const { data } = await gateway.query<{ result: Result }>(null, `mutation { result: requestPasswordReset(input: { email: "${email}" }) { __typename } }`);
      assert.equal(data.result.__typename, 'RequestPasswordResetPayload');
    }
    const mails = (await gateway.platform.db.mail.findMany()).map((mail) => openMail(gateway.platform, mail).to);
    assert.deepEqual(mails, ['bob@example.com']);
  });
});

describe('what is swept of accounts', () => {
  it('is what a killed deletion left, what nobody confirmed, and what has had its time', async (t) => {
    const gateway = await startGateway(t);
    const { db } = gateway.platform;
    const [gone, other] = [await gateway.createUser(), await gateway.createUser()];
    const app = await db.app.create({ data: { name: 'left-over', ownerId: gone.actor.userId } });
    const kept = await db.app.create({ data: { name: 'kept', ownerId: other.actor.userId, permissions: { create: { userId: gone.actor.userId, role: 'ADMIN' } } } });
    await db.user.update({ where: { id: gone.actor.userId }, data: { deletedAt: new Date(), email: `deleted ${gone.actor.userId}` } });
    const old = new Date(Date.now() - 31 * 24 * 3_600_000);
    await db.user.create({ data: { email: 'never@example.com', createdAt: old } });
    await db.user.create({ data: { email: 'fresh@example.com' } });
    await db.session.create({ data: { userId: other.actor.userId, hash: new Uint8Array([1]), userAgent: '', address: '', expiresAt: old } });
    await db.guess.create({ data: { subject: 'x', count: 1, since: old } });
    await sweepAccounts(gateway.platform);
    assert.notEqual((await db.app.findUniqueOrThrow({ where: { id: app.id } })).deletedAt, null);
    assert.equal((await db.app.findUniqueOrThrow({ where: { id: kept.id } })).deletedAt, null);
    assert.equal(await db.permission.count(), 0);
    assert.deepEqual((await db.user.findMany({ where: { email: { in: ['never@example.com', 'fresh@example.com'] } } })).map(({ email }) => email), ['fresh@example.com']);
    assert.deepEqual([await db.session.count(), await db.guess.count()], [0, 0]);
  });
});
