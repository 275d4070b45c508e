import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { createAccounts, PASSWORD } from '../test/kit/account-rig.ts';
import type { Browser } from '../test/kit/account-rig.ts';
import { startGateway } from '../test/kit/gateway.ts';
import type { TestGateway } from '../test/kit/gateway.ts';

const MINUTE_MS = 60_000;

describe('guesses at an account', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let gateway: TestGateway;
  before(async () => { gateway = await startGateway({ after: (fn) => { cleanups.push(fn); } }); });
  beforeEach(async () => { await gateway.platform.db.guess.deleteMany({}); });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const { newEmail, newAddress, newBrowser, lastToken, signUp, logIn, typeOf, codeNow } = createAccounts(() => gateway);
  const tryLogIn = (browser: Browser, email: string, more: object = {}): Promise<string> => typeOf(browser.act('logIn', { email, password: PASSWORD, ...more }));
  const guess = (browser: Browser, email: string, more: object = {}): Promise<string> => tryLogIn(browser, email, { password: 'wrong wrong wrong', ...more });
  /** As if all that was counted so far had been tried so many times: each password takes a while. */
  const pretend = async (count: number): Promise<void> => { await gateway.platform.db.guess.updateMany({ where: { count: { gt: 0 } }, data: { count } }); };
  const guessTenTimes = async (browser: Browser, email: string, more: object = {}): Promise<void> => {
    assert.equal(await guess(browser, email, more), 'LogInFailed');
    await pretend(10);
  };
  const guessFromEverywhere = async (email: string, address = newAddress()): Promise<void> => {
    assert.equal(await guess(newBrowser(address), email), 'LogInFailed');
    await pretend(100);
  };
  const loggedOut = async (email: string, address = newAddress()): Promise<Browser> => {
    const browser = await logIn(email, {}, newBrowser(address));
    assert.equal(await typeOf(browser.act('logOut', { others: false })), 'LogOutPayload');
    return browser;
  };

  it('are ten from one network, which is then told when to try again, and whose right password is not tried either', async () => {
    const [email, address] = [await signUp(), newAddress()];
    for (let index = 0; index < 10; index++) assert.equal(await guess(newBrowser(address), email), 'LogInFailed');
    const refused = await newBrowser(address).act('logIn', { email, password: PASSWORD });
    assert.equal(refused.__typename, 'TooManyAttempts');
    const wait = new Date(refused.retryAt ?? '').getTime() - Date.now();
    assert.ok(wait > 10 * MINUTE_MS && wait <= 15 * MINUTE_MS, refused.retryAt);
    await gateway.platform.db.guess.updateMany({ data: { since: new Date(Date.now() - 16 * MINUTE_MS) } });
    assert.equal(await tryLogIn(newBrowser(address), email), 'LogInPayload', 'its time has passed');
  });

  it('are as many when they are made at once', async () => {
    const [email, address] = [await signUp(), newAddress()];
    const results = await Promise.all(Array.from({ length: 20 }, () => guess(newBrowser(address), email)));
    assert.equal(results.filter((type) => type === 'LogInFailed').length, 10);
  });

  it('of a stranger hold nobody up who comes from elsewhere, however long the stranger goes on', async () => {
    const [email, stranger] = [await signUp(), newBrowser()];
    await guessTenTimes(stranger, email);
    for (let index = 0; index < 120; index++) assert.equal(await guess(stranger, email), 'TooManyAttempts');
    assert.equal(await tryLogIn(newBrowser(), email), 'LogInPayload');
  });

  it('from very many networks have a bound too, and look the same where nobody has the address', async () => {
    for (const email of [await signUp(), newEmail()]) {
      await guessFromEverywhere(email);
      assert.equal(await tryLogIn(newBrowser(), email), 'TooManyAttempts');
    }
  });

  it('from very many networks do not hold up a browser that was logged in to the account before', async () => {
    const email = await signUp();
    const [left, stays] = [await loggedOut(email), await logIn(email)];
    await guessFromEverywhere(email);
    for (const browser of [left, stays]) assert.equal(await tryLogIn(browser, email), 'LogInPayload');
  });

  it('from behind the same address do not hold up such a browser either', async () => {
    const [email, address] = [await signUp(), newAddress()];
    const known = await loggedOut(email, address);
    await guessFromEverywhere(newEmail(), address);
    assert.equal(await tryLogIn(newBrowser(address), email), 'TooManyAttempts', 'a stranger there');
    assert.equal(await tryLogIn(known, email), 'LogInPayload');
  });

  it('of such a browser are counted too, and hold up no other', async () => {
    const email = await signUp();
    const [known, other] = [await loggedOut(email), await loggedOut(email)];
    await guessTenTimes(known, email);
    assert.equal(await tryLogIn(known, email), 'TooManyAttempts');
    for (const browser of [other, newBrowser()]) assert.equal(await tryLogIn(browser, email), 'LogInPayload');
  });

  it('of a browser that was logged in to another account are those of a stranger', async () => {
    const email = await signUp();
    const mallory = await loggedOut(await signUp());
    await guessFromEverywhere(email);
    assert.equal(await tryLogIn(mallory, email), 'TooManyAttempts');
  });

  it('do not count any more when a new password was set by mail', async () => {
    const [email, browser] = [await signUp(), newBrowser()];
    // The mail of the sign-up is not among what is tried.
    await gateway.platform.db.guess.deleteMany({});
    await guessTenTimes(browser, email);
    assert.equal(await tryLogIn(browser, email), 'TooManyAttempts');
    await browser.act('requestPasswordReset', { email });
    assert.equal(await typeOf(browser.act('resetPassword', { token: await lastToken(email, 'reset'), password: PASSWORD })), 'ResetPasswordPayload');
    assert.equal(await tryLogIn(browser, email), 'LogInPayload');
  });

  it('by who is logged in are counted together, and apart from those at the log-in', async () => {
    const email = await signUp();
    const [first, second] = [await logIn(email), await logIn(email)];
    await guessFromEverywhere(email);
    const change = (browser: Browser, currentPassword: string): Promise<string> => typeOf(browser.act('changePassword', { currentPassword, newPassword: 'another long secret' }));
    for (const browser of [first, second]) assert.equal(await change(browser, 'wrong wrong wrong'), 'WrongPassword');
    await gateway.platform.db.guess.deleteMany({ where: { count: { not: 2 } } });
    await pretend(10);
    for (const browser of [first, second]) assert.equal(await change(browser, PASSWORD), 'TooManyAttempts');
    assert.equal(await tryLogIn(newBrowser(), email), 'LogInPayload');
  });

  describe('with a second factor', () => {
    const WRONG_CODE = '000000x';
    const withTwoFactor = async (): Promise<{ email: string; known: Browser; nextCode: () => string }> => {
      const email = await signUp();
      const known = await logIn(email);
      const { secret = '' } = await known.act('enableTwoFactor', { currentPassword: PASSWORD }, 'secret');
      assert.equal(await typeOf(known.act('confirmTwoFactor', { code: codeNow(secret) })), 'ConfirmTwoFactorPayload');
      return { email, known, nextCode: () => codeNow(secret, Date.now() + 30_000) };
    };

    it('use no code up as long as the password is wrong', async () => {
      const { email, nextCode } = await withTwoFactor();
      await guessTenTimes(newBrowser(), email, { code: WRONG_CODE });
      assert.equal(await tryLogIn(newBrowser(), email, { code: nextCode() }), 'LogInPayload');
    });

    it('are ten codes of all who know the password, from wherever, and do not hold up a browser that was logged in before', async () => {
      const { email, known, nextCode } = await withTwoFactor();
      for (const stranger of [newBrowser(), newBrowser()]) assert.equal(await tryLogIn(stranger, email, { code: WRONG_CODE }), 'WrongCode');
      assert.equal(await gateway.platform.db.guess.count({ where: { count: 2 } }), 1, 'both are one count');
      await pretend(10);
      assert.equal(await tryLogIn(newBrowser(), email, { code: nextCode() }), 'TooManyAttempts');
      assert.equal(await tryLogIn(newBrowser(), email), 'TwoFactorRequired', 'the password alone is none of them');
      assert.equal(await tryLogIn(known, email, { code: nextCode() }), 'LogInPayload');
    });
  });
});
