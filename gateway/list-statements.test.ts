import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { schema } from '../schema/schema.ts';
import { startGateway } from '../test/kit/gateway.ts';
import type { TestGateway } from '../test/kit/gateway.ts';
import { allLists, argsFrom, longestList, reachLists } from '../test/kit/list-queries.ts';
import type { ListField } from '../test/kit/list-queries.ts';
import { createListWorld, filledLists } from '../test/kit/list-world.ts';
import type { ListWorld } from '../test/kit/list-world.ts';

const LENGTHS = [2, 20] as const;

/** Lists that are empty or out of reach here, and why that is right. */
const exempt: Record<string, string> = {
  'LogConnection.gaps': 'lines that are missing from a log, which is no table',
  'LogBatch.lines': 'lines of a live log, which is no table',
  'LogOutPayload.sessions': 'the sessions that a log-out ended, which are User.sessions and have no lists below',
};

/** What fields cannot do without. */
const argsIn = ({ app, ids }: Pick<ListWorld, 'app' | 'ids'>): Record<string, string> => ({
  'Query.app': `name: "${app.name}"`, 'Query.build': `id: "${ids[0]?.build}"`, 'Query.release': `app: "${app.name}", version: 1`, 'Query.rollBackPreview': `app: "${app.name}", to: 1`,
  'App.configHistory': 'key: "K0"',
});
const reach = (world: Pick<ListWorld, 'app' | 'ids'>): ListField[] => reachLists(schema, argsFrom(argsIn(world)));

describe('a list of the schema', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let gateway: TestGateway;
  let worlds: ListWorld[];
  before(async () => {
    gateway = await startGateway({ after: (fn) => { cleanups.push(fn); } }, { limits: { cost: 1e9 }, costPerMinute: 1e12 });
    worlds = [];
    for (const length of LENGTHS) worlds.push(await createListWorld(gateway, length));
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const lists = reach({ app: { id: '', name: '' }, ids: [] });
  it('is reached by a query, or named with a reason', () => {
    const reached = new Set(lists.map(({ name }) => name));
    assert.deepEqual(allLists(schema).filter((name) => !reached.has(name) && !exempt[name]), [], 'say in argsIn how to get there');
  });

  /** Statements of a query when what is shared is open; the fewest of three times, as who asks is looked up now and then. */
  async function count({ user }: ListWorld, query: string): Promise<{ statements: string[]; length: number }> {
    await gateway.query(user, query);
    const times: { statements: string[]; length: number }[] = [];
    for (let time = 0; time < 3; time++) {
      gateway.statements();
      const { data, errors } = await gateway.query(user, query);
      assert.equal(errors, undefined, `${query}: ${JSON.stringify(errors)}`);
      times.push({ statements: gateway.statements(), length: longestList(data) });
    }
    return times.sort((one, other) => one.statements.length - other.statements.length)[0] as (typeof times)[number];
  }

  async function checkSame(what: string, queryOf: (list: ListField, length: number) => string, name: string): Promise<void> {
    const counts = [];
    for (const world of worlds) {
      const list = reach(world).find((each) => each.name === name);
      assert.ok(list);
      const { length, statements } = await count(world, queryOf(list, world.length));
      assert.ok(length >= world.length, `${name} has ${length} items where there should be ${world.length}: say in \`fills\` of test/kit/list-world.ts how it is filled${filledLists.includes(name) ? '; what is there does not do it' : ''}`);
      counts.push({ length, statements });
    }
    const [few, many] = counts;
    assert.ok(few && many && few.length < many.length, `${name} has ${few?.length} and ${many?.length} items`);
    assert.equal(many.statements.length, few.statements.length, `${what}: ${few.statements.length} statements for ${few.length} items, ${many.statements.length} for ${many.length}:\n${[...new Set(many.statements)].map((sql) => sql.slice(0, 400)).join('\n')}`);
  }

  for (const { name, nested } of lists.filter((list) => !exempt[list.name])) {
    it(`costs as many statements whatever its length, and so does what is below each of its items: ${name}`, async () => {
      await checkSame(name, (list, length) => list.query(length), name);
      const failures: string[] = [];
      for (const field of Object.keys(nested)) {
        await checkSame(`${name} { ${field} }`, (list, length) => list.nested[field]?.(length) ?? '', name).catch((error: unknown) => { failures.push((error as Error).message); });
      }
      assert.deepEqual(failures, [], failures.join('\n\n'));
    });
  }
});
