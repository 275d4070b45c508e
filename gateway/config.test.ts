import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { markFailed } from '../platform/release/verdict.ts';
import { takeLead } from '../platform/lease.ts';
import { startGateway } from '../test/kit/gateway.ts';
import type { TestGateway, TestUser } from '../test/kit/gateway.ts';
import { playDeploy } from '../test/kit/played-deploy.ts';

interface Entry { key: string; value: string | null; digest: string | null; sealed: boolean }
interface Result { __typename: string; code?: string; message?: string; path?: string[]; release?: { id: string; version: number; description: string }; config?: { entries: Entry[] } }

describe('config', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let gateway: TestGateway;
  let owner: TestUser;
  before(async () => {
    // Whose key it is is looked up once: statements are counted.
    gateway = await startGateway({ after: (fn) => { cleanups.push(fn); } }, { now: () => 0 });
    owner = await gateway.createUser();
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const query = async <T>(text: string, variables: object = {}, user = owner): Promise<T> => {
    const { data, errors } = await gateway.query<T>(user, text, variables);
    assert.equal(errors, undefined, `${text}: ${JSON.stringify(errors)}`);
    return data;
  };
  const change = async (name: 'setConfig' | 'copyConfig' | 'rollBack', input: object, user = owner): Promise<Result> => {
    const type = `${name[0]?.toUpperCase()}${name.slice(1)}`;
    const config = name === 'rollBack' ? '' : 'config { entries { key value digest sealed } }';
    return (await query<{ answer: Result }>(`mutation ($input: ${type}Input!) { answer: ${name}(input: $input) { __typename ... on UserError { code message path } ... on ${type}Payload { release { id version description } ${config} } } }`, { input }, user)).answer;
  };
  const set = async (app: string, vars: Record<string, string>, sealed?: boolean): Promise<Result> => {
    const result = await change('setConfig', { app, set: Object.entries(vars).map(([key, value]) => ({ key, value, ...(sealed === undefined ? {} : { sealed }) })) });
    assert.equal(result.__typename, 'SetConfigPayload', result.message);
    return result;
  };
  const read = async (app: string, user = owner): Promise<Record<string, Entry>> => {
    const { app: found } = await query<{ app: { config: { entries: Entry[] } } }>('query ($app: String!) { app(name: $app) { config { entries { key value digest sealed } } } }', { app }, user);
    return Object.fromEntries(found.config.entries.map((entry) => [entry.key, entry]));
  };
  let count = 0;
  const newApp = async (user = owner): Promise<{ id: string; name: string }> => gateway.platform.db.app.create({ data: { name: `config-${++count}`, ownerId: user.actor.userId }, select: { id: true, name: true } });
  const member = async (appId: string, role: 'VIEWER' | 'DEPLOYER'): Promise<TestUser> => {
    const user = await gateway.createUser();
    await gateway.platform.db.permission.create({ data: { appId, userId: user.actor.userId, role } });
    return user;
  };

  describe('that is sealed', () => {
    it('tells nobody whether a guess is right: set again it is another release and another digest, and no digest of it is that of its value', async () => {
      const { name } = await newApp();
      await set(name, { PLAIN: 'guess', SECRET: 'guess' });
      const plain = await read(name);
      assert.equal(plain.SECRET?.digest, plain.PLAIN?.digest);
      const first = await set(name, { SECRET: 'guess' }, true);
      const sealed = await read(name);
      assert.equal(sealed.SECRET?.value, null);
      assert.notEqual(sealed.SECRET?.digest, plain.PLAIN?.digest);
      for (const guess of ['guess', 'wrong']) {
        const before = (await read(name)).SECRET?.digest;
        const again = await set(name, { SECRET: guess });
        assert.ok((again.release?.version ?? 0) > (first.release?.version ?? 0), `a release for ${guess}`);
        assert.notEqual((await read(name)).SECRET?.digest, before, guess);
      }
      assert.equal((await read(name)).SECRET?.sealed, true, 'it stays sealed unless somebody says so');
      const same = await set(name, { PLAIN: 'guess' });
      assert.equal(same.release?.version, (await set(name, { PLAIN: 'guess' })).release?.version, 'a plain one that is equal is no release');
    });

    it('is unsealed by a value that is given with it, and by nothing else', async () => {
      const { name } = await newApp();
      await set(name, { SECRET: 'hidden' }, true);
      const { errors } = await gateway.query(owner, `mutation { setConfig(input: { app: "${name}", set: [{ key: "SECRET", sealed: false }] }) { __typename ... on InvalidInput { message } } }`);
      assert.equal(errors, undefined);
      assert.equal((await read(name)).SECRET?.sealed, true);
      await set(name, { SECRET: 'shown' }, false);
      assert.deepEqual([(await read(name)).SECRET?.sealed, (await read(name)).SECRET?.value], [false, 'shown']);
    });

    it('stays sealed when an app goes back to before it was, also where it was unset meanwhile, and when a failed rollout is undone; and the replicas may stay', async () => {
      const { id, name } = await newApp();
      const { db } = gateway.platform;
      await set(name, { SECRET: 'old' });
      const { release: plain } = await playDeploy(gateway, owner, id);
      await set(name, { SECRET: 'old' }, true);
      assert.equal((await change('rollBack', { app: name, to: plain.version })).__typename, 'RollBackPayload');
      assert.deepEqual([(await read(name)).SECRET?.sealed, (await read(name)).SECRET?.value], [true, null]);
      const [back, before] = await Promise.all([db.release.findFirstOrThrow({ where: { appId: id }, orderBy: { version: 'desc' }, include: { config: true } }), db.release.findUniqueOrThrow({ where: { id: plain.id }, include: { config: true } })]);
      assert.notEqual(back.configId, before.configId);
      assert.equal(back.config.fingerprint, before.config.fingerprint);
      await change('setConfig', { app: name, unset: ['SECRET'] });
      await change('rollBack', { app: name, to: plain.version, scope: 'CONFIG' });
      assert.equal((await read(name)).SECRET?.value, null);

      const failing = await db.release.findFirstOrThrow({ where: { appId: id }, orderBy: { version: 'desc' } });
      const lead = await takeLead(gateway.platform, 'controller', 'test');
      assert.ok(lead);
      await markFailed(gateway.platform, lead, { id: failing.id, appId: id }, { reason: 'CRASH_LOOP', message: 'it crashed', hint: null, exitCode: 1, lines: [] });
      const undone = await db.release.findFirstOrThrow({ where: { appId: id }, orderBy: { version: 'desc' } });
      assert.deepEqual([undone.reason, (await read(name)).SECRET?.value, (await read(name)).SECRET?.sealed], ['AUTO_ROLLBACK', null, true]);
    });
  });

  it('shows digests to those who may read it, and to nobody else, who could try guesses in an app of their own', async () => {
    const { id, name } = await newApp();
    await set(name, { A: 'guess' });
    const version = 1;
    const digests = async (user: TestUser) => {
      const { app, release } = await query<{ app: { config: { entries: Entry[] }; configHistory: { nodes: { digest: string | null; set: boolean }[] } }; release: { config: { digest: string | null }[] } }>(`{ app(name: "${name}") { config { entries { key value digest } } configHistory(key: "A") { nodes { digest set } } } release(app: "${name}", version: ${version}) { config { key digest } } }`, {}, user);
      return [app.config.entries[0]?.digest, app.configHistory.nodes[0]?.digest, release.config[0]?.digest];
    };
    const [digest] = await digests(owner);
    assert.deepEqual(await digests(owner), [digest, digest, digest]);
    assert.deepEqual(await digests(await member(id, 'DEPLOYER')), [digest, digest, digest]);
    assert.deepEqual(await digests(await member(id, 'VIEWER')), [null, null, null]);
  });

  it('has a history of each key: every release that changed it, newest first, a page at a time, in one statement for any number of apps', async () => {
    const { id, name } = await newApp();
    await playDeploy(gateway, owner, id);
    await set(name, { A: '1', B: '1' });
    await set(name, { B: '2' });
    await set(name, { A: '2' });
    await change('setConfig', { app: name, unset: ['A'] });
    await set(name, { A: '2' }, true);
    await change('rollBack', { app: name, to: 2, scope: 'CONFIG' });
    const page = async (args: string) => (await query<{ app: { configHistory: { nodes: { release: { version: number }; set: boolean; sealed: boolean; setBy: { email: string } }[]; pageInfo: { hasNextPage: boolean; endCursor: string } } } }>(`{ app(name: "${name}") { configHistory(key: "A", ${args}) { nodes { release { version } set sealed digest setAt setBy { email } } pageInfo { hasNextPage endCursor } } } }`)).app.configHistory;
    const { nodes } = await page('first: 50');
    assert.deepEqual(nodes.map(({ release, set: isSet, sealed }) => [release.version, isSet, sealed]), [[7, true, true], [6, true, true], [5, false, false], [4, true, false], [2, true, false]]);
    assert.equal(nodes[2]?.setBy.email, owner.actor.email);
    const first = await page('first: 2');
    assert.equal(first.pageInfo.hasNextPage, true);
    const rest = await page(`first: 3, after: "${first.pageInfo.endCursor}"`);
    assert.deepEqual([...first.nodes, ...rest.nodes], nodes);
    assert.equal(rest.pageInfo.hasNextPage, false);
    assert.deepEqual((await page('first: 2').then(() => query<{ app: { configHistory: { nodes: unknown[] } } }>(`{ app(name: "${name}") { configHistory(key: "NEVER") { nodes { set } } } }`))).app.configHistory.nodes, []);

    const many = '{ apps(first: 20) { nodes { configHistory(key: "A", first: 50) { nodes { digest release { version } setBy { email } } } } } }';
    await query(many);
    gateway.statements();
    await query(many);
    const statements = gateway.statements();
    assert.ok(statements.length <= 4, statements.join('\n'));
  });

  describe('that is copied', () => {
    const copy = (from: string, to: string, more: object = {}, user = owner): Promise<Result> => change('copyConfig', { from, to, ...more }, user);

    it('is one release of the other app, with equal digests; what is sealed stays sealed, and opens for the replicas there', async () => {
      const [from, to] = [await newApp(), await newApp()];
      await set(from.name, { A: '1', B: '2' });
      await set(from.name, { SECRET: 'hidden' }, true);
      const { release } = await copy(from.name, to.name);
      assert.deepEqual([release?.version, release?.description], [1, `Copy A, B, SECRET from ${from.name}`]);
      const [source, target] = [await read(from.name), await read(to.name)];
      assert.deepEqual([target.A, target.B], [source.A, source.B]);
      assert.deepEqual([target.SECRET?.value, target.SECRET?.sealed], [null, true]);
      const { readConfig } = await import('../platform/config/config.ts');
      const { configId } = await gateway.platform.db.release.findUniqueOrThrow({ where: { id: release?.id ?? '' } });
      const opened = await readConfig(gateway.platform, to.id, configId);
      assert.deepEqual(opened.map(({ key, value }) => [key, Buffer.from(value, 'base64').toString()]), [['A', '1'], ['B', '2'], ['SECRET', 'hidden']]);
    });

    it('overwrites only where that is asked for, and never shows what was sealed', async () => {
      const [from, to] = [await newApp(), await newApp()];
      await set(from.name, { A: '1', B: '2', C: '3' });
      await set(to.name, { A: 'own', C: '3' });
      await set(to.name, { B: 'sealed' }, true);
      const refused = await copy(from.name, to.name);
      assert.equal(refused.__typename, 'InvalidInput');
      assert.match(refused.message ?? '', / has A, B, C already/);
      const done = await copy(from.name, to.name, { overwrite: true });
      assert.match(done.release?.description ?? '', /^Copy A, B from /, 'C was equal');
      const { A, B } = await read(to.name);
      assert.deepEqual([A?.value, B?.value, B?.sealed], ['1', null, true]);
      const again = await copy(from.name, to.name, { overwrite: true, keys: ['A', 'C'] });
      assert.equal(again.release?.version, done.release?.version, 'nothing changed');
    });

    it('takes the right to read there and to write here, and names what is wrong', async () => {
      const [from, to] = [await newApp(), await newApp()];
      await set(from.name, { A: '1' });
      const cases: [string, Promise<Result>, string, string[] | null][] = [
        ['a stranger', copy(from.name, to.name, {}, await gateway.createUser()), 'NotFound', ['input', 'from']],
        ['who may only read config here', copy(from.name, to.name, {}, await member(from.id, 'DEPLOYER')), 'NotFound', ['input', 'to']],
        ['a viewer of the source', copy(from.name, to.name, {}, await member(from.id, 'VIEWER')), 'Forbidden', null],
        ['a key that is not there', copy(from.name, to.name, { keys: ['A', 'NO'] }), 'InvalidInput', ['input', 'keys']],
        ['no keys', copy(from.name, to.name, { keys: [] }), 'InvalidInput', ['input', 'keys']],
        ['nothing to copy', copy(to.name, from.name), 'InvalidInput', ['input', 'from']],
        ['an app to itself', copy(from.name, from.id), 'InvalidInput', ['input', 'to']],
        ['another version', copy(from.name, to.name, { expectedVersion: 99 }), 'VersionConflict', ['input', 'expectedVersion']],
      ];
      for (const [what, result, type, path] of cases) {
        const answer = await result;
        assert.deepEqual([answer.__typename, answer.path ?? null], [type, path], `${what}: ${answer.message}`);
      }
      const once = await Promise.all(Array.from({ length: 5 }, () => copy(from.name, to.name, { idempotencyKey: 'copy-once' })));
      assert.deepEqual(new Set(once.map(({ release }) => release?.id)).size, 1);
      assert.equal(await gateway.platform.db.release.count({ where: { appId: to.id } }), 1);
    });
  });

  it('set 100 times at once makes 100 releases and as many snapshots: no number is left out or given twice, and no value is lost', async () => {
    const { id, name } = await newApp();
    // On a machine that is slow some are told to try again: what they try again is done once.
    const setOnce = async (index: number): Promise<number> => {
      const input = { app: name, set: [{ key: `KEY_${index}`, value: String(index) }], idempotencyKey: `at once ${index}` };
      for (;;) {
        const { data, errors } = await gateway.query<{ setConfig: { release: { version: number } } }>(owner, 'mutation ($input: SetConfigInput!) { setConfig(input: $input) { ... on SetConfigPayload { release { version } } } }', { input });
        if (!errors) return data.setConfig.release.version;
        assert.equal(errors[0]?.extensions.code, 'UNAVAILABLE', JSON.stringify(errors));
      }
    };
    const results = await Promise.all(Array.from({ length: 100 }, (_, index) => setOnce(index)));
    const versions = results.toSorted((a, b) => a - b);
    assert.deepEqual(versions, Array.from({ length: 100 }, (_, index) => index + 1));
    const entries = await read(name);
    for (let index = 0; index < 100; index++) assert.equal(entries[`KEY_${index}`]?.value, String(index));
    const { db } = gateway.platform;
    const ledger = await db.release.findMany({ where: { appId: id }, orderBy: { version: 'asc' }, include: { config: { include: { _count: { select: { entries: true } } } } } });
    assert.deepEqual(ledger.map(({ config }) => config._count.entries), versions);
    assert.equal(new Set(ledger.map(({ config }) => config.fingerprint)).size, 100);
    const events = await db.event.findMany({ where: { appId: id }, orderBy: { number: 'asc' } });
    assert.deepEqual(events.map(({ number }) => number), events.map((_, index) => index + 1));
    const app = await db.app.findUniqueOrThrow({ where: { id } });
    assert.deepEqual([app.lastRelease, app.version], [100, 101]);
  });
});
