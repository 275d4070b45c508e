// Loaded before a test by `node --import`: the platform without one of its checks, whose number SLIPWAY_TEST_WITHOUT says.
import { registerHooks } from 'node:module';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { checksOf } from './checks.ts';

registerHooks({
  load: (url, context, nextLoad) => {
    if (!url.endsWith('/platform/access.ts')) return nextLoad(url, context);
    const check = checksOf(readFileSync(fileURLToPath(url), 'utf8'))[Number(process.env.SLIPWAY_TEST_WITHOUT)];
    if (!check) throw new Error('There is no such check.');
    return { format: 'module-typescript', source: check.without, shortCircuit: true };
  },
});
