import { nodeForApps } from '../test/kit/repository.ts';
import { startSlipway } from '../test/kit/slipway.ts';
import type { Slipway } from '../test/kit/slipway.ts';
import type { Scope } from '../test/kit/temp.ts';
import { measureApi } from './api.ts';
import { measureController } from './controller.ts';
import { measureLogs } from './logs.ts';
import { measureMemory } from './memory.ts';
import { measurePush } from './push.ts';
import { measureRouter } from './router.ts';
import type { Row } from './row.ts';

// `npm run bench [name …]`: each figure beside its floor, measured in the same run. The machine may be shared and noisy: trust the ratios.
const cleanups: (() => Promise<void>)[] = [];
const scope: Scope = { after: (fn) => { cleanups.push(fn); } };

const measures: Record<string, (slipway: Slipway, node: string) => Promise<Row[]>> = {
  memory: (slipway, node) => measureMemory(slipway, node),
  push: (slipway, node) => measurePush(scope, slipway, node),
  router: (slipway, node) => measureRouter(scope, slipway, node),
  api: (slipway, node) => measureApi(scope, slipway, node),
  logs: (slipway, node) => measureLogs(scope, slipway, node),
};

const wanted = process.argv.slice(2);
try {
  // It brings a world of its own, and hours of it: only where it is asked for.
  if (wanted.includes('controller')) {
    await measureController();
    if (wanted.length === 1) process.exit(0);
  }
  const slipway = await startSlipway(scope, { SLIPWAY_REQUEST_COST_PER_MINUTE: '1000000000000', SLIPWAY_LOG_LEVEL: 'warn' });
  const node = await nodeForApps(scope);
  console.log('| what | Slipway | floor | ratio |\n|---|---|---|---|');
  for (const [name, measure] of Object.entries(measures)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    for (const { what, ours, floor, ratio } of await measure(slipway, node)) console.log(`| ${what} | ${ours} | ${floor} | ${ratio} |`);
  }
} finally {
  for (const cleanup of cleanups.reverse()) await cleanup();
}
process.exit(0);
