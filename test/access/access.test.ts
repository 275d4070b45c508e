import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { answerPush } from '../../gateway/answer-push.ts';
import { accountActions, actions, mayAccount, mayApp } from '../../platform/access.ts';
import type { AccountAction, Action } from '../../platform/access.ts';
import { hashSecret } from '../../platform/key/api-key-secret.ts';
import { findActor } from '../../platform/key/key-actor.ts';
import { defaultLimits } from '../../gateway/limits.ts';
import type { Limits } from '../../gateway/limits.ts';
import { schema } from '../../schema/schema.ts';
import { startGateway } from '../kit/gateway.ts';
import type { TestGateway } from '../kit/gateway.ts';
import { deeds, isLetDo } from './deeds.ts';
import { follows, isLetFollow } from './follows.ts';
import { isLetGit } from './pushes.ts';
import { isError, maySee, readAll } from './reads.ts';
import { allows, ruledFields, ruleOf } from './rules.ts';
import type { Rule } from './rules.ts';
import { fieldsOf } from './walk.ts';
import type { Seen } from './walk.ts';
import { createWorld, visitors } from './world.ts';
import type { Visitor, World } from './world.ts';

/** Nobody is kept from walking through all of it by its size. */
const limits = Object.fromEntries(Object.keys(defaultLimits).map((name) => [name, 1e12])) as unknown as Limits;
const roots = ['Query', 'Mutation', 'Subscription'];

/** Where reading begins: a query's call, and the type that it answers with. */
const reads: Record<string, { type: string; call: (world: World) => string }> = {
  viewer: { type: 'User', call: () => 'viewer' },
  apps: { type: 'AppConnection', call: () => 'apps' },
  app: { type: 'App', call: ({ app }) => `app(name: "${app.name}")` },
  invitations: { type: 'OwnInvitationConnection', call: () => 'invitations' },
  keyRotation: { type: 'KeyRotation', call: () => 'keyRotation' },
  rollBackPreview: { type: 'RollBackPreview', call: ({ app }) => `rollBackPreview(app: "${app.id}", to: 1)` },
  build: { type: 'Build', call: ({ ids }) => `build(id: "${ids.build}")` },
  release: { type: 'Release', call: ({ app }) => `release(app: "${app.id}", version: 2)` },
};

/** Where the platform lacks a check, one mistake is enough. */
const isEnough = process.env.SLIPWAY_TEST_WITHOUT !== undefined;
let isOver = false;
function check(name: string, run: () => Promise<void> | void): void {
  it(name, async () => {
    if (isOver) return;
    try {
      await run();
    } catch (error) {
      isOver = isEnough;
      throw error;
    }
  });
}

