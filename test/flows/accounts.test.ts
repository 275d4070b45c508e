import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createApp } from '../kit/app.ts';
import type { TestApp } from '../kit/app.ts';
import { makeRepository, nodeForApps } from '../kit/repository.ts';
import { sampleApp } from '../kit/sample-app.ts';
import { startSlipway } from '../kit/slipway.ts';
import type { Slipway } from '../kit/slipway.ts';
import { until } from '../kit/wait.ts';

interface Result { __typename: string; message?: string; secret?: string; permission?: { role: string } }

const PASSWORD = 'correct horse battery';

describe('somebody who is invited', () => {
  const cleanups: (() => Promise<void>)[] = [];
  const scope = { after: (fn: () => Promise<void>) => { cleanups.push(fn); } };
  let slipway: Slipway;
  let node: string;
  before(async () => { slipway = await startSlipway(scope); node = await nodeForApps(scope); });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  /** A request to the API as a browser's page sends it, or as the first user's program. */
  const ask = async <T>(query: string, headers: Record<string, string>): Promise<{ data: T; cookie: string | null }> => {
    const { text, headers: got } = await slipway.get('/graphql', { method: 'POST', body: JSON.stringify({ query }), headers: { 'content-type': 'application/json', ...headers } });
    const { data, errors } = JSON.parse(text) as { data: T; errors?: object[] };
    assert.equal(errors, undefined, `${query}: ${text}`);
    return { data, cookie: got['set-cookie']?.[0]?.split(';')[0] ?? null };
  };
  const act = async (mutation: string, headers: Record<string, string>, fields = ''): Promise<Result & { cookie: string | null }> => {
    const { data: { result }, cookie } = await ask<{ result: Result }>(`mutation { result: ${mutation} { __typename ${fields} ... on UserError { message } } }`, headers);
    return { ...result, cookie };
  };
  const asFirst = (): Record<string, string> => ({ authorization: `Bearer ${slipway.apiKey}` });
  const asPage = (cookie: string | null = null): Record<string, string> => ({ origin: slipway.url, ...(cookie === null ? {} : { cookie }) });
  const done = async (mutation: string, headers: Record<string, string>, fields = ''): Promise<Result & { cookie: string | null }> => {
    const result = await act(mutation, headers, fields);
    assert.match(result.__typename, /Payload$/, `${mutation}: ${result.message}`);
    return result;
  };
  /** What follows `#invitation=` in the newest mail to this address that has one. */
  const invitationTo = async (email: string, before: string | null = null): Promise<string> => {
    let token: string | null = null;
    await until(async () => {
      token = (await slipway.mails()).filter((mail) => mail.includes(`To: ${email}`)).map((mail) => /#invitation=(?:3D)?([\w-]{43})/.exec(mail.replaceAll('=\n', ''))?.[1] ?? null).findLast((found) => found !== null && found !== before) ?? null;
      return token !== null;
    }, { within: 60_000, what: () => `a mail to ${email}` });
    return token ?? assert.fail();
  };
  const viewer = async (headers: Record<string, string>): Promise<string | null> => (await ask<{ viewer: { email: string } | null }>('{ viewer { email } }', headers)).data.viewer?.email ?? null;

  it('makes an account by the mail\'s link, logs in, deploys while they may and no longer, and leaves', async (t) => {
    const email = `ann-${process.pid}@example.com`;
    await done(`inviteUser(input: { email: "${email}" })`, asFirst());
    const toPlatform = await invitationTo(email);
    const page = await slipway.get('/account');
    assert.equal(page.status, 200);
    await done(`confirmEmail(input: { token: "${toPlatform}", password: "${PASSWORD}" })`, asPage());
    const { cookie } = await done(`logIn(input: { email: "${email}", password: "${PASSWORD}" })`, asPage());
    assert.equal(await viewer(asPage(cookie)), email);
    assert.equal(await viewer({ ...asPage(cookie), origin: slipway.url.replace('//', '//some-app.') }), null, 'a cookie counts for pages of the platform alone');

    const app: TestApp = await createApp(t, slipway, 'invited');
    await done(`invitePerson(input: { app: "${app.name}", email: "${email}", role: DEPLOYER })`, asFirst());
    const joined = await done(`acceptInvitation(input: { token: "${await invitationTo(email, toPlatform)}" })`, asPage(cookie), '... on AcceptInvitationPayload { permission { role } }');
    assert.equal(joined.permission?.role, 'DEPLOYER');
    const { secret = '' } = await done('createApiKey(input: { name: "laptop", scopes: [READ, DEPLOY] })', asPage(cookie), '... on CreateApiKeyPayload { secret }');

    const repository = await makeRepository(t, slipway, app.name, secret);
    await repository.commit(sampleApp('one', node));
    const push = await repository.push();
    assert.equal(push.code, 0, push.output);
    assert.equal(await app.read(), 'version one ');
    assert.equal((await act(`renameApp(input: { app: "${app.name}", name: "mine" })`, asPage(cookie))).__typename, 'Forbidden');

    await done(`removePermission(input: { app: "${app.name}", user: "${email}" })`, asFirst());
    await repository.commit({ 'version.txt': 'two\n' });
    const refused = await repository.push();
    assert.notEqual(refused.code, 0);
    assert.match(refused.output, /not found/i);
    assert.equal(await app.read(), 'version one ');

    await done('logOut(input: {})', asPage(cookie));
    assert.equal(await viewer(asPage(cookie)), null);
    const again = await done(`logIn(input: { email: "${email}", password: "${PASSWORD}" })`, asPage());
    await done(`deleteAccount(input: { confirm: "${email}", currentPassword: "${PASSWORD}" })`, asPage(again.cookie));
    assert.equal((await act(`logIn(input: { email: "${email}", password: "${PASSWORD}" })`, asPage())).__typename, 'LogInFailed');
    assert.notEqual((await repository.push()).code, 0, 'the key has ended with the account');
  });
});
