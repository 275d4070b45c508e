import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startGateway } from '../test/kit/gateway.ts';
import type { TestGateway, TestUser } from '../test/kit/gateway.ts';
import { createLogSource, createLogWorld, numbered } from '../test/kit/log-world.ts';
import type { LogWorld } from '../test/kit/log-world.ts';
import { until } from '../test/kit/wait.ts';

const closers: (() => Promise<void>)[] = [];
let gateway: TestGateway;
before(async () => { gateway = await startGateway({ after: (close) => { closers.push(close); } }); });
after(async () => { for (const close of closers.toReversed()) await close(); });

interface Event { __typename: string; cursor: string; reason?: string; missing?: number; lines?: { cursor: string; text: string; at: string; level: string }[] }

const LOGS = `subscription ($app: String!, $after: Cursor, $last: Int, $filter: LogFilter) {
  appLogs(app: $app, after: $after, last: $last, filter: $filter) {
    __typename
    ... on LogBatch { cursor lines { cursor text at level } }
    ... on LogGap { cursor missing: lines why: reason }
    ... on LogCaughtUp { cursor }
    ... on LogEnd { reason }
  }
}`;

/** An app of a user who can ask for it. */
async function createOwned(): Promise<{ world: LogWorld; user: TestUser }> {
  const user = await gateway.createUser();
  const world = await createLogWorld(gateway);
  await gateway.platform.db.app.update({ where: { id: world.appId }, data: { ownerId: user.actor.userId } });
  return { world, user };
}

interface Follower { events: Event[]; errors: string[]; over: boolean; leave(): Promise<void> }

function follow(user: TestUser, variables: Record<string, unknown>, query = LOGS): Follower {
  const client = gateway.socket(user);
  const self: Follower = { events: [], errors: [], over: false, leave: async () => { await client.dispose(); } };
  void (async () => {
    try {
      for await (const result of client.iterate<Record<string, Event>>({ query, variables })) {
        if (result.errors) self.errors.push(...result.errors.map((error) => error.message));
        self.events.push(...Object.values(result.data ?? {}));
      }
    } catch (error) { self.errors.push(error instanceof Error ? error.message : JSON.stringify(error)); }
    self.over = true;
  })();
  return self;
}
const texts = ({ events }: Follower): string[] => events.flatMap((event) => event.lines?.map((line) => line.text) ?? []);
const within = { within: 60_000 };

describe('logs over a WebSocket', () => {
  it('come in batches, say when they have caught up, and go on after any cursor', async (t) => {
    const { world, user } = await createOwned();
    const source = createLogSource(world);
    await source.write(numbered(0, 1_200));
    const reader = follow(user, { app: world.appId, last: 100_000 });
    t.after(() => reader.leave());
    await until(() => reader.events.some((event) => event.__typename === 'LogCaughtUp'), { ...within, what: () => JSON.stringify(reader).slice(0, 500) });
    await source.write(['live']);
    await until(() => texts(reader).length === 1_201, { ...within, what: () => `${texts(reader).length} lines` });
    assert.deepEqual(reader.events.map((event) => event.lines?.length ?? event.__typename), [500, 500, 200, 'LogCaughtUp', 1]);
    for (const [index, line] of [[0, 499], [1, 3], [2, 199]] as const) {
      const cursor = reader.events[index]?.lines?.[line]?.cursor;
      const resumed = follow(user, { app: world.appId, after: cursor });
      await until(() => texts(resumed).at(-1) === 'live', { ...within, what: () => 'the live line' });
      assert.deepEqual(texts(resumed), texts(reader).slice(index * 500 + line + 1));
      await resumed.leave();
    }
  });

  it('do not exist for strangers, and refuse what is no cursor', async () => {
    const { world, user } = await createOwned();
    const stranger = follow(await gateway.createUser(), { app: world.appId });
    const wrong = follow(user, { app: world.appId, after: 'nonsense' });
    await until(() => stranger.errors.length > 0 && wrong.errors.length > 0, { ...within, what: () => JSON.stringify([stranger, wrong]) });
    assert.match(stranger.errors[0] ?? '', /There is no app/);
    assert.match(wrong.errors[0] ?? '', /no cursor/);
    await Promise.all([stranger.leave(), wrong.leave()]);
  });

  it('are pages of history by the same cursors, over HTTP', async () => {
    const { world, user } = await createOwned();
    await createLogSource(world).write(numbered(0, 30));
    const query = 'query ($app: String!, $first: Int, $after: Cursor) { app(name: $app) { logs(first: $first, after: $after) { nodes { text cursor } edges { cursor node { level } } gaps { reason } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }';
    interface Page { app: { logs: { nodes: { text: string; cursor: string }[]; pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; endCursor: string } } } }
    const first = await gateway.query<Page>(user, query, { app: world.appId, first: 20 });
    assert.equal(first.errors, undefined, JSON.stringify(first.errors));
    const { nodes, pageInfo } = first.data.app.logs;
    assert.deepEqual([nodes.map((node) => node.text), pageInfo.hasNextPage, pageInfo.hasPreviousPage], [numbered(0, 20), true, false]);
    const second = await gateway.query<Page>(user, query, { app: world.appId, first: 20, after: pageInfo.endCursor });
    assert.deepEqual(second.data.app.logs.nodes.map((node) => node.text), numbered(20, 30));
    assert.equal(second.data.app.logs.pageInfo.hasNextPage, false);
    const tooMany = await gateway.query<Page>(user, query, { app: world.appId, first: 5_000 });
    assert.match(tooMany.errors?.[0]?.message ?? '', /1 to 1000/);
  });

  it('end with the word that the server restarts', async () => {
    const { world, user } = await createOwned();
    const reader = follow(user, { app: world.appId });
    await until(() => reader.events.some((event) => event.__typename === 'LogCaughtUp'), { ...within, what: () => JSON.stringify(reader) });
    await gateway.close();
    await until(() => reader.over, { ...within, what: () => 'the subscription has ended' });
    assert.deepEqual(reader.events.at(-1), { __typename: 'LogEnd', reason: 'SERVER_RESTARTS' });
  });
});