describe('who may what', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let gateway: TestGateway;
  let world: World;
  before(async () => {
    gateway = await startGateway({ after: (fn) => { cleanups.push(fn); } }, { limits, costPerMinute: 1e15 });
    answerPush(gateway.platform, gateway.platform.bus, (error) => { throw error; });
    world = await createWorld(gateway);
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  check('is decided for every field, query, mutation and subscription', () => {
    const there = fieldsOf(schema).map((name) => name.split('.') as [string, string]);
    const of = (root: string): string[] => there.filter(([type]) => type === root).map(([, field]) => field).sort();
    assert.deepEqual(there.filter(([type, field]) => !roots.includes(type) && ruleOf(type, field, isError(type)) === null).map((name) => name.join('.')), [], 'fields without a rule');
    assert.deepEqual(ruledFields.filter((name) => !there.some((own) => own.join('.') === name)), [], 'rules without a field');
    assert.deepEqual(of('Query'), [...Object.keys(reads), 'node'].sort());
    assert.deepEqual(of('Mutation'), Object.keys(deeds).sort());
    assert.deepEqual(of('Subscription'), Object.keys(follows).sort());
  });

  check('mayApp and mayAccount: the table of the platform is the one of this test', async () => {
    const same: Partial<Record<Action, Rule>> = { rename: 'manage', managePeople: 'manage', manageDeployKeys: 'manage', transfer: 'own', delete: 'own', fetch: 'read' };
    for (const visitor of visitors) {
      const { secret } = world.credentials[visitor];
      const actor = secret === null ? null : await findActor(gateway.platform, hashSecret(secret), null);
      if (!actor) continue;
      const app = await gateway.platform.db.app.findUniqueOrThrow({ where: { id: world.app.id }, include: { permissions: true } });
      for (const action of Object.keys(actions) as Action[]) assert.equal(mayApp(actor, app, action), allows(same[action] ?? action as Rule, visitor), `${visitor}: ${action}`);
      for (const action of Object.keys(accountActions) as AccountAction[]) assert.equal(mayAccount(actor, action), allows(action === 'managePlatform' ? 'platform' : 'account', visitor), `${visitor}: ${action}`);
    }
  });

  check('can: an app says of itself what the visitor may do', async () => {
    const told = { push: 'push', deploy: 'deploy', rollBack: 'deploy', scale: 'deploy', restart: 'deploy', readConfig: 'readConfig', setConfig: 'writeConfig', rename: 'manage', managePeople: 'manage', manageDeployKeys: 'manage', transfer: 'own', delete: 'own' } as const;
    for (const visitor of visitors.filter((each) => allows('read', each))) {
      const { values } = await readAll(world, visitor, ['app(name: "one")'], 'App', 2);
      for (const [right, rule] of Object.entries(told)) {
        assert.equal(values.find((seen) => seen.type === 'AppRights' && seen.field === right)?.value, allows(rule, visitor), `${visitor}: ${right}`);
      }
    }
  });

  for (const [name, deed] of Object.entries(deeds)) {
    check(`${name}: ${deed.rule === 'anybody' ? 'everybody' : 'exactly who may'} is let to it`, async () => {
      for (const visitor of visitors) {
        assert.equal(await isLetDo(world, visitor, name, deed), allows(deed.rule, visitor), visitor);
        await world.restore();
      }
    });
  }

  check('acceptInvitation: one that was sent to another address is nobody else\'s', async () => {
    for (const visitor of visitors) {
      const other = visitors.find((each) => world.userIds[each] !== world.userIds[visitor]) ?? visitor;
      for (const input of [`{ token: "${world.ended[other].token}" }`, `{ invitation: "${world.ended[other].invitation}" }`]) {
        assert.equal(await isLetDo(world, visitor, 'acceptInvitation', { rule: 'account', input: () => input }), false, `${visitor}: ${input}`);
      }
    }
  });

  for (const [name, follow] of Object.entries(follows)) {
    check(`${name}: exactly who may is told anything`, async () => {
      for (const visitor of visitors) assert.equal(await isLetFollow(world, visitor, name, follow), allows(follow.rule, visitor), visitor);
    });
  }

  for (const action of ['push', 'fetch'] as const) {
    check(`git ${action}: exactly who may is let in`, async () => {
      const git = await gateway.nats.bus('git');
      for (const visitor of visitors) assert.equal(await isLetGit(git, world, visitor, action), allows(action, visitor) && world.credentials[visitor].secret !== null, visitor);
    });
  }

  /** What somebody was shown that no rule allows. */
  const leaks = (visitor: Visitor, values: Seen[]): string[] => [...new Set(values.filter((seen) => !maySee(world, visitor, seen)).map(({ type, field, path }) => `${type}.${field} at ${path}`))];

  for (const [name, { type, call }] of Object.entries(reads)) {
    check(`${name}: nobody is shown what is not theirs to see, however deep they ask`, async () => {
      const shown = new Map<Visitor, Set<string>>();
      for (const visitor of visitors) {
        const { values, codes } = await readAll(world, visitor, [call(world)], type);
        assert.deepEqual(leaks(visitor, values), [], visitor);
        assert.deepEqual(codes.filter((code) => code !== 'UNAUTHENTICATED'), [], visitor);
        shown.set(visitor, new Set(values.map((seen) => `${seen.type}.${seen.field}`)));
      }
      // And whoever may see something does.
      const all = shown.get('the owner') ?? new Set();
      if (name !== 'invitations' && name !== 'keyRotation') assert.ok(all.size > 3, [...all].join(' '));
      if (!['app', 'build', 'release', 'rollBackPreview'].includes(name)) return;
      for (const visitor of visitors) {
        for (const field of all) {
          const rule = ruleOf(...(field.split('.') as [string, string]), false);
          if (rule === null || rule === 'nothing' || rule === 'person' || rule === 'key' || rule === 'self' || rule === 'account') continue;
          assert.equal(shown.get(visitor)?.has(field), allows(rule, visitor), `${visitor}: ${field}`);
        }
      }
    });
  }

  check('node: an id is nothing to whom it is not theirs', async () => {
    for (const visitor of visitors) {
      const { values } = await readAll(world, visitor, [...world.belongs.keys()].map((id) => `node(id: "${id}")`), 'Node', 1);
      assert.deepEqual(leaks(visitor, values), [], visitor);
    }
  });
});
