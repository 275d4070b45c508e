import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { lexicographicSortSchema } from 'graphql';
import { schema } from '../schema.ts';
import { readExamples } from './examples.ts';
import { groups } from './groups.ts';
import { referencePages } from './pages.ts';

// docs/api: nothing but what is generated, and the examples.
const dir = new URL('../../docs/api/', import.meta.url);
const pages = referencePages(lexicographicSortSchema(schema), groups, readExamples());
for (const file of readdirSync(dir)) if (file.endsWith('.md') && !pages.has(file)) rmSync(new URL(file, dir));
for (const [file, text] of pages) writeFileSync(new URL(file, dir), text);
