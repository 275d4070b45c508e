import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from 'graphql';
import { measureParts } from './measure-parts.ts';
import { measureVariables } from './measure-variables.ts';

describe('the parts of a document', () => {
  const none = { directives: 0, fragments: 0, list: 0, selections: 1, repeats: 0 };
  const cases: [string, Partial<ReturnType<typeof measureParts>>][] = [
    ['{ a }', {}],
    ['{ a a a }', { selections: 3, repeats: 2 }],
    ['{ a: x b: x a: y }', { selections: 3, repeats: 1 }],
    ['{ a { b b } a { b } }', { selections: 2, repeats: 2 }],
    ['{ ... { a } ... { a } a }', { selections: 3, repeats: 2 }],
    ['{ ... on A { a } ... on B { a } ... on A { a } }', { selections: 3, repeats: 1 }],
    ['{ ...F } fragment F on A { b b }', { fragments: 1, selections: 2, repeats: 1 }],
    ['query ($x: Int @a) @b { a(x: [1, [2, 3, 4]]) @c }', { directives: 3, list: 3 }],
  ];
  for (const [query, parts] of cases) it(query, () => { assert.deepEqual(measureParts(parse(query)), { ...none, ...parts }); });
});

describe('the size of variables', () => {
  const cases: [Record<string, unknown>, ReturnType<typeof measureVariables>][] = [
    [{}, { values: 0, list: 0, nesting: 0 }],
    [{ a: 1, b: null }, { values: 2, list: 0, nesting: 0 }],
    [{ a: [1, { b: 'text' }] }, { values: 4, list: 2, nesting: 2 }],
  ];
  for (const [variables, size] of cases) it(JSON.stringify(variables), () => { assert.deepEqual(measureVariables(variables), size); });
});
