import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { Kind, parse, validate } from 'graphql';
import type { OperationDefinitionNode } from 'graphql';
import { examplesDir, readExamples } from '../schema/reference/examples.ts';
import { schema } from '../schema/schema.ts';
import { startGateway } from '../test/kit/gateway.ts';
import { tellStory } from './example-story.ts';
import type { Story } from './example-story.ts';
import { exampleRuns } from './example-variables.ts';
import type { ExampleRun } from './example-variables.ts';
import { steady } from './example-answer.ts';

type By = NonNullable<ExampleRun['by']>;

const examples = readExamples();
/** With it, what is answered is written down in place of being compared; `npm run generate` then puts it on the pages. */
const writes = process.env.SLIPWAY_WRITE_EXAMPLES === '1';
const fieldsOf = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap((root) => (root ? Object.keys(root.getFields()).map((field) => ({ field, root: root.name.toLowerCase() })) : []));

describe('the examples of the API reference', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let story: Story;
  before(async () => { story = await tellStory(await startGateway({ after: (fn) => { cleanups.push(fn); } })); });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  it('are one for each query, mutation and subscription', () => {
    const fields = fieldsOf.map(({ field }) => field).sort();
    assert.deepEqual([...examples.keys()].sort(), fields, 'give each its docs/api/examples/<field>.graphql');
    assert.deepEqual(Object.keys(exampleRuns).sort(), fields, 'give each its line in docs/example-variables.ts');
  });

  for (const { field, root } of fieldsOf) {
    it(`say in a sentence what they do, and ask for what can go wrong: ${field}`, () => {
      const text = examples.get(field)?.document ?? '';
      assert.match(text, /^# [A-Z].*\.\n(query|mutation|subscription) [A-Z]\w*/);
      const document = parse(text);
      assert.deepEqual(validate(schema, document), []);
      const [operation] = document.definitions as OperationDefinitionNode[];
      assert.deepEqual(operation?.selectionSet.selections.map((each) => each.kind === Kind.FIELD && each.name.value), [field]);
      assert.equal(operation.operation, root);
      if (root === 'mutation') assert.match(text, /\.\.\. on UserError \{ code message .*\}/);
    });
  }

  for (const [field, { by = 'ann', variables: find }] of Object.entries(exampleRuns)) {
    it(`are answered as the reference says: ${field}`, async () => {
      const { document, ...told } = examples.get(field) ?? assert.fail(`docs/api/examples/${field}.graphql is missing`);
      const variables = await find?.(story) ?? {};
      const answer = document.includes('\nsubscription ') ? await firstEvent(story, by, document, variables) : await answerOf(story, by, document, variables);
      const value = answer[field];
      story.answers.set(field, value);
      assert.ok(value !== null && value !== undefined, 'it answers nothing');
      assert.ok(typeof value === 'object' && !('code' in value) && Object.keys(value).length > 0, JSON.stringify(value));
      const now = steady({ variables, answer });
      const file = new URL(`${field}.json`, examplesDir);
      if (writes) writeFileSync(file, `${JSON.stringify(now, null, 2)}\n`);
      else if (!existsSync(file)) assert.fail('its answer is not written down: run "SLIPWAY_WRITE_EXAMPLES=1 npm test docs/examples.test.ts", then "npm run generate"');
      else assert.deepEqual(now, told, 'run "SLIPWAY_WRITE_EXAMPLES=1 npm test docs/examples.test.ts", then "npm run generate", and see what changed');
    });
  }
});

async function answerOf({ gateway, people, browser }: Story, by: By, query: string, variables: object): Promise<Record<string, unknown>> {
  const { data, errors } = by === 'page' ? await browser.query<Record<string, unknown>>(query, variables) : await gateway.query<Record<string, unknown>>(people[by], query, variables);
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
}

async function firstEvent({ gateway, people }: Story, by: By, query: string, variables: object): Promise<Record<string, unknown>> {
  const client = gateway.socket(by === 'page' ? null : people[by]);
  try {
    for await (const { data, errors } of client.iterate<Record<string, unknown>>({ query, variables: { ...variables } })) {
      assert.equal(errors, undefined, JSON.stringify(errors));
      if (data) return data;
    }
    return assert.fail('it ended without an event');
  } finally {
    await client.dispose();
  }
}
