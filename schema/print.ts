import { writeFileSync } from 'node:fs';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { schema } from './schema.ts';

// The committed contract: `npm run check` fails where it differs from the code.
writeFileSync(new URL('./schema.graphql', import.meta.url), `${printSchema(lexicographicSortSchema(schema))}\n`);
