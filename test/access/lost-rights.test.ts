import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { getNamedType, isInputObjectType } from 'graphql';
import { ask, BusError } from '../../bus/ask.ts';
import { pushRequestBuild } from '../../bus/push.ts';
import { answerPush } from '../../gateway/answer-push.ts';
import { createApiKey, revokeApiKey } from '../../platform/key/api-key.ts';
import { hashSecret } from '../../platform/key/api-key-secret.ts';
import type { Transaction } from '../../platform/platform.ts';
import { restart } from '../../platform/app/process.ts';
import { rotateApiKey } from '../../platform/key/rotate-api-key.ts';
import { findSessionActor, startSession } from '../../platform/account/session.ts';
import { schema } from '../../schema/schema.ts';
import { startGateway } from '../kit/gateway.ts';
import type { TestGateway, TestUser } from '../kit/gateway.ts';
import { until } from '../kit/wait.ts';
import { appChanges, createStage, losses, otherMutations } from './app-changes.ts';
import type { Loss, Stage } from './app-changes.ts';

describe('whoever loses their rights while a change of an app waits for its row', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let gateway: TestGateway;
  before(async () => {
    gateway = await startGateway({ after: (fn) => { cleanups.push(fn); } });
    answerPush(gateway.platform, gateway.platform.bus, (error) => { throw error; });
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const isWaiting = async (): Promise<boolean> => {
    const [row] = await gateway.platform.db.$queryRaw<{ waiting: boolean }[]>`SELECT count(*) > 0 AS waiting FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    return row?.waiting === true;
  };
  /** Begins something that changes the app while another transaction has its row, in which something is lost, and commits that when the change waits for it. */
  const duringLoss = async <T>(appId: string, lose: (tx: Transaction) => Promise<unknown>, begin: () => Promise<T>): Promise<T> => {
    const { answer } = await gateway.platform.db.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT 1 FROM "App" WHERE id = ${appId}::uuid FOR UPDATE`;
      await lose(tx);
      const begun = begin();
      await until(isWaiting, { within: 60_000, what: () => 'the change waits for the app\'s row' });
      return { answer: begun };
    }, { maxWait: 60_000, timeout: 120_000 });
    return answer;
  };
  const lose: Record<Loss, (stage: Stage, user: TestUser) => (tx: Transaction) => Promise<unknown>> = {
    role: ({ app, guest }, { actor }) => async (tx) => {
      await tx.permission.deleteMany({ where: { appId: app.id, userId: actor.userId } });
      if (app.ownerId === actor.userId) await tx.app.update({ where: { id: app.id }, data: { ownerId: guest.actor.userId } });
    },
    key: (_stage, { actor }) => (tx) => tx.apiKey.update({ where: { id: actor.apiKeyId }, data: { revokedAt: new Date() } }),
    scopes: (_stage, { actor }) => (tx) => tx.apiKey.update({ where: { id: actor.apiKeyId }, data: { scopes: ['READ'] } }),
  };
  const giveBack = async ({ gateway: { platform: { db } }, app, admin }: Stage, { actor }: TestUser): Promise<void> => {
    await db.app.update({ where: { id: app.id }, data: { ownerId: app.ownerId } });
    const permission = { appId: app.id, userId: admin.actor.userId, role: 'ADMIN' as const };
    await db.permission.upsert({ where: { appId_userId: { appId: app.id, userId: admin.actor.userId } }, create: permission, update: {} });
    await db.apiKey.update({ where: { id: actor.apiKeyId }, data: { revokedAt: null, scopes: ['ADMIN'] } });
  };
  /** The key was used just now: it is not written to when it asks, and so waits for no loss of it. */
  const warm = (user: TestUser): Promise<unknown> => gateway.query(user, '{ viewer { id } }');

  it('is tried with every mutation that changes an app', () => {
    const fields = Object.values(schema.getMutationType()?.getFields() ?? {});
    assert.deepEqual(fields.map(({ name }) => name).sort(), [...Object.keys(appChanges), ...otherMutations].sort(), 'a new mutation belongs into one of the two lists');
    const takesApp = fields.filter(({ args }) => args.some(({ type }) => {
      const input = getNamedType(type);
      return isInputObjectType(input) && 'app' in input.getFields();
    })).map(({ name }) => name);
    assert.deepEqual(takesApp.filter((name) => otherMutations.includes(name)), [], 'what names an app changes one');
  });

  for (const [name, { as = 'owner', input, make, takes = losses }] of Object.entries(appChanges)) {
    it(`is refused, and with them all the same is done: ${name}`, async () => {
      const stage = await createStage(gateway);
      const made = await make?.(stage) ?? '';
      const user = stage[as];
      await warm(user);
      const run = async (): Promise<{ __typename: string; message?: string }> => {
        const { data, errors } = await gateway.query<{ answer: { __typename: string; message?: string } }>(user, `mutation { answer: ${name}(input: { ${input(stage, made)} }) { __typename ... on UserError { message } } }`);
        assert.equal(errors, undefined, JSON.stringify(errors));
        return data.answer;
      };
      const lastEvent = async (): Promise<number> => (await gateway.platform.db.app.findUniqueOrThrow({ where: { id: stage.app.id } })).lastEvent;
      const before = await lastEvent();
      for (const loss of takes) {
        const { __typename, message } = await duringLoss(stage.app.id, lose[loss](stage, user), run);
        assert.ok(['NotFound', 'Forbidden'].includes(__typename), `without the ${loss}: ${__typename} ${message}`);
        assert.equal(await lastEvent(), before, `without the ${loss}, nothing is written`);
        await giveBack(stage, user);
      }
      const { __typename, message } = await run();
      assert.equal(__typename, `${name[0]?.toUpperCase()}${name.slice(1)}Payload`, message);
    });
  }

  it('copies nothing from an app whose config they may not read any more', async () => {
    const stage = await createStage(gateway);
    const from = await appChanges.copyConfig?.make?.(stage) ?? '';
    const run = () => gateway.query<{ copyConfig: { __typename: string } }>(stage.owner, `mutation { copyConfig(input: { from: "${from}", to: "${stage.app.id}" }) { __typename } }`);
    await warm(stage.owner);
    const { data } = await duringLoss(stage.app.id, (tx) => tx.app.update({ where: { id: from }, data: { ownerId: stage.guest.actor.userId } }), run);
    assert.equal(data.copyConfig.__typename, 'NotFound');
  });

  it('gets no build of what they have pushed', async () => {
    const stage = await createStage(gateway);
    const { owner: { actor }, app } = stage;
    await warm(stage.owner);
    const git = await gateway.nats.bus('git');
    const { digest } = await gateway.platform.blobs.put('sources', Readable.from(['a tarball']), 100);
    const push = () => ask(git, pushRequestBuild, { buildId: crypto.randomUUID(), appId: app.id, userId: actor.userId, apiKeyId: actor.apiKeyId, commit: 'c0ffee00'.repeat(5), branch: 'main', message: '', sourceDigest: digest, clean: false })
      .then(({ build }) => build.status, (error: unknown) => (error instanceof BusError ? error.code : Promise.reject(error as Error)));
    for (const [loss, code] of [['role', 'NOT_FOUND'], ['key', 'FORBIDDEN'], ['scopes', 'FORBIDDEN']] as const) {
      assert.equal(await duringLoss(app.id, lose[loss](stage, stage.owner), push), code, `without the ${loss}`);
      await giveBack(stage, stage.owner);
    }
    assert.equal(await push(), 'QUEUED');
  });

  it('is refused in a browser too, once its session has ended', async () => {
    const { app, owner } = await createStage(gateway);
    const { db } = gateway.platform;
    const { session, secret } = await db.$transaction((tx) => startSession(tx, owner.actor.userId, { address: null, userAgent: 'a browser' }));
    const actor = await findSessionActor(gateway.platform, hashSecret(secret));
    assert.ok(actor);
    const change = () => restart(gateway.platform, actor, { app: app.id });
    await assert.rejects(duringLoss(app.id, (tx) => tx.session.update({ where: { id: session.id }, data: { endedAt: new Date() } }), change), /your API key or session has ended/);
    await db.session.update({ where: { id: session.id }, data: { endedAt: null } });
    await change();
  });

  it('makes, rotates and revokes no other key by one that has ended since it was shown', async () => {
    const { platform } = gateway;
    const { actor } = await gateway.createUser();
    const { apiKey } = await createApiKey(platform, actor, { name: 'robot', scopes: ['READ'] });
    await platform.db.apiKey.update({ where: { id: actor.apiKeyId }, data: { revokedAt: new Date() } });
    for (const change of [() => createApiKey(platform, actor, { name: 'another', scopes: ['READ'] }), () => rotateApiKey(platform, actor, { apiKey: apiKey.id }), () => revokeApiKey(platform, actor, apiKey.id)]) {
      await assert.rejects(change(), /your API key or session has ended/);
    }
    assert.deepEqual(await platform.db.apiKey.findMany({ where: { userId: actor.userId, revokedAt: null } }), [apiKey]);
  });
});
