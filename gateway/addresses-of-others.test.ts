import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createAccounts, PASSWORD } from '../test/kit/account-rig.ts';
import type { Result } from '../test/kit/account-rig.ts';
import { startGateway } from '../test/kit/gateway.ts';
import type { TestGateway } from '../test/kit/gateway.ts';

/** What Mallory would like to log in with. */
const STRANGERS = 'of the stranger';

describe('the address of somebody else', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let gateway: TestGateway;
  before(async () => { gateway = await startGateway({ after: (fn) => { cleanups.push(fn); } }); });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const { newEmail, newBrowser, whoIs, mailsTo, lastToken, signUp, logIn, typeOf } = createAccounts(() => gateway);
  const logInAs = (email: string, password: string): Promise<string> => typeOf(newBrowser().act('logIn', { email, password }));
  const invite = async (email: string): Promise<string> => {
    const host = await logIn(await signUp());
    const name = `app-${email.replace(/\W/g, '-')}`;
    assert.equal(await typeOf(host.act('createApp', { name })), 'CreateAppPayload');
    const { result } = (await host.ask<{ result: Result }>(`mutation { result: invitePerson(input: { app: "${name}", email: "${email}", role: VIEWER }) { __typename } }`));
    assert.equal(result.__typename, 'InvitePersonPayload');
    return lastToken(email, 'invitation');
  };

  it('can be signed up for by anybody, and has the password of who reads its mails alone', async () => {
    const email = newEmail();
    await newBrowser().act('signUp', { email });
    const mail = (await mailsTo(email)).at(-1)?.text ?? '';
    assert.match(mail, /choose a password[\s\S]*If it was not you, do nothing/);
    const { errors } = await gateway.query(null, `mutation { signUp(input: { email: "${email}", password: "${STRANGERS}" }) { __typename } }`);
    assert.match(errors?.[0]?.message ?? '', /"password" is not defined/, 'no stranger can choose one beforehand');
    assert.equal(await typeOf(newBrowser().act('confirmEmail', { token: await lastToken(email, 'confirm'), password: PASSWORD })), 'ConfirmEmailPayload');
    assert.equal(await logInAs(email, STRANGERS), 'LogInFailed');
    await logIn(email);
  });

  it('is confirmed by no link that lacks a password', async () => {
    const email = newEmail();
    await newBrowser().act('signUp', { email });
    const { errors } = await gateway.query(null, `mutation { confirmEmail(input: { token: "${await lastToken(email, 'confirm')}" }) { __typename } }`);
    assert.match(errors?.[0]?.message ?? '', /ConfirmEmailInput.password" of required type/);
    assert.equal((await gateway.platform.db.user.findUniqueOrThrow({ where: { email } })).emailConfirmedAt, null);
  });

  it('that two signed up for is of the one who reads its mails: the newest link counts, and makes the others invalid', async () => {
    const email = newEmail();
    await newBrowser().act('signUp', { email });
    const first = await lastToken(email, 'confirm');
    await newBrowser().act('signUp', { email });
    const second = await lastToken(email, 'confirm');
    assert.equal(await typeOf(newBrowser().act('confirmEmail', { token: first, password: STRANGERS })), 'InvalidToken');
    assert.equal(await typeOf(newBrowser().act('confirmEmail', { token: second, password: PASSWORD })), 'ConfirmEmailPayload');
    assert.equal(await typeOf(newBrowser().act('confirmEmail', { token: second, password: STRANGERS })), 'InvalidToken', 'it makes an account once');
    await logIn(email);
  });

  it('is confirmed by the link for a new password too, and then a link of the sign-up is good for nothing', async () => {
    const email = newEmail();
    await newBrowser().act('signUp', { email });
    const confirm = await lastToken(email, 'confirm');
    await newBrowser().act('requestPasswordReset', { email });
    assert.equal(await typeOf(newBrowser().act('resetPassword', { token: await lastToken(email, 'reset'), password: PASSWORD })), 'ResetPasswordPayload');
    assert.equal(await typeOf(newBrowser().act('confirmEmail', { token: confirm, password: STRANGERS })), 'InvalidToken');
    await logIn(email);
  });

  it('that a stranger has signed up for can still be invited: its invitation makes the account, and ends the link of the sign-up', async () => {
    const email = newEmail();
    await newBrowser().act('signUp', { email });
    const confirm = await lastToken(email, 'confirm');
    assert.deepEqual(await newBrowser().act('confirmEmail', { token: await invite(email), password: PASSWORD }, 'email'), { __typename: 'ConfirmEmailPayload', email });
    assert.equal(await typeOf(newBrowser().act('confirmEmail', { token: confirm, password: STRANGERS })), 'InvalidToken');
    await logIn(email);
  });

  it('that a stranger has signed up for can be invited to the platform too; one that has an account cannot', async () => {
    const administrator = await gateway.createUser(['ADMIN'], { administrator: true });
    const inviteUser = async (email: string): Promise<string> => (await gateway.query<{ result: Result }>(administrator, `mutation { result: inviteUser(input: { email: "${email}" }) { __typename } }`)).data.result.__typename;
    const email = newEmail();
    await newBrowser().act('signUp', { email });
    assert.equal(await inviteUser(email), 'InviteUserPayload');
    assert.equal(await typeOf(newBrowser().act('confirmEmail', { token: await lastToken(email, 'invitation'), password: PASSWORD })), 'ConfirmEmailPayload');
    assert.equal(await inviteUser(email), 'AlreadyMember');
  });

  it('that has an account keeps its password, whatever invitation is mailed to it', async () => {
    const email = await signUp();
    const refused = await newBrowser().act('confirmEmail', { token: await invite(email), password: STRANGERS });
    assert.equal(refused.__typename, 'InvalidToken');
    assert.equal(await logInAs(email, STRANGERS), 'LogInFailed');
    await logIn(email);
  });

  it('that a stranger has signed up for can become that of an account', async () => {
    const [mine, email] = [await signUp(), newEmail()];
    const me = await logIn(mine);
    await newBrowser().act('signUp', { email });
    assert.equal(await typeOf(me.act('requestEmailChange', { email, currentPassword: PASSWORD })), 'RequestEmailChangePayload');
    await newBrowser().act('signUp', { email });
    const token = (await mailsTo(email)).map(({ text }) => /#email=([\w-]{43})/.exec(text)?.[1]).findLast((found) => found !== undefined);
    assert.equal(await typeOf(me.act('confirmEmailChange', { token })), 'ConfirmEmailChangePayload');
    assert.equal(await whoIs(me), email);
    assert.equal(await typeOf(newBrowser().act('confirmEmail', { token: await lastToken(email, 'confirm').catch(() => 'x'.repeat(43)), password: STRANGERS })), 'InvalidToken', 'a link of the sign-up is good for nothing');
  });

  it('becomes no stranger\'s account\'s when its reader follows the link that the stranger had mailed there', async () => {
    const [mallorys, email] = [await signUp(), newEmail()];
    const mallory = await logIn(mallorys);
    assert.equal(await typeOf(mallory.act('requestEmailChange', { email, currentPassword: PASSWORD })), 'RequestEmailChangePayload');
    const token = await lastToken(email, 'email');
    const { errors } = await gateway.query(null, `mutation { confirmEmailChange(input: { token: "${token}" }) { __typename } }`);
    assert.equal(errors?.[0]?.extensions.code, 'UNAUTHENTICATED');
    const reader = await logIn(await signUp());
    assert.equal(await typeOf(reader.act('confirmEmailChange', { token })), 'InvalidToken');
    assert.equal(await whoIs(mallory), mallorys);
    assert.equal(await typeOf(mallory.act('confirmEmailChange', { token })), 'ConfirmEmailChangePayload', 'who has both the account and the link');
    assert.equal(await whoIs(mallory), email);
  });
});
