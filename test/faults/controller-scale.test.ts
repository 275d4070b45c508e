import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startControllerRig } from '../kit/controller-rig.ts';
import type { ControllerProcess, ControllerRig } from '../kit/controller-rig.ts';
import { until } from '../kit/wait.ts';

/** The machine may be busy with other tests. */
const within = 280_000;
const APPS = Number(process.env.SLIPWAY_TEST_APPS ?? 100);
const STORM_MS = 10_000;
/** Requests under way at once. */
const AT_ONCE = 32;

/** Real controllers with many apps, against an API server without a cluster. */
describe('a controller of many apps on Kubernetes', () => {
  const cleanups: (() => unknown)[] = [];
  let rig: ControllerRig;
  let controller: ControllerProcess;
  before(async () => {
    rig = await startControllerRig({ after: (fn) => { cleanups.push(fn); } }, { bookmarkMs: 1_000 });
    await rig.addApps(APPS);
    controller = rig.startController();
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const isWrite = ({ method }: { method: string }): boolean => method !== 'GET';
  const pods = (): number => rig.kube.store.list('Pod', null).length;
  const wanted = async (): Promise<number> => (await rig.db.process.aggregate({ _sum: { quantity: true } }))._sum.quantity ?? 0;
  /** Pods and rows are as wanted. */
  const settled = async (): Promise<void> => {
    await until(async () => { const all = await wanted(); return pods() === all && await rig.db.replica.count({ where: { status: 'UP' } }) === all; }, {
      within, what: () => `all is up; there are ${pods()} pods\n${controller.log().slice(-3_000)}`,
    });
  };
  const scaleSome = async (quantity: number): Promise<void> => {
    const apps = await rig.db.app.findMany({ take: 10, orderBy: { name: 'asc' } });
    await rig.db.process.updateMany({ where: { appId: { in: apps.map(({ id }) => id) } }, data: { quantity } });
    await rig.db.app.updateMany({ where: { id: { in: apps.map(({ id }) => id) } }, data: { version: { increment: 1 } } });
    for (const { id } of apps) rig.changed(id);
  };
  const rows = async (): Promise<string> => JSON.stringify(await Promise.all([
    rig.db.$queryRaw`SELECT sum(xmin::text::bigint)::text FROM "App"`, rig.db.$queryRaw`SELECT sum(xmin::text::bigint)::text FROM "Release"`,
    rig.db.$queryRaw`SELECT sum(xmin::text::bigint)::text FROM "Replica"`, rig.db.event.count(),
  ]));

  it('brings up all of them', settled);

  it('writes nothing when all is as wanted: neither to the API server nor to PostgreSQL, also not after its own start', async () => {
    await controller.stop();
    const before = { requests: rig.kube.requests.length, rows: await rows() };
    controller = rig.startController();
    const looked = (): number => new Set(rig.kube.requests.slice(before.requests).filter(({ kind, query }) => kind === 'Pod' && query.has('watch')).map(({ namespace }) => namespace)).size;
    await until(() => looked() === APPS, { within, what: () => `every app is looked at, not only ${looked()}` });
    // It ends what it has begun.
    await controller.stop();
    assert.deepEqual(rig.kube.requests.slice(before.requests).filter(isWrite), []);
    assert.equal(await rows(), before.rows);
    controller = rig.startController();
  });

  it('puts back what somebody deleted by hand', async () => {
    const [deployment] = rig.kube.store.list('Deployment', null);
    rig.kube.store.remove('Deployment', deployment?.metadata.namespace ?? '', deployment?.metadata.name ?? '');
    await until(() => rig.kube.store.list('Deployment', null).length === APPS, { within, what: () => 'it is there again' });
    await settled();
  });

  /** The pods of each app, and all namespaces. */
  const watched = async (): Promise<void> => {
    await until(() => rig.kube.openWatches('Pod') === APPS && rig.kube.openWatches('Namespace') === 1, { within, what: () => `all is watched, not only ${rig.kube.openWatches('Pod')}` });
  };

  it('comes through an API server that refuses everything for a while, and does not flood it meanwhile', async () => {
    await watched();
    const before = rig.kube.requests.length;
    rig.kube.intercept = () => ({ status: 429, retryAfter: 1 });
    rig.kube.disconnect();
    await scaleSome(2);
    const from = performance.now();
    await until(() => performance.now() - from > STORM_MS, { within, what: () => 'the storm is over' });
    const lastedMs = performance.now() - from;
    rig.kube.intercept = null;
    const refused = rig.kube.requests.length - before;
    // Whoever is refused asks nobody to wait less than it was told to: those at once, again each second.
    assert.ok(refused > 10 && refused <= AT_ONCE * (1 + lastedMs / 1000), `${refused} requests`);
    await settled();
    await watched();
  });

  it('lists all anew, and writes nothing, where all is forgotten that its watches would go on from', async () => {
    const before = rig.kube.requests.length;
    rig.kube.store.forget();
    rig.kube.disconnect();
    await watched();
    const since = rig.kube.requests.slice(before);
    const listed = new Set(since.filter(({ kind, query }) => kind === 'Pod' && !query.has('watch')).map(({ namespace }) => namespace));
    assert.equal(listed.size, APPS);
    assert.deepEqual(since.filter(isWrite), []);
    await scaleSome(1);
    await settled();
  });

  it('notices within minutes what watches did not tell that are open and dead', async () => {
    rig.kube.silenceWatches();
    for (const pod of rig.kube.store.list('Pod', null)) {
      const status = pod.status as { conditions: { type: string }[]; containerStatuses: object[] };
      rig.kube.store.put({ ...pod, status: { ...status, containerStatuses: status.containerStatuses.map((one) => ({ ...one, restartCount: 1 })) } });
    }
    await until(async () => await rig.db.replica.count({ where: { status: 'UP', restarts: 1 } }) === APPS, { within, what: () => 'all rows say it' });
    await watched();
  });

  it('writes nothing when it led, was frozen in the middle of a reconciliation, and goes on while another leads', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => { release = resolve; });
    const asks = new Set<number>();
    rig.kube.intercept = ({ kind, method, client }) => { if (kind !== 'Namespace' || method !== 'PATCH') return null; asks.add(client); return held; };
    await rig.addApps(1);
    const app = await rig.db.app.findFirstOrThrow({ orderBy: { createdAt: 'desc' } });
    rig.changed(app.id);
    await until(() => asks.size > 0, { within, what: () => 'the leader waits for the answer to its first write for a new app' });
    const frozen = controller;
    const frozenClients = new Set(rig.kube.requests.map(({ client }) => client));
    frozen.kill('SIGSTOP');
    rig.kube.intercept = null;
    controller = rig.startController();
    await settled();
    const before = rig.kube.requests.length;
    release();
    frozen.kill('SIGCONT');
    await until(() => frozen.log().includes('the lead is lost'), { within, what: () => `the frozen one finds that it does not lead\n${frozen.log().slice(-2_000)}` });
    const newClients = new Set(rig.kube.requests.slice(0, before).filter(({ client }) => !frozenClients.has(client)).map(({ client }) => client));
    assert.deepEqual(rig.kube.requests.slice(before).filter((request) => isWrite(request) && !newClients.has(request.client)), []);
    assert.equal(await rig.leader().then((holder) => holder?.endsWith(`-${controller.pid}`)), true);
  });
});
