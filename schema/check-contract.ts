import { readFileSync } from 'node:fs';
import { buildSchema } from 'graphql';
import { unannouncedBreaks, undescribedNames } from './contract.ts';
import { schema } from './schema.ts';

// Whether the API of this code keeps what the released one promised.
const releasedFile = new URL('./released.graphql', import.meta.url);
const breaks = unannouncedBreaks(buildSchema(readFileSync(releasedFile, 'utf8')), schema);
const bare = undescribedNames(schema);
const list = (lines: string[]): string => lines.map((line) => `  ${line}\n`).join('');
if (breaks.length > 0) {
  process.stdout.write(`Programs of others break by what is gone or changed since the last release (schema/released.graphql):\n${list(breaks)}`
    + 'Keep it, mark it with `deprecationReason` saying what to use instead, release that, and only then remove it.\n');
}
if (bare.length > 0) process.stdout.write(`Nothing says what these mean; give each a \`description\`:\n${list(bare)}`);
process.exitCode = breaks.length + bare.length > 0 ? 1 : 0;
