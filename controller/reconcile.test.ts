import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createDirectoryStore } from '../blobs/directory.ts';
import { appChanged, eventsWritten } from '../bus/app.ts';
import { answer, ask, notify, onNotice } from '../bus/ask.ts';
import { logEnsure, logSubject } from '../bus/log.ts';
import type { LogBatch } from '../bus/log.ts';
import { getLogBatch, makeLogStream } from '../bus/log-store.ts';
import { nodeReplicas } from '../bus/node.ts';
import type { ReplicaState } from '../bus/node.ts';
import { routesApplied } from '../bus/route.ts';
import { openRouteTable } from '../bus/route-table.ts';
import type { RouteTable } from '../bus/route-table.ts';
import { createLocalDeploy } from '../cluster/local/deploy.ts';
import { inNameOf } from '../platform/access.ts';
import type { Actor } from '../platform/access.ts';
import { createApp, deleteApp } from '../platform/app/app.ts';
import { changeApp } from '../platform/app/change-app.ts';
import { setConfig } from '../platform/config/config.ts';
import { PASSWORD_COST } from '../platform/account/password.ts';
import type { Platform } from '../platform/platform.ts';
import { addProcesses, restart, scale } from '../platform/app/process.ts';
import { baseOf, configOrEmpty, createRelease } from '../platform/release/release.ts';
import { createSecretBox } from '../platform/encryption/secret-box.ts';
import { createPrisma } from '../prisma/client.ts';
import type { App, Release } from '../prisma/generated/client/client.ts';
import { createLog } from '../service/log.ts';
import { startNodeRig } from '../test/kit/node-rig.ts';
import type { NodeRig } from '../test/kit/node-rig.ts';
import { createDatabase } from '../test/kit/postgres.ts';
import { sampleApp } from '../test/kit/sample-app.ts';
import { until } from '../test/kit/wait.ts';
import { lead } from './lead.ts';
import { createLeadClock } from './lead-clock.ts';
import { createReconciler } from './reconcile.ts';

