import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { buildSchema, findBreakingChanges, isUnionType, lexicographicSortSchema, printSchema } from 'graphql';
import { undescribedNames } from './contract.ts';
import { ownTypes } from './names.ts';
import { schema } from './schema.ts';

const own = ownTypes(schema);

describe('the schema', () => {
  it('describes every type, field, argument and enum value', () => {
    assert.deepEqual(undescribedNames(schema), []);
  });

  it('answers each mutation with a union of one payload and typed errors, from one input', () => {
    const mutations = Object.values(schema.getMutationType()?.getFields() ?? {});
    assert.ok(mutations.length >= 9);
    for (const { name, type, args } of mutations) {
      assert.deepEqual(args.map((arg) => arg.name), ['input'], name);
      const result = 'ofType' in type ? type.ofType : type;
      assert.ok(isUnionType(result), name);
      assert.match(result.name, /Result$/);
      const payloads = result.getTypes().filter((member) => !member.getInterfaces().some((face) => face.name === 'UserError'));
      assert.equal(payloads.length, 1, name);
      assert.equal(payloads[0]?.name, result.name.replace(/Result$/, 'Payload'));
    }
  });

  it('gives members of a union the same type where they share a field\'s name, so that clients need no aliases', () => {
    // As ../shared/design/api.md names them; a client that asks for both takes an alias.
    const known = new Set(['LogEvent.lines', 'LogEvent.reason']);
    const clashes: string[] = [];
    for (const union of own.filter(isUnionType)) {
      const seen = new Map<string, string>();
      for (const field of union.getTypes().flatMap((member) => Object.values(member.getFields()))) {
        const before = seen.get(field.name) ?? String(field.type);
        if (before !== String(field.type) && !known.has(`${union.name}.${field.name}`)) clashes.push(`${union.name}.${field.name}: ${before}, ${String(field.type)}`);
        seen.set(field.name, before);
      }
    }
    assert.deepEqual(clashes, []);
  });

  it('has no JSON scalar', () => {
    assert.equal(own.some((type) => /json/i.test(type.name)), false);
  });

  it('keeps the names that scripts are written against', () => {
    const promised = buildSchema(readFileSync(new URL('./names-that-stay.graphql', import.meta.url), 'utf8'));
    assert.deepEqual(findBreakingChanges(promised, schema).map(({ description }) => description), []);
  });

  it('is the committed one', () => {
    assert.equal(readFileSync(new URL('./schema.graphql', import.meta.url), 'utf8'), `${printSchema(lexicographicSortSchema(schema))}\n`, 'run "npm run generate"');
  });
});
