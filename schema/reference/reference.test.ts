import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { buildSchema, lexicographicSortSchema } from 'graphql';
import { namesOf } from '../names.ts';
import { schema } from '../schema.ts';
import { readExamples } from './examples.ts';
import { groups } from './groups.ts';
import { referencePages } from './pages.ts';
import { findPlaces } from './places.ts';

const pages = referencePages(lexicographicSortSchema(schema), groups, readExamples());
const all = [...pages.values()].join('\n');
const dir = new URL('../../docs/api/', import.meta.url);

describe('the API reference', () => {
  it('tells every type, field, argument and enum value', () => {
    const told = new Set([...all.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name));
    for (const { name, type } of namesOf(schema)) {
      if (/^(Query|Mutation|Subscription)$/.test(type.name)) continue;
      if (name === type.name) assert.match(all, new RegExp(`^## ${name}$|\`${name}\`:`, 'm'), name);
      else assert.ok(told.has(name.slice(type.name.length + 1)), name);
    }
  });

  it('has an example of each query, mutation and subscription, with its answer', () => {
    for (const { field } of findPlaces(schema, groups).entries) {
      assert.ok(readExamples().get(field.name)?.answer, `${field.name}: write docs/api/examples/${field.name}.graphql and its line in docs/example-variables.ts`);
    }
  });

  it('has no heading twice on a page, and no link to a heading or page that is not there', () => {
    const anchors = new Map([...pages].map(([page, text]) => [page, [...text.replaceAll(/^```.*?^```$/gms, '').matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => title.toLowerCase().replace(/[^a-z0-9 -]/g, '').replaceAll(' ', '-'))]));
    for (const [page, text] of pages) {
      assert.equal(new Set(anchors.get(page)).size, anchors.get(page)?.length, page);
      for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        const [file = '', anchor] = target.split('#');
        const to = file === '' ? page : file;
        assert.ok(pages.has(to) || existsSync(new URL(to, dir)), `${page} → ${target}`);
        if (anchor !== undefined) assert.ok(anchors.get(to)?.includes(anchor), `${page} → ${target}`);
      }
    }
  });

  it('is the committed one', () => {
    for (const [page, text] of pages) assert.equal(readFileSync(new URL(page, dir), 'utf8'), text, `${page}: run "npm run generate"`);
  });

  it('names what belongs to no page', () => {
    const unknown = buildSchema('type Query { app: App, moon: Moon } type App { id: ID! } type Apple { id: ID! } type Moon { apple: Apple } type Mutation { fly: Int }');
    assert.throws(() => findPlaces(unknown, groups), /query moon\n {2}mutation fly\n {2}type Apple\n {2}type Moon$/);
  });

  it('says what is deprecated and what to use instead, at its place and in one list', () => {
    const old = buildSchema('type Query { "One." app("Its name." name: String, "Its title." title: String @deprecated(reason: "Use name.")): App } "An app." type App { "Old." nick: AppColor @deprecated(reason: "Use name.") } "A color." enum AppColor { "Red." RED @deprecated(reason: "Use <b>.") }');
    const made = referencePages(old, groups, new Map());
    for (const name of ['App.nick', 'Query.app(title:)', 'AppColor.RED']) assert.match(made.get('README.md') ?? '', new RegExp(`\`${name.replace(/[()]/g, '\\$&')}\` \\| Use`));
    assert.match(made.get('app.md') ?? '', /`nick` \| .* \| Old\. \*\*Deprecated:\*\* Use name\./);
  });
});
