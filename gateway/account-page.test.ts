import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { buildSchema, parse, validate } from 'graphql';
import { openAccountPage } from '../test/kit/account-page.ts';
import { createAccounts, ORIGIN, PASSWORD } from '../test/kit/account-rig.ts';
import { startGateway } from '../test/kit/gateway.ts';
import type { TestGateway } from '../test/kit/gateway.ts';
import { until } from '../test/kit/wait.ts';

it('the page of accounts runs its own script alone, talks to this API alone, and stands in no other page', async (t) => {
  const gateway = await startGateway(t);
  const { status, text, headers } = await gateway.http('/account');
  assert.equal(status, 200);
  const policy = String(headers['content-security-policy']);
  const script = /<script>(.*?)<\/script>/s.exec(text)?.[1] ?? '';
  assert.ok(script.length > 1_000);
  assert.ok(policy.includes(`script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`), policy);
  for (const directive of [/default-src 'none'/, /connect-src 'self'/, /frame-ancestors 'none'/, /base-uri 'none'/]) assert.match(policy, directive);
  assert.equal(headers['referrer-policy'], 'no-referrer');
  assert.doesNotMatch(text, /<(script|link|img)[^>]+(src|href)="?https?:/);
  assert.match((await gateway.http('/')).text, /href="\/account"/);
});

it('the page of accounts shows the second factor as an image that stands in the page, which its policy lets through', async (t) => {
  const { text, headers } = await (await startGateway(t)).http('/account');
  assert.match(text, /<img data-qr [^>]*alt="[^"]+">/);
  assert.match(text, /act\('enableTwoFactor', input, '[^']*qrCode'\)[\s\S]*\[data-qr\]'\)\.src = `data:image\/svg\+xml,/);
  assert.match(String(headers['content-security-policy']), /img-src data:;/);
});

it('the page of accounts asks for nothing that the API does not have', () => {
  const schema = buildSchema(readFileSync(new URL('../schema/schema.graphql', import.meta.url), 'utf8'));
  const script = readFileSync(new URL('./account-page/page.js', import.meta.url), 'utf8');
  const acts = [...script.matchAll(/act\('(\w+)', .*?, '([^']+)'\)/g)];
  assert.ok(acts.length > 12);
  for (const [, name = '', fields = ''] of acts) {
    const type = name[0]?.toUpperCase() + name.slice(1);
    const query = `mutation ($input: ${type}Input!) { result: ${name}(input: $input) { ... on ${type}Payload { ${fields} } ... on UserError { code message hint } } }`;
    assert.deepEqual(validate(schema, parse(query)), [], query);
  }
  for (const [, query = ''] of script.matchAll(/ask\(`(\{[^`]*)`\)/g)) assert.deepEqual(validate(schema, parse(query)), [], query);
});

describe('the page of accounts, in a browser', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let gateway: TestGateway;
  before(async () => { gateway = await startGateway({ after: (fn) => { cleanups.push(fn); } }); });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });
  const { newBrowser, newEmail, lastToken, signUp, logIn, codeNow, whoIs, idOf, eventsOf } = createAccounts(() => gateway);

  it('makes an account by the link of a mail, which leaves the address bar, logs in and out', async (t) => {
    const [browser, email] = [newBrowser(), newEmail()];
    const page = await openAccountPage(t, gateway, browser);
    await page.shows('#log-in');
    page.press('Sign up', '#log-in');
    page.submit('#sign-up', { email });
    await page.says(new RegExp(`A mail is on its way to ${email}`));

    const linked = await openAccountPage(t, gateway, browser, `#confirm=${await lastToken(email, 'confirm')}`);
    assert.equal(linked.address(), `${ORIGIN}/account`);
    await linked.shows('#confirm');
    linked.submit('#confirm', { password: 'password123' });
    await linked.says(/common/);
    linked.submit('#confirm', { password: PASSWORD });
    await linked.says(/Your account is ready/);
    linked.submit('#log-in', { password: 'wrong wrong wrong' });
    await linked.says(/password/);
    linked.submit('#log-in', { email, password: PASSWORD });
    await linked.shows('#account');
    assert.match(linked.text(), new RegExp(`E-mail ?${email}`));
    assert.equal(await whoIs(browser), email);
    linked.press('Log out');
    await linked.says(/You are logged out/);
    assert.equal(await whoIs(browser), null);
  });

  it('turns the second factor on, asks for it, takes a recovery code in its place, and turns it off', async (t) => {
    const email = await signUp();
    const page = await openAccountPage(t, gateway, await logIn(email));
    await page.shows('#account');
    page.submit('#two-factor', { currentPassword: PASSWORD });
    const secret = (await page.shows('#two-factor-code [data-secret]')).textContent;
    const image = decodeURIComponent((await page.shows('[data-qr]')).getAttribute('src') ?? '');
    assert.match(image, /^data:image\/svg\+xml,<svg /);
    page.submit('#two-factor-code', { code: codeNow(secret) });
    const codes = (await page.shows('#recovery pre')).textContent.split('\n');
    assert.equal(codes.length, 10);
    await page.says(/Two-factor log-in is on/);

    const browser = newBrowser();
    const other = await openAccountPage(t, gateway, browser);
    await other.shows('#log-in');
    assert.equal(other.isShown('#log-in [data-code]'), false);
    other.submit('#log-in', { email, password: PASSWORD });
    await other.shows('#log-in [data-code]');
    other.submit('#log-in', { code: codes[3] ?? '' });
    await other.shows('#account');
    assert.match(other.text(), /9 recovery codes are left/);
    other.submit('#two-factor', { currentPassword: PASSWORD });
    await other.says(/Two-factor log-in is off/);
  });

  it('shows which browsers are logged in, and logs the others out', async (t) => {
    const email = await signUp();
    const [browser, other] = [await logIn(email), await logIn(email)];
    const page = await openAccountPage(t, gateway, browser);
    await page.shows('#account');
    assert.match((await page.shows('#sessions')).textContent, /Firefox.*this one.*Firefox.*last used|Firefox.*last used.*Firefox.*this one/s);
    page.press('Log out', '#sessions');
    await until(async () => await whoIs(other) === null, { within: 60_000, what: () => 'the other one is logged out' });
    assert.equal(await whoIs(browser), email);
  });

  it('sets a new password, changes the address, and deletes the account when it has told what goes', async (t) => {
    const [email, next, browser] = [await signUp(), newEmail(), newBrowser()];
    const asking = await openAccountPage(t, gateway, browser);
    await asking.shows('#log-in');
    asking.press('Password forgotten');
    asking.submit('#ask-reset', { email });
    await asking.says(/a mail is on its way there/);
    const resetting = await openAccountPage(t, gateway, browser, `#reset=${await lastToken(email, 'reset')}`);
    await resetting.shows('#reset');
    resetting.submit('#reset', { password: 'another long secret' });
    await resetting.says(/The new password is set/);
    resetting.submit('#log-in', { password: 'another long secret' });
    await resetting.shows('#account');
    resetting.submit('#change-email', { email: next, currentPassword: 'another long secret' });
    await resetting.says(new RegExp(`on its way to ${next}`));

    const page = await openAccountPage(t, gateway, browser, `#email=${await lastToken(next, 'email')}`);
    await page.shows('#email');
    page.submit('#email');
    await page.says(new RegExp(`Your address is ${next} now`));
    const id = await idOf(next);
    await gateway.platform.db.app.create({ data: { name: 'mine', ownerId: id } });
    const again = await openAccountPage(t, gateway, browser);
    await again.shows('#account');
    assert.match((await again.shows('#deletion ul')).textContent, /These apps are deleted: mine/);
    again.submit('#delete-account', { confirm: email, currentPassword: 'another long secret' });
    await again.says(/./);
    assert.equal(await whoIs(browser), next, 'not by another address');
    again.submit('#delete-account', { confirm: next, currentPassword: 'another long secret' });
    await again.says(/Your account is deleted/);
    assert.ok((await eventsOf(id)).includes('AccountDeleted'));
  });
});