/** The controller in this process, over a real database, NATS and local node; the router's and the gateway's answers are the test's. */
describe('the controller', () => {
  const cleanups: (() => unknown)[] = [];
  const scope = { after: (fn: () => Promise<void>) => { cleanups.push(fn); } };
  let rig: NodeRig;
  let platform: Platform;
  let actor: Actor;
  let routes: RouteTable;

  before(async () => {
    rig = await startNodeRig(scope);
    const db = createPrisma(await createDatabase(scope), 8);
    cleanups.push(() => db.$disconnect());
    const box = createSecretBox(randomBytes(32));
    const log = createLog('controller');
    log.level = process.env.SLIPWAY_TEST_LOG ?? 'silent';
    platform = {
      db, box, log, bus: rig.controller, blobs: createDirectoryStore({ dir: join(rig.dir, '../blobs'), key: box.subKey('blobs') }),
      settings: {
        url: 'http://localhost:4000', gitUrl: 'http://localhost:4000/git', domain: 'localhost', port: 4000, internalUrl: 'http://127.0.0.1:4000', registration: 'invitation', passwordCost: PASSWORD_COST, logRetentionBytes: 1_000_000, logArchiveBytes: 10_000_000,
        buildLimits: { seconds: 60, memoryBytes: 1e9, diskBytes: 1e9, outputBytes: 1e6, slugBytes: 1e8 },
      },
    };
    const user = await db.user.create({ data: { email: 'ann@example.org' } });
    actor = inNameOf(user.id);
    const onError = (error: unknown): void => { throw error; };
    const router = await rig.nats.bus('router');
    answer(router, routesApplied, async ({ revision }) => ({ revision }), onError);
    answer(rig.gateway, logEnsure, async ({ appId }) => { await makeLogStream(rig.gateway, appId, 1_000_000); return {}; }, onError);
    await Promise.all([router.nc.flush(), rig.gateway.nc.flush()]);
    const clock = createLeadClock();
    const cluster = await createLocalDeploy({ bus: rig.controller, bootSeconds: 120, beforeWrite: () => { clock.assertHeld(); }, onError });
    routes = await openRouteTable(rig.controller);
    const reconciler = createReconciler({ platform, cluster, clock });
    cluster.watch((appId) => { if (appId === null) reconciler.all(); else reconciler.enqueue(appId); });
    onNotice(rig.controller, appChanged, ({ appId }) => { reconciler.enqueue(appId); }, onError);
    onNotice(rig.controller, eventsWritten, ({ appId }) => { reconciler.tell(appId); }, onError);
    const signal = new AbortController();
    const stop = lead({ platform, sweepMs: 15_000, reconciler, clock, signal: signal.signal });
    cleanups.push(async () => { signal.abort(); await stop(); await reconciler.idle(); cluster.close(); });
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  let count = 0;
  const newApp = (): Promise<App> => createApp(platform, actor, { name: `app${++count}` });
  /** What a build that succeeded would write: its slug and a release of it. */
  const deploy = async (app: App, version: string, types: Record<string, string> = {}): Promise<Release> => {
    const digest = await rig.slug(sampleApp(version, rig.node));
    const processTypes = Object.entries({ web: `${rig.node} server.js`, ...types }).map(([type, command]) => ({ type, command }));
    const release = await changeApp(platform, app.id, {}, async (change) => {
      const slug = await change.tx.slug.create({ data: { appId: app.id, digest: `${digest}`, size: 1, stack: 's', buildpacks: [], processTypes } });
      const { configId } = await baseOf(change.tx, app.id);
      await addProcesses(change, processTypes.map(({ type }) => type).filter((type) => type !== 'release'));
      return createRelease(change, { reason: 'DEPLOY', slugId: slug.id, configId: await configOrEmpty(change.tx, app.id, configId), createdById: null, description: version });
    });
    rig.serve(release.id, digest);
    return release;
  };
  const statusOf = async (release: Release, status: Release['status'], within = 60_000): Promise<Release> => {
    let now: Release | undefined;
    await until(async () => { now = await platform.db.release.findUniqueOrThrow({ where: { id: release.id } }); return now.status === status; }, { within, what: () => `v${release.version} is ${status}; it is ${JSON.stringify(now)}\n${rig.output()}` });
    return now as Release;
  };
  const replicas = async (app: App): Promise<ReplicaState[]> => (await ask(rig.controller, nodeReplicas, { appId: app.id })).replicas;
  const onlyReplica = async (app: App): Promise<ReplicaState> => {
    let found: ReplicaState[] = [];
    await until(async () => { found = await replicas(app); return found.length === 1 && found[0]?.status === 'UP'; }, { within: 60_000, what: () => JSON.stringify(found) });
    return found[0] as ReplicaState;
  };
  const text = async ({ port }: ReplicaState, path = '/'): Promise<string> => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  const told = async (app: App): Promise<string[]> => {
    const lines: string[] = [];
    for (let seq = 1; ;) {
      const batch = await getLogBatch(rig.controller, app.id, seq, logSubject(app.id, 'PLATFORM', 'controller'));
      if (!batch) return lines;
      lines.push(...(JSON.parse(new TextDecoder().decode(batch.data)) as LogBatch).lines.map(([, , , line]) => line));
      seq = batch.seq + 1;
    }
  };

  it('brings a first release up, routes to it, records its replica, and tells it all once', async () => {
    const app = await newApp();
    const release = await statusOf(await deploy(app, 'one'), 'LIVE');
    const replica = await onlyReplica(app);
    assert.equal(await text(replica), 'version one ');
    const route = (await routes.get(app.id))?.route;
    assert.deepEqual([route?.state, route?.releaseVersion, route?.replicas.map(({ id }) => id)], ['up', 1, [replica.id]]);
    const [row] = await platform.db.replica.findMany({ where: { appId: app.id } });
    assert.deepEqual([row?.id, row?.status, row?.releaseId, row?.index], [replica.id, 'UP', release.id, 1]);
    await until(async () => (await told(app)).some((line) => line.includes('is live')), { within: 60_000, what: () => 'the events are in the log' });
    assert.deepEqual(await told(app), ['App app1 created', 'Release v1 created: one', 'Release v1 is rolling out', 'Release v1 is live']);
  });

  it('goes over to a new release, and leaves nothing of the old one', async () => {
    const app = await newApp();
    await statusOf(await deploy(app, 'one'), 'LIVE');
    const old = await onlyReplica(app);
    await statusOf(await deploy(app, 'two'), 'LIVE');
    const replica = await onlyReplica(app);
    assert.notEqual(replica.id, old.id);
    assert.equal(await text(replica), 'version two ');
    await until(async () => (await platform.db.replica.findUnique({ where: { id: old.id } }))?.status === 'EXITED', { within: 60_000, what: () => 'the old row has ended' });
  });

  it('undoes a release that crashes, while the replica before it serves on', async () => {
    const app = await newApp();
    await statusOf(await deploy(app, 'one'), 'LIVE');
    const good = await onlyReplica(app);
    const failed = await statusOf(await deploy(app, 'exits'), 'FAILED');
    assert.deepEqual([failed.failureReason, failed.exitCode], ['CRASH_LOOP', 3]);
    assert.ok(failed.failureLines.some((line) => line.includes('the database is on fire')), failed.failureLines.join());
    const undone = await platform.db.release.findFirstOrThrow({ where: { appId: app.id, version: 3 } });
    assert.deepEqual([undone.reason, undone.rolledBackTo], ['AUTO_ROLLBACK', 1]);
    await statusOf(undone, 'LIVE');
    const now = await onlyReplica(app);
    assert.deepEqual([now.id, now.releaseVersion], [good.id, 3]);
  });

  it('fails a first release that crashes, and then runs nothing', async () => {
    const app = await newApp();
    await statusOf(await deploy(app, 'exits'), 'FAILED');
    await until(async () => (await replicas(app)).length === 0, { within: 60_000, what: () => 'nothing is left' });
    assert.equal(await platform.db.release.count({ where: { appId: app.id } }), 1);
  });

  it('runs a release command once, before anything of the release starts', async () => {
    const app = await newApp();
    const release = await deploy(app, 'one', { release: `echo migrating; sleep 1; ${rig.node} -p '"ended at " + Date.now()'` });
    for (let i = 0; i < 10; i++) notify(rig.gateway, appChanged, { appId: app.id });
    await statusOf(release, 'LIVE');
    const log = rig.log(app.id, 'APP', `release-${release.id}`);
    assert.equal(log.match(/migrating/g)?.length, 1);
    const replica = await onlyReplica(app);
    // By the command's own clock: when its lines were read is another matter.
    assert.ok(Date.parse(replica.startedAt) >= Number(/ended at (\d+)/.exec(log)?.[1]), `the replica waited for the command: ${replica.startedAt}\n${log}`);
  });

  it('ends the release command of a release that was overtaken', async () => {
    const app = await newApp();
    const slow = await deploy(app, 'one', { release: 'echo waiting; sleep 1000' });
    await until(() => rig.log(app.id, 'APP', `release-${slow.id}`).includes('waiting'), { within: 60_000, what: () => 'the command runs' });
    await statusOf(await deploy(app, 'two'), 'LIVE');
    assert.equal((await statusOf(slow, 'SUPERSEDED')).failureReason, null);
    await assert.rejects(rig.job(`release-${slow.id}`), { code: 'NOT_FOUND' });
  });

  it('gives replicas a config that came without a restart when they next start', async () => {
    const app = await newApp();
    await statusOf(await deploy(app, 'one'), 'LIVE');
    const replica = await onlyReplica(app);
    const release = await setConfig(platform, actor, { app: app.id, set: [{ key: 'MODE', value: Buffer.from('x') }], restart: false });
    rig.serve(release.id, (await platform.db.slug.findUniqueOrThrow({ where: { id: release.slugId ?? '' } })).digest);
    await statusOf(release, 'LIVE');
    assert.deepEqual([(await onlyReplica(app)).id, (await onlyReplica(app)).releaseVersion], [replica.id, 2]);
  });

  it('replaces one replica by a new one', async () => {
    const app = await newApp();
    await statusOf(await deploy(app, 'one'), 'LIVE');
    await scale(platform, actor, { app: app.id, processes: [{ type: 'web', quantity: 2 }] });
    await until(async () => await platform.db.replica.count({ where: { appId: app.id, status: 'UP' } }) === 2, { within: 60_000, what: () => 'two are up' });
    const [first, second] = await platform.db.replica.findMany({ where: { appId: app.id, status: 'UP' }, orderBy: { index: 'asc' } });
    await restart(platform, actor, { app: app.id, replica: first?.id ?? '' });
    let now: ReplicaState[] = [];
    await until(async () => { now = await replicas(app); return now.length === 2 && !now.some(({ id }) => id === first?.id) && now.every(({ status }) => status === 'UP'); }, { within: 60_000, what: () => JSON.stringify(now) });
    assert.ok(now.some(({ id }) => id === second?.id));
    assert.deepEqual(now.map(({ index }) => index).toSorted((a, b) => a - b), [1, 2]);
  });

  it('writes nothing while nothing changes, however often it looks', async () => {
    const app = await newApp();
    await statusOf(await deploy(app, 'one'), 'LIVE');
    await onlyReplica(app);
    await until(async () => (await told(app)).some((line) => line.includes('is live')), { within: 60_000, what: () => 'the events are in the log' });
    // That they are is noted after they are.
    await until(async () => { const { toldEvent, lastEvent } = await platform.db.app.findUniqueOrThrow({ where: { id: app.id } }); return toldEvent === lastEvent; }, { within: 60_000, what: () => 'they are told' });
    const rows = async (): Promise<string> => JSON.stringify(await Promise.all([
      platform.db.$queryRaw`SELECT xmin::text FROM "App" WHERE id = ${app.id}::uuid`, platform.db.$queryRaw`SELECT xmin::text FROM "Release" WHERE "appId" = ${app.id}::uuid`,
      platform.db.$queryRaw`SELECT xmin::text FROM "Replica" WHERE "appId" = ${app.id}::uuid`, platform.db.event.count({ where: { appId: app.id } }),
      routes.get(app.id), told(app),
    ]));
    const before = await rows();
    for (let i = 0; i < 5; i++) {
      notify(rig.gateway, appChanged, { appId: app.id });
      await statusOf(await deploy(await newApp(), 'other'), 'LIVE');
    }
    assert.equal(await rows(), before);
  });

  it('removes a deleted app whole: processes, route, files, rows', async () => {
    const app = await newApp();
    await statusOf(await deploy(app, 'one'), 'LIVE');
    await onlyReplica(app);
    await deleteApp(platform, actor, { app: app.id, confirm: app.name });
    await until(async () => await platform.db.app.count({ where: { id: app.id } }) === 0, { within: 60_000, what: () => 'the row is gone' });
    assert.deepEqual(await replicas(app), []);
    assert.equal(await routes.get(app.id), null);
    assert.equal(existsSync(join(rig.logDir, app.id)), false);
    assert.equal(await platform.db.replica.count({ where: { appId: app.id } }), 0);
  });

  it('brings all back after the node was stopped and started', async () => {
    const app = await newApp();
    await statusOf(await deploy(app, 'one'), 'LIVE');
    const old = await onlyReplica(app);
    await rig.kill('SIGTERM');
    await rig.start();
    const replica = await onlyReplica(app);
    assert.notEqual(replica.id, old.id);
    assert.equal(await text(replica), 'version one ');
    assert.equal(await platform.db.release.count({ where: { appId: app.id } }), 1);
  });
});
