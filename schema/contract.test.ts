import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildSchema, isInputObjectType } from 'graphql';
import { unannouncedBreaks, undescribedNames } from './contract.ts';

const head = 'type Query { app(name: String!, old: String @deprecated): App, apps(first: Int = 20, shade: Shade = DARK, of: [Int!]): App, find: Found @deprecated, kept: Kept @deprecated } ';
const base = `${head}
  type App { id: ID!, name: String!, nick: String @deprecated, color: Color }
  enum Color { RED, GREEN @deprecated }
  union Found = App | Person
  type Person { id: ID!, of: Club }
  type Club { id: ID! }
  type Kept { id: ID! }
  type Mutation { make(input: MakeInput!): App }
  input MakeInput { name: String!, nick: String @deprecated, size: Int, start: Boolean = true, at: [PointInput!] = [{ x: 1 }], lazy: Int = 1 @deprecated }
  input PointInput { x: Int!, y: Int = 0 }
  enum Shade { DARK, LIGHT }`;

/** What is done to the released schema, by replacement of its text, and what is refused of it. */
const cases: [string, [string, string][], RegExp | null][] = [
  ['nothing', [], null],
  ['a new field', [['type Kept {', 'type Kept { more: Int,']], null],
  ['a new type', [['type Mutation', 'type New { id: ID! } type Mutation']], null],
  ['a new enum value', [['RED', 'RED, BLUE']], null],
  ['a new optional input field', [['size: Int', 'size: Int, depth: Int']], null],
  ['a deprecated field that is gone', [['nick: String @deprecated, color', 'color']], null],
  ['a field that is gone', [['name: String!, nick: String @deprecated, color', 'color']], /App\.name was removed/],
  ['a field that is deprecated only now, and not gone', [['id: ID!, name: String!', 'id: ID!, name: String! @deprecated']], null],
  ['a deprecated argument that is gone', [[', old: String @deprecated', '']], null],
  ['an argument that is gone', [['name: String!, old', 'old']], /Query\.app arg name was removed/],
  ['a deprecated enum value that is gone', [[', GREEN @deprecated', '']], null],
  ['an enum value that is gone', [['RED, ', '']], /RED was removed from enum type Color/],
  ['a deprecated input field that is gone', [['nick: String @deprecated, size', 'size']], null],
  ['an input field that is gone', [[', size: Int', '']], /MakeInput\.size was removed/],
  ['types that only a deprecated field led to, gone with it', [['find: Found @deprecated, ', ''], ['union Found = App | Person', ''], ['type Person { id: ID!, of: Club }', ''], ['type Club { id: ID! }', '']], null],
  ['a type that a deprecated field leads to, which stays', [['of: Club', ''], ['type Club { id: ID! }', '']], /Club was removed|Person\.of was removed/],
  ['a member of a union that nothing leads to any more', [['find: Found @deprecated, ', ''], ['App | Person', 'App'], ['type Person { id: ID!, of: Club }', '']], null],
  ['a member of a union', [['App | Person', 'App']], /Person was removed from union type Found/],
  ['a type that is in use', [['color: Color', ''], ['enum Color { RED, GREEN @deprecated }', '']], /Color was removed/],
  ['a deprecated field of another type', [['nick: String @deprecated, color', 'nick: Int @deprecated, color']], /App\.nick changed type/],
  ['a field that may be null now', [['id: ID!, name: String!, nick', 'id: ID!, name: String, nick']], /App\.name changed type/],
  ['an input field that must be given now', [['size: Int', 'size: Int!']], /MakeInput\.size changed type/],
  ['a new argument that must be given', [['make(input: MakeInput!)', 'make(input: MakeInput!, more: Int!)']], /required arg more on Mutation\.make was added/i],
  ['another kind of type', [['union Found = App | Person', 'interface Found { id: ID! }']], /Found changed from/],
  ['another default of an argument', [['first: Int = 20', 'first: Int = 50']], /Query\.apps\(first:\) was 20 by default, and is 50: keep the default/],
  ['a default of an argument that is gone', [['shade: Shade = DARK', 'shade: Shade']], /Query\.apps\(shade:\) was DARK by default, and is nothing/],
  ['a default of an argument that is null now', [['first: Int = 20', 'first: Int = null']], /Query\.apps\(first:\) was 20 by default, and is null/],
  ['another default of an input field', [['start: Boolean = true', 'start: Boolean = false']], /MakeInput\.start was true by default, and is false/],
  ['a default of an input field that is gone', [['start: Boolean = true', 'start: Boolean']], /MakeInput\.start was true by default, and is nothing/],
  ['another default within a list of inputs', [['[{ x: 1 }]', '[{ x: 2 }]']], /MakeInput\.at was \[\{ ?x: 1/],
  ['another default of a deprecated input field, which stays', [['lazy: Int = 1', 'lazy: Int = 2']], /MakeInput\.lazy was 1 by default/],
  ['a deprecated input field that is gone with its default', [[', lazy: Int = 1 @deprecated', '']], null],
  ['a first default', [['size: Int', 'size: Int = 1'], ['of: [Int!]', 'of: [Int!] = [1]']], null],
  ['all mutations', [['type Mutation { make(input: MakeInput!): App }', '']], /Mutation was removed/],
];

describe('the contract', () => {
  for (const [what, changes, refused] of cases) {
    it(`${refused ? 'refuses' : 'lets through'} ${what}`, () => {
      const now = changes.reduce((text, [from, to]) => {
        assert.ok(text.includes(from), from);
        return text.replace(from, to);
      }, base);
      const breaks = unannouncedBreaks(buildSchema(base), buildSchema(now));
      if (refused) assert.match(breaks.join('\n'), refused);
      else assert.deepEqual(breaks, []);
    });
  }

  it('takes a default that leaves out what has a default itself for the whole of it', () => {
    const now = buildSchema(base);
    const input = now.getType('MakeInput');
    assert.ok(isInputObjectType(input));
    // As code writes it; what was read from a schema is filled in.
    Object.assign(input.getFields().at ?? {}, { defaultValue: [{ x: 1 }] });
    assert.deepEqual(unannouncedBreaks(buildSchema(base), now), []);
  });

  it('names everything that has no description', () => {
    const schema = buildSchema('"q" type Query { a(b: Int): E, "c" c(i: I): Int } enum E { "x" X, Y } "i" input I { f: Int }');
    assert.deepEqual(undescribedNames(schema).sort(), ['E', 'E.Y', 'I.f', 'Query.a', 'Query.a(b:)', 'Query.c(i:)']);
  });
});
