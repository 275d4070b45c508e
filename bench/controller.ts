import { startControllerRig } from '../test/kit/controller-rig.ts';
import type { ControllerProcess, ControllerRig } from '../test/kit/controller-rig.ts';
import { until } from '../test/kit/wait.ts';

/** `SLIPWAY_BENCH_APPS=100,1000`: how many apps. `SLIPWAY_BENCH_REST_SECONDS`: how long calls at rest are counted; every app is looked at once in 600. */
const sizes = (process.env.SLIPWAY_BENCH_APPS ?? '100,1000,10000').split(',').map(Number);
const restSeconds = Number(process.env.SLIPWAY_BENCH_REST_SECONDS ?? 900);
const within = 3 * 3_600_000;
const STORM_SECONDS = 60;

interface Measured { rig: ControllerRig; controller: ControllerProcess; apps: number }

/** The real controller against an API server without a cluster: prints a table, a line for each number of apps. */
export async function measureController(): Promise<void> {
  console.log('| apps | first time all up | controller CPU for that | cold start | memory now / most | API calls an hour at rest | CPU at rest | writes at rest | silent watches noticed | after 410 for all | after 60 s of 429 | requests in these 60 s |');
  console.log('|---|---|---|---|---|---|---|---|---|---|---|---|');
  for (const apps of sizes) {
    const cleanups: (() => Promise<void>)[] = [];
    try {
      console.log(await measureSize({ after: (fn) => { cleanups.push(fn); } }, apps));
    } finally {
      for (const cleanup of cleanups.reverse()) await cleanup();
    }
  }
}

async function measureSize(scope: Parameters<typeof startControllerRig>[0], apps: number): Promise<string> {
  const rig = await startControllerRig(scope);
  await rig.addApps(apps);
  let controller = rig.startController();
  const first = await seconds(() => until(async () => await rig.db.replica.count({ where: { status: 'UP' } }) === apps, { within, what: () => `all up\n${controller.log().slice(-2_000)}` }));
  const cpu = controller.cpuSeconds();
  await quiet(rig, 5);
  await controller.stop();
  const startedAt = performance.now();
  const before = rig.kube.requests.length;
  controller = rig.startController();
  const measured: Measured = { rig, controller, apps };
  await allWatched(measured);
  const coldStart = ((await quiet(rig, 5)) - startedAt) / 1000;
  const cpuBefore = controller.cpuSeconds();
  const rest = await countRest(rig);
  const restCpu = (controller.cpuSeconds() - cpuBefore) / restSeconds;
  const memory = controller.memoryMB();
  const wrote = rig.kube.requests.slice(before).filter(({ method }) => method !== 'GET').length;
  const silent = await noticeSilence(measured);
  const expired = await seconds(async () => { rig.kube.store.forget(); rig.kube.disconnect(); await allWatched(measured); });
  const storm = await ridOutStorm(measured);
  return `| ${apps} | ${first.toFixed(0)} s | ${cpu.toFixed(0)} s | ${coldStart.toFixed(0)} s | ${memory.now.toFixed(0)} / ${memory.most.toFixed(0)} MB | ${rest.toFixed(0)} | ${(restCpu * 100).toFixed(1)} % of a core | ${wrote} | ${silent.toFixed(0)} s | ${expired.toFixed(0)} s | ${storm.recovery.toFixed(0)} s | ${storm.requests} |`;
}

async function seconds(run: () => Promise<void>): Promise<number> {
  const from = performance.now();
  await run();
  return (performance.now() - from) / 1000;
}

/** Pods and Deployments of each app, and all namespaces; of few apps more is watched. */
const leastWatches = (apps: number): number => 1 + apps * 2;

async function allWatched({ rig, apps, controller }: Measured): Promise<void> {
  await until(() => rig.kube.openWatches() >= leastWatches(apps), { within, what: () => `all watched, not only ${rig.kube.openWatches()}\n${controller.log().slice(-2_000)}` });
}

/** Waits until nothing was asked for so long; answers when the last request was. */
async function quiet(rig: ControllerRig, forSeconds: number): Promise<number> {
  let count = -1;
  let at = performance.now();
  await until(() => {
    if (rig.kube.requests.length !== count) { count = rig.kube.requests.length; at = performance.now(); }
    return performance.now() - at > forSeconds * 1000;
  }, { within, what: () => 'no more requests' });
  return at;
}

async function countRest(rig: ControllerRig): Promise<number> {
  const before = rig.kube.requests.length;
  const from = performance.now();
  await until(() => performance.now() - from > restSeconds * 1000, { within, what: () => 'the time of rest' });
  return (rig.kube.requests.length - before) / restSeconds * 3600;
}

/** All watches stay open and bring nothing; one pod of each app is not ready any more. How long until all rows say so? */
async function noticeSilence({ rig, apps }: Measured): Promise<number> {
  rig.kube.silenceWatches();
  for (const pod of rig.kube.store.list('Pod', null)) {
    const status = pod.status as { conditions: { type: string }[] };
    rig.kube.store.put({ ...pod, status: { ...status, conditions: status.conditions.map((one) => (one.type === 'Ready' ? { ...one, status: 'False' } : one)) } });
  }
  return seconds(() => until(async () => await rig.db.replica.count({ where: { status: { not: 'UP' }, endedAt: null } }) === apps, { within, what: () => 'all rows say it' }));
}

async function ridOutStorm(measured: Measured): Promise<{ recovery: number; requests: number }> {
  const { rig } = measured;
  const before = rig.kube.requests.length;
  rig.kube.intercept = () => ({ status: 429, retryAfter: 1 });
  rig.kube.disconnect();
  const from = performance.now();
  await until(() => performance.now() - from > STORM_SECONDS * 1000, { within, what: () => 'the storm is over' });
  const requests = rig.kube.requests.length - before;
  rig.kube.intercept = null;
  return { recovery: await seconds(() => allWatched(measured)), requests };
}
