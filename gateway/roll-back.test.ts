import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startGateway } from '../test/kit/gateway.ts';
import type { TestGateway, TestUser } from '../test/kit/gateway.ts';
import { playDeploy } from '../test/kit/played-deploy.ts';

const DIFF = 'diff { from codeChanged slugBefore { digest } slugAfter { digest } commitBefore commitAfter processTypesAdded processTypesChanged processTypesRemoved configAdded configChanged configRemoved }';

interface Diff { from: number; codeChanged: boolean; commitBefore: string | null; configAdded: string[]; configChanged: string[]; configRemoved: string[]; processTypesAdded: string[]; processTypesChanged: string[]; processTypesRemoved: string[] }
interface Config { key: string; sealed: boolean; digest: string }
interface Preview { release: { to: { version: number }; description: string; diff: Diff; config: Config[]; keptKeys: string[] } | null; refused: { code: string; message: string } | null }
interface Done { __typename: string; code?: string; message?: string; release?: { rolledBackTo: number; description: string; diff: Diff; config: Config[] } }

describe('going back', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let gateway: TestGateway;
  let owner: TestUser;
  before(async () => {
    gateway = await startGateway({ after: (fn) => { cleanups.push(fn); } });
    owner = await gateway.createUser();
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const query = async <T>(text: string, user = owner): Promise<T> => {
    const { data, errors } = await gateway.query<T>(user, text);
    assert.equal(errors, undefined, `${text}: ${JSON.stringify(errors)}`);
    return data;
  };
  const preview = async (args: string, user = owner): Promise<Preview | null> => (await query<{ rollBackPreview: Preview | null }>(`{ rollBackPreview(${args}) { refused { code message } release { to { version } description ${DIFF} config { key sealed digest } keptKeys } } }`, user)).rollBackPreview;
  const rollBack = async (args: string): Promise<Done> => (await query<{ answer: Done }>(`mutation { answer: rollBack(input: { ${args} }) { __typename ... on UserError { code message } ... on RollBackPayload { release { rolledBackTo description ${DIFF} config { key sealed digest } } } } }`)).answer;
  const config = async (name: string, input: string): Promise<void> => {
    const { answer } = await query<{ answer: { __typename: string } }>(`mutation { answer: setConfig(input: { app: "${name}", ${input} }) { __typename } }`);
    assert.equal(answer.__typename, 'SetConfigPayload');
  };

  let count = 0;
  /** v1 config, v2 code b, v3 config, v4 code c, v5 a sealed key, v6 a key gone. */
  const appWithLedger = async (): Promise<{ id: string; name: string }> => {
    const app = await gateway.platform.db.app.create({ data: { name: `back-${++count}`, ownerId: owner.actor.userId } });
    await config(app.name, 'set: [{ key: "A", value: "1" }, { key: "GONE", value: "1" }, { key: "SECRET", value: "s" }]');
    await playDeploy(gateway, owner, app.id, 'b');
    await config(app.name, 'set: [{ key: "A", value: "2" }, { key: "NEW", value: "1" }]');
    await playDeploy(gateway, owner, app.id, 'c');
    await config(app.name, 'set: [{ key: "SECRET", value: "s", sealed: true }]');
    await config(app.name, 'unset: ["GONE"]');
    await gateway.platform.db.release.updateMany({ where: { appId: app.id, status: { not: 'LIVE' } }, data: { status: 'LIVE' } });
    return app;
  };

  const cases: [string, string][] = [
    ['to the one before', ''], ['to both of an old one', 'to: 2'], ['to its code', 'to: 2, scope: CODE'], ['to its config', 'to: 2, scope: CONFIG'], ['to the config of one without code', 'to: 1, scope: CONFIG'],
    ['keeping a key', 'to: 2, keepKeys: ["A"]'], ['keeping a new and a gone key', 'to: 2, keepKeys: ["NEW", "GONE"]'], ['keeping what is the same', 'to: 4, keepKeys: ["A"]'], ['keeping all', 'to: 2, keepKeys: ["A", "NEW", "GONE", "SECRET"]'],
    ['to one that is as now but for a key', 'to: 5'], ['to one without code', 'to: 1'], ['to the one that runs', 'to: 6'], ['to the config of the one that runs', 'to: 6, scope: CONFIG'],
    ['to one that is not there', 'to: 99'], ['to a version that none can have', 'to: -1'], ['keeping a key that is none', 'to: 2, keepKeys: ["NO"]'],
  ];
  for (const [what, args] of cases) {
    it(`is just as its preview says, which changes nothing: ${what}`, async () => {
      const { id, name } = await appWithLedger();
      const before = await gateway.platform.db.app.findUniqueOrThrow({ where: { id } });
      const said = await preview(`app: "${name}", ${args}`);
      assert.ok(said);
      assert.deepEqual(await gateway.platform.db.app.findUniqueOrThrow({ where: { id } }), before);
      assert.equal(await gateway.platform.db.config.count({ where: { appId: id } }), 4);
      const done = await rollBack(`app: "${name}", ${args}`);
      if (said.refused) { assert.deepEqual(said, { release: null, refused: { code: done.code, message: done.message } }); return; }
      assert.ok(done.release, done.message);
      const { keptKeys: _, to, ...release } = said.release ?? assert.fail();
      assert.deepEqual({ ...release, rolledBackTo: to.version }, done.release);
    });
  }

  it('keeps in its preview the keys that it is told to, as far as they differ, and what was sealed since sealed', async () => {
    const { name } = await appWithLedger();
    const { release } = await preview(`app: "${name}", to: 2, keepKeys: ["A", "SECRET", "GONE"]`) ?? {};
    assert.deepEqual(release?.keptKeys, ['A', 'GONE', 'SECRET']);
    assert.deepEqual(release?.config.map(({ key, sealed }) => [key, sealed]), [['A', false], ['SECRET', true]]);
    const plain = await preview(`app: "${name}", to: 2`);
    assert.deepEqual(plain?.release?.config.map(({ key, sealed }) => [key, sealed]), [['A', false], ['GONE', false], ['SECRET', true]]);
    assert.deepEqual([plain?.release?.diff.configAdded, plain?.release?.diff.configChanged, plain?.release?.diff.configRemoved, plain?.release?.diff.codeChanged], [['GONE'], ['A', 'SECRET'], ['NEW'], true]);
  });

  it('says in its preview who may not, and nothing to who may not see the app', async () => {
    const { id, name } = await appWithLedger();
    const viewer = await gateway.createUser();
    await gateway.platform.db.permission.create({ data: { appId: id, userId: viewer.actor.userId, role: 'VIEWER' } });
    assert.equal((await preview(`app: "${name}", to: 2`, viewer))?.refused?.code, 'FORBIDDEN');
    assert.equal(await preview(`app: "${name}", to: 2`, await gateway.createUser()), null);
  });

  it('can be compared: any two releases of an app, both ways, and none of another app', async () => {
    const { id, name } = await appWithLedger();
    await gateway.platform.db.slug.updateMany({ where: { appId: id, digest: 'c'.repeat(64) }, data: { processTypes: [{ type: 'web', command: 'node other' }, { type: 'clock', command: 'node c' }, { type: 'release', command: 'true' }] } });
    const diff = async (version: number, from: number): Promise<Diff | null> => (await query<{ release: { diff: Diff | null } }>(`{ release(app: "${name}", version: ${version}) { ${DIFF.replace('diff', `diff(from: ${from})`)} } }`)).release.diff;
    const forth = await diff(6, 2);
    assert.deepEqual([forth?.codeChanged, forth?.configAdded, forth?.configChanged, forth?.configRemoved], [true, ['NEW'], ['A', 'SECRET'], ['GONE']]);
    assert.deepEqual([forth?.processTypesAdded, forth?.processTypesChanged, forth?.processTypesRemoved], [['clock'], ['web'], ['worker']]);
    const back = await diff(2, 6);
    assert.deepEqual([back?.configAdded, back?.configChanged, back?.configRemoved, back?.processTypesAdded, back?.processTypesRemoved], [['GONE'], ['A', 'SECRET'], ['NEW'], ['worker'], ['clock']]);
    assert.deepEqual([(await diff(2, 1))?.commitBefore, forth?.commitBefore], [null, 'c0ffee00'.repeat(5)]);
    assert.deepEqual({ ...await diff(4, 4), slugBefore: null, slugAfter: null, commitBefore: null, commitAfter: null }, { from: 4, codeChanged: false, slugBefore: null, slugAfter: null, commitBefore: null, commitAfter: null, processTypesAdded: [], processTypesChanged: [], processTypesRemoved: [], configAdded: [], configChanged: [], configRemoved: [] });
    await appWithLedger();
    assert.equal(await diff(4, 7), null, 'only versions of the same app are found');
  });
});
