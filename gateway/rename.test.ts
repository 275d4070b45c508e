import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startGateway } from '../test/kit/gateway.ts';
import type { TestGateway, TestUser } from '../test/kit/gateway.ts';

interface Result { __typename: string; message?: string; app?: { id: string; name: string; formerNames: string[]; url: string; gitUrl: string; version: number } }

describe('the name of an app', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let gateway: TestGateway;
  let owner: TestUser;
  let other: TestUser;
  before(async () => {
    gateway = await startGateway({ after: (fn) => { cleanups.push(fn); } });
    [owner, other] = [await gateway.createUser(), await gateway.createUser()];
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const run = async (user: TestUser, mutation: string): Promise<Result> => {
    const payload = `... on ${mutation.startsWith('rename') ? 'RenameApp' : mutation.startsWith('create') ? 'CreateApp' : 'DeleteApp'}Payload { app { id name formerNames url gitUrl version } }`;
    const { data, errors } = await gateway.query<{ answer: Result }>(user, `mutation { answer: ${mutation} { __typename ${payload} ... on UserError { message } } }`);
    assert.equal(errors, undefined, `${mutation}: ${JSON.stringify(errors)}`);
    return data.answer;
  };
  const create = (user: TestUser, name: string): Promise<Result> => run(user, `createApp(input: { name: "${name}" })`);
  const rename = (user: TestUser, app: string, name: string, more = ''): Promise<Result> => run(user, `renameApp(input: { app: "${app}", name: "${name}"${more} })`);
  const find = async (name: string): Promise<string | null> => (await gateway.query<{ app: { name: string } | null }>(owner, `{ app(name: "${name}") { name } }`)).data.app?.name ?? null;
  let count = 0;
  const newName = (): string => `name-${++count}`;

  it('can be changed: former names go on leading to it, and are nobody else\'s until it is deleted', async () => {
    const [a, b, c] = [newName(), newName(), newName()];
    const { app } = await create(owner, a);
    const renamed = await rename(owner, a, b);
    assert.deepEqual(renamed.app, { id: app?.id, name: b, formerNames: [a], url: `http://${b}.localhost:4000`, gitUrl: `http://localhost:4000/git/${b}.git`, version: 2 }, renamed.message);
    assert.deepEqual((await rename(owner, a, c)).app?.formerNames, [b, a]);
    for (const name of [a, b, c, app?.id ?? '']) assert.equal(await find(name), c);
    for (const name of [a, b, c]) assert.equal((await create(other, name)).__typename, 'NameTaken', name);
    const foreign = newName();
    await create(other, foreign);
    assert.equal((await rename(other, foreign, a)).__typename, 'NameTaken');
    assert.deepEqual((await rename(owner, b, a)).app?.formerNames, [c, b], 'back to its first name');
    assert.equal((await run(owner, `deleteApp(input: { app: "${c}", confirm: "${a}" })`)).__typename, 'DeleteAppPayload');
    for (const name of [a, b, c]) assert.equal((await create(other, name)).__typename, 'CreateAppPayload', name);
  });

  it('is one app\'s, also where many want it at once, to make an app or to rename one', async () => {
    for (let round = 0; round < 5; round++) {
      const wanted = newName();
      const apps = await Promise.all([owner, other, owner].map(async (user) => { const name = newName(); await create(user, name); return [user, name] as const; }));
      const answers = await Promise.all([...apps.map(([user, name]) => rename(user, name, wanted)), create(owner, wanted), create(other, wanted)]);
      const won = answers.filter(({ __typename }) => __typename.endsWith('Payload'));
      assert.equal(won.length, 1, answers.map(({ __typename, message }) => message ?? __typename).join('\n'));
      assert.ok(answers.every((answer) => won.includes(answer) || answer.__typename === 'NameTaken'));
    }
  });

  it('is never free for a moment while its app gives it up, or takes it back', async () => {
    for (let round = 0; round < 10; round++) {
      const [a, b] = [newName(), newName()];
      await create(owner, a);
      const [there, ...tries] = await Promise.all([rename(owner, a, b), create(other, a), create(other, a), create(other, a)]);
      assert.equal(there.__typename, 'RenameAppPayload', there.message);
      assert.deepEqual(tries.map(({ __typename }) => __typename), ['NameTaken', 'NameTaken', 'NameTaken']);
      const [back, ...others] = await Promise.all([rename(owner, b, a), create(other, a), create(other, b)]);
      assert.equal(back.__typename, 'RenameAppPayload', back.message);
      assert.deepEqual(others.map(({ __typename }) => __typename), ['NameTaken', 'NameTaken']);
    }
  });

  it('is changed once a key, on the version that was read, and to nothing that is no name', async () => {
    const [a, b, c] = [newName(), newName(), newName()];
    await create(owner, a);
    const once = (): Promise<Result> => rename(owner, a, b, `, expectedVersion: 1, idempotencyKey: "rename ${a}"`);
    const answers = await Promise.all([once(), once(), once()]);
    assert.deepEqual(answers.map(({ app, message }) => app?.name ?? message), [b, b, b]);
    assert.equal((await gateway.platform.db.event.count({ where: { type: 'AppRenamed', app: { name: b } } })), 1);
    assert.equal((await rename(owner, a, c, ', expectedVersion: 1')).__typename, 'VersionConflict');
    assert.match((await rename(owner, a, b)).message ?? '', /is called .* already/);
    for (const [name, message] of [['No Name', /is no app name/], ['api', /reserved/], ['', /is no app name/]] as const) assert.match((await rename(owner, a, name)).message ?? '', message);
  });

  it('is changed by admins and the owner alone', async () => {
    const a = newName();
    const { app } = await create(owner, a);
    assert.equal((await rename(other, a, newName())).__typename, 'NotFound');
    const permission = await gateway.platform.db.permission.create({ data: { appId: app?.id ?? '', userId: other.actor.userId, role: 'DEPLOYER' } });
    assert.match((await rename(other, a, newName())).message ?? '', /may not rename this app: it takes the role ADMIN or a higher one, and yours is DEPLOYER/);
    await gateway.platform.db.permission.update({ where: { id: permission.id }, data: { role: 'ADMIN' } });
    assert.equal((await rename(other, a, newName())).__typename, 'RenameAppPayload');
  });
});
