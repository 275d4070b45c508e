import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Example } from './entry-section.ts';

/** Where the examples are: `<field>.graphql`, and `<field>.json` with the variables and the answer of the last run of their test. */
export const examplesDir = new URL('../../docs/api/examples/', import.meta.url);

/** The examples there are, by the name of the query, mutation or subscription. */
export function readExamples(): Map<string, Example> {
  const names = readdirSync(examplesDir).filter((file) => file.endsWith('.graphql')).map((file) => file.replace(/\.graphql$/, ''));
  return new Map(names.map((name) => {
    const answered = new URL(`${name}.json`, examplesDir);
    return [name, { document: readFileSync(new URL(`${name}.graphql`, examplesDir), 'utf8'), ...(existsSync(answered) ? JSON.parse(readFileSync(answered, 'utf8')) as Partial<Example> : {}) }];
  }));
}
