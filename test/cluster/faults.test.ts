import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { freeze, isHere } from '../kit/cluster/freeze.ts';
import type { Machinery } from '../kit/cluster/freeze.ts';
import { killPods } from '../kit/cluster/slipway.ts';
import { takeTurnAlone } from '../kit/cluster/turn.ts';
import { startFaultBench, within } from '../kit/fault-bench.ts';
import type { FaultApp, FaultBench } from '../kit/fault-bench.ts';
import { pushUntilTaken, unnoticed } from '../kit/fault-run.ts';
import { seededRandom, shuffled } from '../kit/seeded.ts';
import { until } from '../kit/wait.ts';

/** `npm run test:faults:cluster` has all of them. */
const RUNS = Number(process.env.SLIPWAY_TEST_FAULT_RUNS ?? 5);
const SEED = Number(process.env.SLIPWAY_TEST_SEED ?? 1);
/** A deploy takes about as long as this on an idle machine. */
const DEPLOY_MS = 15_000;

const parts = ['gateway', 'controller', 'git', 'git-proxy', 'build', 'blobs', 'log-agent', 'nats', 'postgres'] as const;
type Victim = (typeof parts)[number] | Machinery;

/** How long each piece of machinery hangs: a registry as long as a restart, a kubelet not so long that its node counts as lost. */
const HANGS_MS: Record<Machinery, number> = { registry: 15_000, kubelet: 25_000 };
const LOST_NODE_MS = 120_000;

describe(`a deploy on Kubernetes while something is killed or hangs (seed ${SEED})`, () => {
  const cleanups: (() => Promise<void>)[] = [];
  const scope = { after: (fn: () => Promise<void>) => { cleanups.push(fn); } };
  let bench: FaultBench;
  let app: FaultApp | null = null;
  before(async () => {
    await takeTurnAlone(scope);
    bench = await startFaultBench(scope);
  });
  after(async () => { for (const cleanup of cleanups.toReversed()) await cleanup(); });

  const current = async (): Promise<FaultApp> => {
    if (app) return app;
    app = await bench.createApp();
    await bench.deploy(app);
    return app;
  };
  /** A run that fails must not be the next one's failure. */
  const inRun = async (act: (app: FaultApp) => Promise<void>): Promise<void> => {
    const own = await current();
    try {
      await act(own);
    } catch (error) {
      app = null;
      throw error;
    }
  };
  const pushDuring = async (own: FaultApp, afterMs: number, fault: () => Promise<void>): Promise<void> => {
    const over = new Promise((resolve) => { setTimeout(resolve, afterMs); }).then(fault);
    await Promise.all([pushUntilTaken(bench.slipway, own, over), over]);
  };
  /** A node that hangs can make a deploy fail, and then it is undone: but it ends, and the next one is well. */
  const settles = async (own: FaultApp, fault: () => Promise<void>): Promise<void> => {
    const before = own.version;
    try {
      await bench.deploy(own, { push: () => pushDuring(own, 2_000, fault) });
    } catch (error) {
      await own.untilState('the deploy is undone', ({ currentRelease }) => currentRelease?.status === 'LIVE', within);
      if (await own.read().catch(() => '') === `version ${before + 1} `) throw error;
    }
    await until(async () => (await bench.slipway.get('/readyz')).status === 200, { within, what: () => 'the platform is ready' });
    await bench.deploy(own);
  };

  const random = seededRandom(SEED);
  const machinery = (['registry', 'kubelet'] as const).filter(isHere);
  const victims: Victim[] = [];
  while (victims.length < RUNS) victims.push(...shuffled<Victim>([...parts, ...machinery], random));
  for (const [nth, victim] of victims.slice(0, RUNS).entries()) {
    const afterMs = Math.round(random() * DEPLOY_MS);
    it(`run ${nth + 1}: ${victim}, ${(afterMs / 1000).toFixed(1)} s after the push`, () => inRun(async (own) => {
      if (victim === 'kubelet') { await unnoticed(bench, own, () => settles(own, () => freeze('kubelet', HANGS_MS.kubelet))); return; }
      const fault = victim === 'registry' ? () => freeze('registry', HANGS_MS.registry) : () => killPods(victim);
      await unnoticed(bench, own, () => bench.deploy(own, { push: () => pushDuring(own, afterMs, fault) }));
    }));
  }

  it('a kubelet that hangs for two minutes: its node counts as lost, and all comes back by itself', { skip: RUNS < 30 || !isHere('kubelet') }, () => inRun(async (own) => {
    await freeze('kubelet', LOST_NODE_MS);
    await until(async () => (await bench.slipway.get('/', { app: own.name })).status === 200, { within, what: () => 'the app serves again' });
    await settles(own, () => Promise.resolve());
  }));

  it('has lost no line of all these deploys', async () => {
    assert.ok(app, 'the last run ended well');
    await bench.finish(app);
  });
});
