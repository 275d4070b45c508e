import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Secret } from 'otpauth';
import { PASSWORD_COST } from '../platform/account/password.ts';
import { createAccounts, PASSWORD } from '../test/kit/account-rig.ts';
import type { Answer, Browser, Result } from '../test/kit/account-rig.ts';
import { startGateway } from '../test/kit/gateway.ts';
import type { TestGateway, TestUser } from '../test/kit/gateway.ts';
import { readQrCode } from '../test/kit/read-qr-code.ts';

describe('an account', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let gateway: TestGateway;
  before(async () => { gateway = await startGateway({ after: (fn) => { cleanups.push(fn); } }); });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const { newEmail, send, newBrowser, whoIs, mailsTo, lastToken, signUp, logIn, idOf, eventsOf, typeOf, codeNow } = createAccounts(() => gateway);

  it('is signed up for, confirmed, logged in to, changed and deleted, and each step is an event', async () => {
    const email = await signUp();
    const id = await idOf(email);
    const browser = await logIn(email);
    assert.equal(await whoIs(browser), email);
    assert.deepEqual(await browser.ask('{ viewer { hasPassword emailConfirmed twoFactorEnabled recoveryCodesLeft sessions { totalCount nodes { userAgent current endedAt } } } }'), {
      viewer: { hasPassword: true, emailConfirmed: true, twoFactorEnabled: false, recoveryCodesLeft: 0, sessions: { totalCount: 1, nodes: [{ userAgent: 'Firefox', current: true, endedAt: null }] } },
    });
    const next = newEmail();
    assert.equal(await typeOf(browser.act('requestEmailChange', { email: next, currentPassword: PASSWORD })), 'RequestEmailChangePayload');
    assert.equal(await whoIs(browser), email, 'until the link is followed, nothing changes');
    assert.equal(await typeOf(browser.act('confirmEmailChange', { token: await lastToken(next, 'email') })), 'ConfirmEmailChangePayload');
    assert.match((await mailsTo(email)).at(-1)?.text ?? '', new RegExp(next), 'the old address is told');
    assert.equal(await whoIs(browser), next);
    assert.equal(await typeOf(browser.act('changePassword', { currentPassword: PASSWORD, newPassword: 'another long secret' })), 'ChangePasswordPayload');
    assert.equal(await typeOf(browser.act('logOut', { others: false })), 'LogOutPayload');
    assert.equal(browser.cookie, null);
    assert.equal(await typeOf(browser.act('logIn', { email: next, password: PASSWORD })), 'LogInFailed');
    assert.equal(await typeOf(browser.act('logIn', { email: next, password: 'another long secret' }, 'user { id }')), 'LogInPayload');
    assert.equal(await typeOf(browser.act('deleteAccount', { confirm: next, currentPassword: 'another long secret' })), 'DeleteAccountPayload');
    assert.equal(browser.cookie, null);
    assert.deepEqual(await eventsOf(id), ['SignedUp', 'EmailConfirmed', 'LoggedIn', 'EmailChangeRequested', 'EmailChanged', 'PasswordChanged', 'SessionEnded', 'LoggedIn', 'SessionEnded', 'AccountDeleted']);
  });

  it('is not logged in to before its address is confirmed, and that looks like a wrong password', async () => {
    const email = newEmail();
    await newBrowser().act('signUp', { email });
    const unconfirmed = await newBrowser().act('logIn', { email, password: PASSWORD });
    assert.equal(unconfirmed.__typename, 'LogInFailed');
    assert.deepEqual(unconfirmed, await newBrowser().act('logIn', { email: newEmail(), password: PASSWORD }), 'an unknown address');
    assert.deepEqual(unconfirmed, await newBrowser().act('logIn', { email: await signUp(), password: 'wrong wrong wrong' }));
  });

  it('is not told of to a stranger: known and unknown addresses get the same answers, and only their owners a mail', async () => {
    const [known, unknown] = [await signUp(), newEmail()];
    const answers = async (email: string): Promise<Result[]> => [
      await newBrowser().act('requestPasswordReset', { email }, 'email'), await newBrowser().act('signUp', { email }, 'email'),
    ];
    const plain = (results: Result[]): string => JSON.stringify(results).replaceAll(known, 'X').replaceAll(unknown, 'X');
    assert.equal(plain(await answers(known)), plain(await answers(unknown)));
    const subjects = async (email: string): Promise<string[]> => (await mailsTo(email)).map(({ subject }) => subject);
    assert.deepEqual(await subjects(known), ['Confirm your e-mail address', 'Set a new password', 'You have an account already']);
    assert.deepEqual(await subjects(unknown), ['Confirm your e-mail address']);
    assert.equal(await typeOf(newBrowser().act('logIn', { email: known, password: PASSWORD })), 'LogInPayload', 'nothing has changed');
  });

  it('takes as much work to refuse for an unknown address as for a known one', async (t) => {
    // At the cost of real passwords, beside which all else is little.
    const costly = await startGateway({ after: (fn) => { t.after(fn); } }, { beside: gateway, passwordCost: PASSWORD_COST });
    const accounts = createAccounts(() => costly);
    const workFor = async (email: string): Promise<number> => {
      const before = process.cpuUsage();
      await accounts.newBrowser().act('logIn', { email, password: 'wrong wrong wrong' });
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    };
    const [ofKnown, ofUnknown] = [await workFor(await accounts.signUp('known@example.com')), await workFor('unknown@example.com')];
    assert.ok(ofUnknown > ofKnown / 2, `${ofKnown} ms of work for a known, ${ofUnknown} ms for an unknown address: a password that is not hashed tells`);
  });

  it('refuses passwords that are short, long, common or the address itself', async () => {
    await newBrowser().act('signUp', { email: 'Someone@example.com' });
    const token = await lastToken('someone@example.com', 'confirm');
    for (const password of ['short', 'x'.repeat(201), 'password123', 'PASSWORD123', 'aaaaaaaaaaaa', '1234567890', 'someone@example.com']) {
      const { __typename, path } = await newBrowser().act('confirmEmail', { token, password });
      assert.deepEqual([__typename, path], ['InvalidInput', ['input', 'password']], password.slice(0, 30));
    }
    assert.equal(await typeOf(newBrowser().act('signUp', { email: 'no address' })), 'InvalidInput');
  });

  it('takes each token once, in time, for its own purpose, and only the newest', async () => {
    const email = newEmail();
    const { db } = gateway.platform;
    await newBrowser().act('signUp', { email });
    const old = await lastToken(email, 'confirm');
    await newBrowser().act('signUp', { email });
    const confirm = await lastToken(email, 'confirm');
    const tried = (mutation: string, input: object): Promise<string> => typeOf(newBrowser().act(mutation, { password: PASSWORD, ...input }));
    assert.equal(await tried('confirmEmail', { token: old }), 'InvalidToken', 'replaced');
    assert.equal(await tried('confirmEmail', { token: 'x'.repeat(43) }), 'InvalidToken', 'unknown');
    assert.equal(await tried('resetPassword', { token: confirm }), 'InvalidToken', 'of another purpose');
    assert.equal(await typeOf((await logIn(await signUp())).act('confirmEmailChange', { token: confirm })), 'InvalidToken', 'of another purpose');
    const both = await Promise.all([tried('confirmEmail', { token: confirm }), tried('confirmEmail', { token: confirm })]);
    assert.deepEqual(both.sort(), ['ConfirmEmailPayload', 'InvalidToken'], 'once, also when it comes twice at once');
    await newBrowser().act('requestPasswordReset', { email });
    const reset = await lastToken(email, 'reset');
    assert.equal(await tried('resetPassword', { token: reset, password: 'short' }), 'InvalidInput', 'and the token is still good');
    await db.emailToken.updateMany({ where: { user: { email }, purpose: 'RESET_PASSWORD' }, data: { expiresAt: new Date(Date.now() - 1) } });
    assert.equal(await tried('resetPassword', { token: reset, password: 'another long secret' }), 'InvalidToken', 'late');
    const stored = await db.emailToken.findMany({ where: { user: { email } } });
    assert.equal(stored.some(({ hash }) => Buffer.from(hash).toString('base64url') === reset), false, 'only hashes are stored');
  });

  it('loses all its sessions when its password is reset, and all others when it is changed', async () => {
    const email = await signUp();
    const [first, second] = [await logIn(email), await logIn(email)];
    assert.equal(await typeOf(first.act('changePassword', { currentPassword: 'wrong wrong wrong', newPassword: 'another long secret' })), 'WrongPassword');
    assert.equal(await typeOf(first.act('changePassword', { currentPassword: PASSWORD, newPassword: 'another long secret' })), 'ChangePasswordPayload');
    await ended(second);
    assert.equal(await whoIs(first), email);
    await newBrowser().act('requestPasswordReset', { email });
    assert.equal(await typeOf(newBrowser().act('resetPassword', { token: await lastToken(email, 'reset'), password: PASSWORD })), 'ResetPasswordPayload');
    await ended(first);
  });
  /** Gateways hear of it by a notice. */
  const ended = async (browser: Browser): Promise<void> => {
    await gateway.heard();
    assert.equal(await whoIs(browser), null, 'the session goes on');
  };

  it('sends no more than a few mails an hour to one address', async () => {
    const email = newEmail();
    const types: string[] = [];
    for (let index = 0; index < 6; index++) types.push(await typeOf(newBrowser().act('requestPasswordReset', { email })));
    assert.deepEqual([types.filter((type) => type === 'RequestPasswordResetPayload').length, types.at(-1)], [5, 'TooManyAttempts']);
  });

  const withTwoFactor = async (): Promise<{ email: string; browser: Browser; secret: string; recoveryCodes: string[]; code: string }> => {
    const email = await signUp();
    const browser = await logIn(email);
    const { secret = '', uri = '', qrCode = '' } = await browser.act('enableTwoFactor', { currentPassword: PASSWORD }, 'secret uri qrCode');
    assert.match(uri, new RegExp(`^otpauth://totp/.*secret=${secret}`));
    assert.equal(readQrCode(qrCode), uri);
    const code = codeNow(secret);
    const { recoveryCodes = [], message } = await browser.act('confirmTwoFactor', { code }, 'recoveryCodes');
    assert.equal(recoveryCodes.length, 10, message);
    return { email, browser, secret, recoveryCodes, code };
  };

  it('with a second factor takes each code once, and each recovery code once, after the password', async () => {
    const { email, secret, recoveryCodes, code } = await withTwoFactor();
    const tried = (more: object): Promise<string> => typeOf(newBrowser().act('logIn', { email, password: PASSWORD, ...more }));
    assert.equal(await tried({}), 'TwoFactorRequired');
    assert.equal(await tried({ code }), 'WrongCode', 'that which turned it on was used');
    assert.equal(await typeOf(newBrowser().act('logIn', { email, password: 'wrong wrong wrong', code: codeNow(secret) })), 'LogInFailed', 'who does not know the password is not told of it');
    const next = codeNow(secret, Date.now() + 30_000);
    const both = await Promise.all([tried({ code: next }), tried({ code: next })]);
    assert.deepEqual(both.sort(), ['LogInPayload', 'WrongCode'], 'once, also when it comes twice at once');
    assert.equal(await tried({ code: codeNow(secret, Date.now() - 120_000) }), 'WrongCode', 'an old one');
    assert.equal(await tried({ code: codeNow(secret, Date.now() + 120_000) }), 'WrongCode', 'one of a clock that is far off');
    const [recovery = ''] = recoveryCodes;
    assert.equal(await tried({ recoveryCode: recovery.toUpperCase() }), 'LogInPayload');
    assert.equal(await tried({ recoveryCode: recovery }), 'WrongCode', 'once');
    const { totpSecret } = await gateway.platform.db.user.findUniqueOrThrow({ where: { email } });
    assert.equal(Buffer.from(totpSecret ?? []).includes(Buffer.from(Secret.fromBase32(secret).bytes)), false, 'the secret is sealed');
  });

  it('without its phone gets new recovery codes, and turns the second factor off, by its password alone', async () => {
    const { email, browser, recoveryCodes } = await withTwoFactor();
    assert.equal(await typeOf(browser.act('regenerateRecoveryCodes', { currentPassword: 'wrong wrong wrong' })), 'WrongPassword');
    const { recoveryCodes: fresh = [] } = await browser.act('regenerateRecoveryCodes', { currentPassword: PASSWORD }, 'recoveryCodes');
    assert.equal(await typeOf(newBrowser().act('logIn', { email, password: PASSWORD, recoveryCode: recoveryCodes[1] })), 'WrongCode');
    assert.equal(await typeOf(newBrowser().act('logIn', { email, password: PASSWORD, recoveryCode: fresh[1] })), 'LogInPayload');
    assert.equal(await typeOf(browser.act('disableTwoFactor', { currentPassword: 'wrong wrong wrong' })), 'WrongPassword');
    assert.equal(await typeOf(browser.act('disableTwoFactor', { currentPassword: PASSWORD })), 'DisableTwoFactorPayload');
    await logIn(email);
    const events = (await eventsOf(await idOf(email))).filter((type) => !/Log|Signed|Confirmed/.test(type));
    assert.deepEqual(events, ['TwoFactorStarted', 'TwoFactorEnabled', 'RecoveryCodesReplaced', 'TwoFactorDisabled']);
    assert.equal(await typeOf(browser.act('enableTwoFactor', { currentPassword: PASSWORD })), 'EnableTwoFactorPayload');
    await logIn(email);
  });

  it('shows what its deletion would end, and leaves nothing that can be used', async () => {
    const email = await signUp();
    const browser = await logIn(email);
    const id = await idOf(email);
    const { db } = gateway.platform;
    assert.equal(await typeOf(browser.act('createApp', { name: 'my-own' })), 'CreateAppPayload');
    const other = await gateway.createUser();
    const theirs = await db.app.create({ data: { name: 'of-another', ownerId: other.actor.userId, permissions: { create: { userId: id, role: 'ADMIN' } } } });
    const key = await newKeyOf(id);
    await newBrowser().act('requestPasswordReset', { email });
    const reset = await lastToken(email, 'reset');
    const { viewer } = await browser.ask<{ viewer: { deletionConsequences: object } }>('{ viewer { deletionConsequences { refusal appsToDelete { totalCount nodes { name } } appsToLeave { name } keysToEnd { totalCount } } } }');
    assert.deepEqual(viewer.deletionConsequences, { refusal: null, appsToDelete: { totalCount: 1, nodes: [{ name: 'my-own' }] }, appsToLeave: [{ name: theirs.name }], keysToEnd: { totalCount: 1 } });

    assert.equal(await typeOf(browser.act('deleteAccount', { confirm: 'other@example.com', currentPassword: PASSWORD })), 'ConfirmationMismatch');
    assert.equal(await typeOf(browser.act('deleteAccount', { confirm: email })), 'WrongPassword');
    const { cookie } = browser;
    assert.equal(await typeOf(browser.act('deleteAccount', { confirm: email.toUpperCase(), currentPassword: PASSWORD })), 'DeleteAccountPayload');
    browser.cookie = cookie;
    await ended(browser);
    assert.equal((await gateway.query(key, '{ viewer { email } }')).status, 401);
    assert.equal(await typeOf(newBrowser().act('logIn', { email, password: PASSWORD })), 'LogInFailed');
    assert.equal(await typeOf(newBrowser().act('resetPassword', { token: reset, password: PASSWORD })), 'InvalidToken');
    assert.equal(await db.app.count({ where: { ownerId: id, deletedAt: null } }), 0);
    assert.equal(await db.permission.count({ where: { userId: id } }), 0);
    const row = await db.user.findUniqueOrThrow({ where: { id } });
    assert.deepEqual([row.email, row.passwordHash, row.totpSecret], [`deleted ${id}`, null, null]);
    assert.deepEqual((await mailsTo(email)).at(-1)?.subject, 'Your account is deleted');
    await db.guess.deleteMany({});
    await signUp(email);
    assert.notEqual(await idOf(email), id, 'the address is free again');
  });
  const newKeyOf = async (userId: string): Promise<TestUser> => {
    const { createSecret } = await import('../platform/key/api-key-secret.ts');
    const { secret, prefix, hash } = createSecret();
    const { id } = await gateway.platform.db.apiKey.create({ data: { userId, name: 'own', prefix, hash, scopes: ['ADMIN'] } });
    return { secret, actor: { userId, email: '', apiKeyId: id, sessionId: null, scopes: ['ADMIN'], appId: null, administrator: false } };
  };

  it('of the only administrator stays, also when two leave at once', async () => {
    const { db } = gateway.platform;
    const emails = [await signUp(), await signUp()];
    await db.user.updateMany({ where: { email: { in: emails } }, data: { administrator: true } });
    const browsers = await Promise.all(emails.map((email) => logIn(email)));
    const types = await Promise.all(browsers.map((browser, index) => typeOf(browser.act('deleteAccount', { confirm: emails[index], currentPassword: PASSWORD }))));
    assert.deepEqual(types.sort(), ['DeleteAccountPayload', 'InvalidInput']);
    assert.equal(await db.user.count({ where: { administrator: true, deletedAt: null } }), 1);
  });

  it('without a password, as of the first user, gets one by an API key, and is not asked for one before', async () => {
    const user = await gateway.createUser();
    await gateway.platform.db.user.update({ where: { id: user.actor.userId }, data: { emailConfirmedAt: new Date() } });
    const byKey = (mutation: string, input: object): Promise<Answer> => send(mutation, input, '__typename', { authorization: `Bearer ${user.secret}` });
    assert.equal((await byKey('changePassword', { currentPassword: '', newPassword: PASSWORD })).result.__typename, 'InvalidInput');
    assert.equal((await byKey('enableTwoFactor', { currentPassword: '' })).result.__typename, 'InvalidInput');
    assert.equal((await byKey('setPassword', { password: PASSWORD })).result.__typename, 'SetPasswordPayload');
    assert.equal((await byKey('setPassword', { password: 'another long secret' })).result.__typename, 'InvalidInput');
    await logIn(user.actor.email);
    const reader = await gateway.createUser(['READ', 'DEPLOY', 'CONFIG']);
    assert.equal((await send('setPassword', { password: PASSWORD }, '__typename', { authorization: `Bearer ${reader.secret}` })).result.__typename, 'Forbidden');
    const { data } = await gateway.query(reader, '{ viewer { hasPassword emailConfirmed twoFactorEnabled recoveryCodesLeft deletionConsequences { refusal } sessions { totalCount } } }');
    assert.deepEqual(data, { viewer: { hasPassword: null, emailConfirmed: null, twoFactorEnabled: null, recoveryCodesLeft: null, deletionConsequences: null, sessions: { totalCount: 0 } } });
  });

  it('ends sessions one by one, its own only', async () => {
    const email = await signUp();
    const [first, second] = [await logIn(email), await logIn(email)];
    const { viewer: { sessions: { nodes } } } = await first.ask<{ viewer: { sessions: { nodes: { id: string; current: boolean }[] } } }>('{ viewer { sessions { nodes { id current } } } }');
    assert.equal(nodes.length, 2);
    const other = nodes.find(({ current }) => !current)?.id;
    const stranger = await logIn(await signUp());
    assert.equal(await typeOf(stranger.act('endSession', { session: other })), 'NotFound');
    assert.deepEqual(await stranger.ask(`{ node(id: "${other}") { id } }`), { node: null });
    assert.deepEqual(await first.ask(`{ node(id: "${other}") { id ... on Session { userAgent } } }`), { node: { id: other, userAgent: 'Firefox' } });
    assert.equal(await typeOf(first.act('endSession', { session: other })), 'EndSessionPayload');
    await ended(second);
    assert.equal(await whoIs(first), email);
  });
});
