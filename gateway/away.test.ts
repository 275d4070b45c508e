import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { ask, BusError } from '../bus/ask.ts';
import { pushAuthorize } from '../bus/push.ts';
import { hashSecret } from '../platform/key/api-key-secret.ts';
import { startGateway } from '../test/kit/gateway.ts';
import type { TestGateway, TestUser } from '../test/kit/gateway.ts';
import { queueBuild } from '../test/kit/played-deploy.ts';
import { until } from '../test/kit/wait.ts';
import { answerPush } from './answer-push.ts';

const CREATE = (name: string): string => `mutation { createApp(input: { name: "${name}" }) { __typename ... on CreateAppPayload { app { id } } } }`;
const APPS = '{ apps { totalCount } }';

/** Becomes this: it asks with two seconds' patience, in which a machine that is busy may not answer. */
const becomes = async (gateway: TestGateway, status: number, state: object): Promise<void> => {
  let is: unknown;
  await until(async () => { is = await readiness(gateway); return isDeepStrictEqual(is, [status, state]); }, { within: 60_000, what: () => `it is ${JSON.stringify([status, state])}, not ${JSON.stringify(is)}` });
};
const readiness = async (gateway: TestGateway): Promise<[number, unknown]> => {
  const { status, text } = await gateway.http('/readyz');
  return [status, JSON.parse(text)];
};

describe('the gateway', () => {
  const start = async (t: { after(fn: () => Promise<void>): void }): Promise<{ gateway: TestGateway; user: TestUser }> => {
    const gateway = await startGateway({ after: (fn) => { t.after(fn); } });
    return { gateway, user: await gateway.createUser() };
  };

  it('says that the database is away: to the API with 503 and when to come back, to a push, and at /readyz; and goes on when it is back', async (t) => {
    const { gateway, user } = await start(t);
    answerPush(gateway.platform, gateway.platform.bus, (error) => { throw error; });
    const git = await gateway.nats.bus('git');
    const authorize = () => ask(git, pushAuthorize, { keyHash: Buffer.from(hashSecret(user.secret)).toString('hex'), app: 'some-app', action: 'push', address: null });
    const { data } = await gateway.query<{ createApp: { app: object } }>(user, CREATE('some-app'));
    assert.ok(data.createApp.app);
    assert.equal((await authorize()).appName, 'some-app');

    gateway.database.cut();
    for (const query of [APPS, CREATE('other')]) {
      const answer = await gateway.query(user, query);
      assert.equal(answer.status, 503, JSON.stringify(answer));
      assert.equal(answer.errors?.[0]?.extensions.code, 'UNAVAILABLE');
      assert.match(answer.errors?.[0]?.message ?? '', /database does not answer; try again/);
    }
    await assert.rejects(authorize(), (error) => error instanceof BusError && error.code === 'UNAVAILABLE');
    await becomes(gateway, 503, { ready: false, database: 'away', nats: 'ok' });
    assert.equal((await gateway.http('/healthz')).status, 200);

    gateway.database.mend();
    await becomes(gateway, 200, { ready: true, database: 'ok', nats: 'ok' });
    assert.deepEqual((await gateway.query(user, APPS)).data, { apps: { totalCount: 1 } });
    assert.equal((await authorize()).appName, 'some-app');
  });

  it('writes rows while NATS is away, for they are the truth; and /readyz names it', async (t) => {
    const { gateway, user } = await start(t);
    await gateway.nats.stop();
    const { data } = await gateway.query<{ createApp: { app: { id: string } } }>(user, CREATE('quiet'));
    const { id } = data.createApp.app;
    const config = await gateway.query<{ setConfig: { release: { version: number } } }>(user, 'mutation { setConfig(input: { app: "quiet", set: [{ key: "A", value: "1" }] }) { ... on SetConfigPayload { release { version } } } }');
    assert.equal(config.data.setConfig.release.version, 1);
    const buildId = await queueBuild(gateway, user, id);
    assert.equal((await gateway.platform.db.build.findUniqueOrThrow({ where: { id: buildId } })).status, 'QUEUED');
    await becomes(gateway, 503, { ready: false, database: 'ok', nats: 'away' });
    await gateway.nats.restart();
    await becomes(gateway, 200, { ready: true, database: 'ok', nats: 'ok' });
  });
});
