// `npm run encryption-key -- add | remove-old`: the keys that a machine's platform seals with.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureReady } from './ready.mjs';

const { root, node } = ensureReady({ dev: false });
const { status } = spawnSync(node, [join(root, 'standalone/encryption-key.ts'), ...process.argv.slice(2)], { stdio: 'inherit' });
process.exitCode = status ?? 1;
