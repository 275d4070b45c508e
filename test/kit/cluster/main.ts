// For people: `cluster/run node test/kit/cluster/main.ts install` (or remove) does what `npm run test:cluster` does around the tests.
import { installPlatform, removePlatform } from './install.ts';

const verbs: Record<string, () => Promise<void>> = { install: () => installPlatform(), remove: () => removePlatform() };
const verb = verbs[process.argv[2] ?? ''];
if (!verb) throw new Error('install, or remove?');
await verb();
