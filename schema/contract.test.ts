import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildSchema } from 'graphql';
import { unannouncedBreaks, undescribedNames } from './contract.ts';

const head = 'type Query { app(name: String!, old: String @deprecated): App, find: Found @deprecated, kept: Kept @deprecated } ';
const base = `${head}
  type App { id: ID!, name: String!, nick: String @deprecated, color: Color }
  enum Color { RED, GREEN @deprecated }
  union Found = App | Person
  type Person { id: ID!, of: Club }
  type Club { id: ID! }
  type Kept { id: ID! }
  type Mutation { make(input: MakeInput!): App }
  input MakeInput { name: String!, nick: String @deprecated, size: Int }`;

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

  it('names everything that has no description', () => {
    const schema = buildSchema('"q" type Query { a(b: Int): E, "c" c(i: I): Int } enum E { "x" X, Y } "i" input I { f: Int }');
    assert.deepEqual(undescribedNames(schema).sort(), ['E', 'E.Y', 'I.f', 'Query.a', 'Query.a(b:)', 'Query.c(i:)']);
  });
});
