import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { getNamedType, isInputObjectType } from 'graphql';
import { defaultLimits } from '../../gateway/limits.ts';
import type { Limits } from '../../gateway/limits.ts';
import { schema } from '../../schema/schema.ts';
import { startGateway } from '../kit/gateway.ts';
import { ask } from './ask.ts';
import { deeds } from './deeds.ts';
import { inputs } from './inputs.ts';
import { allows } from './rules.ts';
import { createWorld } from './world.ts';
import type { Visitor, World } from './world.ts';

const limits = Object.fromEntries(Object.keys(defaultLimits).map((name) => [name, 1e12])) as unknown as Limits;
/** One to whom the app is nothing, one who sees it, and keys that may little. */
const refused: readonly Visitor[] = ['a stranger', 'a viewer', 'a READ key', 'a deploy key'];
const mutations = schema.getMutationType()?.getFields() ?? {};

/** Bad values of what many mutations take alike. */
const alike: Record<string, readonly string[]> = { idempotencyKey: ['""', `"${'x'.repeat(201)}"`], expectedVersion: ['-1'] };

function badAlike(mutation: string): string[] {
  const input = getNamedType(mutations[mutation]?.args[0]?.type);
  const fields = isInputObjectType(input) ? Object.keys(input.getFields()) : [];
  return fields.flatMap((field) => (alike[field] ?? []).map((value) => `${field}: ${value}`));
}

describe('who may not do something', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let world: World;
  before(async () => { world = await createWorld(await startGateway({ after: (fn) => { cleanups.push(fn); } }, { limits, costPerMinute: 1e15 })); });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  /** All that somebody is told, by whichever way. */
  const told = async (visitor: Visitor, mutation: string, input: string): Promise<{ code: unknown; message: unknown; path: unknown }> => {
    const { data, errors } = await ask(world, visitor, `mutation { answer: ${mutation}(input: { ${input} }) { __typename ... on UserError { code message path } } }`);
    const { code = errors?.[0]?.extensions.code, message = errors?.[0]?.message, path = null } = (data?.answer ?? {}) as { code?: string; message?: string; path?: string[] };
    return { code, message, path };
  };

  it('is tried with every mutation that not everybody may do', () => {
    const ruled = Object.keys(mutations).filter((name) => deeds[name]?.rule !== 'anybody');
    assert.deepEqual(Object.keys(inputs).sort(), ruled.sort(), 'a new mutation belongs into this table');
  });

  for (const [mutation, cases] of Object.entries(inputs)) {
    it(`is told so, whatever they send: ${mutation}`, async () => {
      let tried = 0;
      for (const { good, bad, visitors } of cases) {
        const text = good(world);
        const others = [...bad.map((each) => each(world)), ...badAlike(mutation).map((each) => `${text}, ${each}`)];
        for (const visitor of visitors ?? refused.filter((each) => !allows(deeds[mutation]?.rule ?? 'anybody', each))) {
          const answer = await told(visitor, mutation, text);
          assert.match(String(answer.code), /^(NOT_FOUND|FORBIDDEN)$/, `${visitor}: ${String(answer.message)}`);
          for (const other of others) assert.deepEqual(await told(visitor, mutation, other), answer, `${visitor}: ${other}`);
          tried++;
        }
      }
      assert.ok(tried > 0, 'nobody is kept from it');
    });
  }
});
