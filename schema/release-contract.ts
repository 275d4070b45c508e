import { copyFileSync } from 'node:fs';
import './check-contract.ts';

// After a release: what is printed now is the promise from here on, unless it breaks the one before.
if (process.exitCode === 0) copyFileSync(new URL('./schema.graphql', import.meta.url), new URL('./released.graphql', import.meta.url));
