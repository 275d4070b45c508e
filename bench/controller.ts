import { startControllerRig } from '../test/kit/controller-rig.ts';
import type { ControllerProcess, ControllerRig } from '../test/kit/controller-rig.ts';
import { until } from '../test/kit/wait.ts';

/** `SLIPWAY_BENCH_APPS=100,1000`: how many apps. `SLIPWAY_BENCH_REST_SECONDS`: how long calls at rest are counted; they are spread evenly. `SLIPWAY_BENCH_BROUGHT_UP`: more apps are not brought up by a controller first. */
const sizes = (process.env.SLIPWAY_BENCH_APPS ?? '100,1000,10000').split(',').map(Number);
const restSeconds = Number(process.env.SLIPWAY_BENCH_REST_SECONDS ?? 120);
const within = 3 * 3_600_000;
const STORM_SECONDS = 60;
/** More are put there as a controller leaves them: to bring them up is a matter of each app. */
const MOST_BROUGHT_UP = Number(process.env.SLIPWAY_BENCH_BROUGHT_UP ?? 1_000);

const columns = [
  'apps', 'first start: all up', 'most memory of that', 'cold start: all seen to', 'memory at rest / most', 'API calls an hour at rest', 'CPU at rest', 'writes at rest', 'watches silent: all noticed', '410 for all: all listed and watched', '60 s of 429: requests', 'after it: all watched', 'most memory since the cold start',
];

interface Measured { rig: ControllerRig; controller: ControllerProcess; apps: number }

/** The real controller against an API server without a cluster, which is in this process: prints a table, a line for each number of apps. */
export async function measureController(): Promise<void> {
  console.log(`| ${columns.join(' | ')} |\n|${columns.map(() => '---|').join('')}`);
  for (const apps of sizes) {
    const cleanups: (() => Promise<void>)[] = [];
    try {
      console.log(`| ${(await measureSize({ after: (fn) => { cleanups.push(fn); } }, apps)).join(' | ')} |`);
    } finally {
      for (const cleanup of cleanups.reverse()) await cleanup();
    }
  }
}

async function measureSize(scope: Parameters<typeof startControllerRig>[0], apps: number): Promise<string[]> {
  const rig = await startControllerRig(scope);
  await rig.addApps(apps);
  const cells = [String(apps)];
  // Many apps take long: what is known is told.
  const tell = (...more: string[]): void => { for (const cell of more) console.error(`${apps} apps, ${columns[cells.push(cell) - 1]}: ${cell}`); };
  if (apps > MOST_BROUGHT_UP) {
    await rig.settleApps();
    tell('-', '-');
  } else {
    tell(...await measureFirstStart(rig, apps));
  }
  // It is as it was left: from here on nothing is to be written.
  const before = rig.kube.requests.length;
  const measured: Measured = { rig, apps, controller: rig.startController() };
  tell(await timed(measured, () => allSeenTo(measured, before)));
  tell(...await measureRest(measured));
  tell(String(rig.kube.requests.slice(before).filter(({ method }) => method !== 'GET').length));
  tell(await timed(measured, () => noticeSilence(measured)));
  tell(await timed(measured, async () => { rig.kube.store.forget(); rig.kube.disconnect(); await allWatched(measured); }));
  tell(String(await standStorm(measured)), await timed(measured, () => allWatched(measured)));
  tell(megabytes(measured.controller.memoryMB().most));
  return cells;
}

async function measureFirstStart(rig: ControllerRig, apps: number): Promise<string[]> {
  const first: Measured = { rig, apps, controller: rig.startController() };
  const allUp = await timed(first, () => until(async () => await rig.db.replica.count({ where: { status: 'UP' } }) === apps, { within, what: () => `all up\n${first.controller.log().slice(-2_000)}` }));
  const { most } = first.controller.memoryMB();
  await first.controller.stop();
  return [allUp, megabytes(most)];
}

const megabytes = (count: number): string => `${count.toFixed(0)} MB`;

/** How long it takes, and how much processor time the controller uses meanwhile: of a busy machine that is the figure to trust. */
async function timed({ controller }: Measured, run: () => Promise<void>): Promise<string> {
  const from = { at: performance.now(), cpu: controller.cpuSeconds() };
  await run();
  return `${((performance.now() - from.at) / 1000).toFixed(0)} s (CPU ${(controller.cpuSeconds() - from.cpu).toFixed(0)} s)`;
}

/** All objects of every app were listed since, and its pods are watched. */
async function allSeenTo({ rig, apps, controller }: Measured, from: number): Promise<void> {
  const listed = new Set<string | null>();
  const watched = new Set<string | null>();
  let next = from;
  await until(() => {
    for (; next < rig.kube.requests.length; next++) {
      const { kind, namespace, query } = rig.kube.requests[next] ?? { kind: '', namespace: null, query: new URLSearchParams() };
      if (kind === 'ResourceQuota') listed.add(namespace);
      if (kind === 'Pod' && query.has('watch')) watched.add(namespace);
    }
    return listed.size === apps && watched.size === apps;
  }, { within, what: () => `all seen to, not only ${listed.size}\n${controller.log().slice(-2_000)}` });
}

/** The pods of each app, and all namespaces. */
async function allWatched({ rig, apps, controller }: Measured): Promise<void> {
  await until(() => rig.kube.openWatches('Pod') === apps && rig.kube.openWatches('Namespace') === 1, { within, what: () => `all watched, not only ${rig.kube.openWatches('Pod')}\n${controller.log().slice(-2_000)}` });
}

/** What comes less than once in this time is no part of it, but for the lists that each watch, other than of pods, has once an hour: a list and a watch. */
async function measureRest({ rig, controller }: Measured): Promise<string[]> {
  const before = { requests: rig.kube.requests.length, cpu: controller.cpuSeconds(), at: performance.now() };
  await until(() => performance.now() - before.at > restSeconds * 1000, { within, what: () => 'the time of rest' });
  const hourly = 2 * (rig.kube.openWatches() - rig.kube.openWatches('Pod'));
  const calls = (rig.kube.requests.length - before.requests) / restSeconds * 3600 + hourly;
  const { now, most } = controller.memoryMB();
  return [`${megabytes(now)} / ${megabytes(most)}`, calls.toFixed(0), `${((controller.cpuSeconds() - before.cpu) / restSeconds * 100).toFixed(1)} %`];
}

/** All watches stay open and bring nothing; the pod of each app is not ready any more. Waits until all rows say so. */
async function noticeSilence({ rig, apps }: Measured): Promise<void> {
  rig.kube.silenceWatches();
  for (const pod of rig.kube.store.list('Pod', null)) {
    const status = pod.status as { conditions: { type: string }[] };
    rig.kube.store.put({ ...pod, status: { ...status, conditions: status.conditions.map((one) => (one.type === 'Ready' ? { ...one, status: 'False' } : one)) } });
  }
  await until(async () => await rig.db.replica.count({ where: { status: { not: 'UP' }, endedAt: null } }) === apps, { within, what: () => 'all rows say it' });
}

/** Everything is refused for a while, watches too; answers how often it was asked for. */
async function standStorm({ rig }: Measured): Promise<number> {
  const before = rig.kube.requests.length;
  rig.kube.intercept = () => ({ status: 429, retryAfter: 1 });
  rig.kube.disconnect();
  const from = performance.now();
  await until(() => performance.now() - from > STORM_SECONDS * 1000, { within, what: () => 'the storm is over' });
  rig.kube.intercept = null;
  return rig.kube.requests.length - before;
}
