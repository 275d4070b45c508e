import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { V1Deployment } from '@kubernetes/client-node';
import { StorageType } from '@nats-io/jetstream';
import { parseAllDocuments } from 'yaml';
import { appChanged, replicaContext } from '../../bus/app.ts';
import { answer, BusError, notify } from '../../bus/ask.ts';
import type { Bus } from '../../bus/connect.ts';
import { logEnsure, logStreamName } from '../../bus/log.ts';
import type { AppSettings } from '../../cluster/kubernetes/app/settings.ts';
import { deployEnv, kubernetesEnv } from '../../cluster/kubernetes/settings.ts';
import { sizeMemoryBytes } from '../../platform/app/process.ts';
import { configFingerprint } from '../../platform/config/config-snapshot.ts';
import { createPrisma } from '../../prisma/client.ts';
import { endChild } from '../../standalone/children.ts';
import { startFakeKube } from './fake-kube.ts';
import type { FakeKube } from './fake-kube.ts';
import { startNats } from './nats.ts';
import { createDatabase } from './postgres.ts';
import { putSettledApp } from './settled-apps.ts';
import type { SettledReplica } from './settled-apps.ts';
import { makeTemp } from './temp.ts';
import type { Scope } from './temp.ts';

export interface ControllerProcess { pid: number; memoryMB(): { now: number; most: number }; cpuSeconds(): number; kill(signal: NodeJS.Signals): void; stop(): Promise<void>; log(): string }

/** Real controllers, PostgreSQL and NATS over an API server without a cluster. */
export interface ControllerRig {
  kube: FakeKube;
  db: ReturnType<typeof createPrisma>;
  /** Rows of so many apps, each with a live release of one web process. */
  addApps(count: number): Promise<void>;
  /** What there would be of them had a controller brought them up. */
  settleApps(): Promise<void>;
  startController(): ControllerProcess;
  /** Tells that an app changed, as the gateway does. */
  changed(appId: string): void;
  /** Who leads, as the lease says. */
  leader(): Promise<string | null>;
}

const root = new URL('../..', import.meta.url).pathname;

export async function startControllerRig(scope: Scope, options: { bookmarkMs?: number; env?: Record<string, string> } = {}): Promise<ControllerRig> {
  const [nats, kube, databaseUrl, dir] = await Promise.all([startNats(scope), startFakeKube(scope, options), createDatabase(scope), makeTemp(scope, 'slip-controller-')]);
  const keyFile = join(dir, 'key');
  await writeFile(keyFile, randomBytes(32).toString('base64'));
  await mkdir(join(dir, 'blobs'));
  const db = createPrisma(databaseUrl, 4);
  scope.after(() => db.$disconnect());
  const onError = (error: unknown): void => { throw error; };
  const gateway = await nats.bus('gateway');
  answer(gateway, replicaContext, () => Promise.resolve({ config: [{ key: 'GREETING', value: Buffer.from('hello').toString('base64') }], slugUrl: 'http://127.0.0.1/slug', slugDigest: 'a'.repeat(64) }), onError);
  answer(gateway, logEnsure, async ({ appId }) => {
    if (await db.app.count({ where: { id: appId, deletedAt: null } }) === 0) throw new BusError('NOT_FOUND', `There is no app ${appId}.`);
    await makeLog(gateway, appId);
    return {};
  }, onError);
  await gateway.nc.flush();
  const env = {
    ...process.env, NODE_OPTIONS: nodeOptions(), NODE_NO_WARNINGS: '1', SLIPWAY_LOG_LEVEL: 'info', NATS_URL: nats.url, SLIPWAY_NATS_SEED_FILE: nats.seedFile('controller'), DATABASE_URL: databaseUrl, SLIPWAY_KEY_FILE: keyFile,
    SLIPWAY_BLOB_DIR: join(dir, 'blobs'), SLIPWAY_URL: 'http://localhost:4000', SLIPWAY_DOMAIN: 'localhost', SLIPWAY_PORT: '4000', SLIPWAY_INTERNAL_URL: 'http://127.0.0.1:4000',
    SLIPWAY_CLUSTER: 'kubernetes', KUBECONFIG: kube.kubeconfig, SLIPWAY_REGISTRY: 'registry.test', SLIPWAY_INGRESS_CLASS: 'traefik', SLIPWAY_INGRESS_NAMESPACE: 'traefik', SLIPWAY_APPS_DOMAIN: 'apps.test',
    SLIPWAY_KANIKO_IMAGE: 'kaniko', SLIPWAY_STACK_IMAGE: 'stack', SLIPWAY_BUILDER_IMAGE: 'builder', SLIPWAY_ROUTE_MS: '0', ...options.env,
  };
  return {
    kube, db,
    addApps: (count) => addApps(db, count),
    changed: (appId) => { notify(gateway, appChanged, { appId }); },
    settleApps: () => settleApps(db, kube),
    startController: () => {
      const child = spawn(process.execPath, [join(root, 'controller/main.ts')], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
      scope.after(() => endChild(child, { stopSignal: 'SIGKILL', stopSeconds: 10 }));
      return controllerOf(child);
    },
    leader: async () => (await db.lease.findUnique({ where: { name: 'controller' } }))?.holder ?? null,
  };
}

/** In memory: thousands of streams in files need more open files than a machine for tests allows. */
async function makeLog(gateway: Bus, appId: string): Promise<void> {
  await gateway.jsm.streams.add({ name: logStreamName(appId), subjects: [`logs.${appId}.>`], storage: StorageType.Memory, max_msgs: 10, allow_direct: true });
}

/** As on a cluster. */
function nodeOptions(): string | undefined {
  const [deployment] = parseAllDocuments(readFileSync(join(root, 'k8s/base/controller.yaml'), 'utf8')).map((document) => document.toJS() as V1Deployment);
  return deployment?.spec?.template.spec?.containers[0]?.env?.find(({ name }) => name === 'NODE_OPTIONS')?.value;
}

function controllerOf(child: ChildProcess): ControllerProcess {
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => { output.push(chunk.toString()); if (output.length > 200) output.shift(); });
  const pid = child.pid ?? 0;
  const figure = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  return {
    pid, log: () => output.join(''),
    memoryMB: () => ({ now: figure('VmRSS'), most: figure('VmHWM') }),
    cpuSeconds: () => { const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' '); return (Number(fields[11]) + Number(fields[12])) / 100; },
    kill: (signal) => { child.kill(signal); },
    stop: () => endChild(child, { stopSignal: 'SIGTERM', stopSeconds: 30 }),
  };
}

/** As the controller has them from its environment. */
const settings: AppSettings = {
  platformNamespace: 'slipway', ingressClass: 'traefik', ingressNamespace: 'traefik', appsDomain: 'apps.test', pullSecret: false,
  privateCidrs: kubernetesEnv.SLIPWAY_PRIVATE_CIDRS.parse(undefined), drainSeconds: deployEnv.SLIPWAY_DRAIN_SECONDS.parse(undefined),
};

async function settleApps(db: ReturnType<typeof createPrisma>, kube: FakeKube): Promise<void> {
  const replicas: SettledReplica[] = [];
  for (const { id, name, releases: [release] } of await db.app.findMany({ include: { releases: { include: { slug: true } } } })) {
    if (!release?.slug) continue;
    const { digest, image, stack } = release.slug;
    const wanted = { id: release.id, version: release.version, slugDigest: digest, image, stack, configFingerprint: await configFingerprint(db, release.configId), keepsReplicas: false, live: true };
    const processes = [{ type: 'web', command: 'node server.js', quantity: 1, memoryBytes: sizeMemoryBytes.SMALL, restarts: 0, replace: [] }];
    replicas.push(...await putSettledApp(kube.store, { appId: id, name, formerNames: [], release: wanted, processes }, settings));
  }
  await db.replica.createMany({ data: replicas.map((replica) => ({ ...replica, status: 'UP' })) });
}

async function addApps(db: ReturnType<typeof createPrisma>, count: number): Promise<void> {
  const { id: userId } = await db.user.upsert({ where: { email: 'ann@example.org' }, create: { email: 'ann@example.org' }, update: {} });
  const from = await db.app.count();
  await db.$transaction([
    db.$executeRaw`INSERT INTO "App" (id, name, "ownerId", "lastRelease") SELECT gen_random_uuid(), 'app' || n, ${userId}::uuid, 1 FROM generate_series(${from + 1}::int, ${from + count}::int) n`,
    db.$executeRaw`INSERT INTO "Config" (id, "appId") SELECT gen_random_uuid(), id FROM "App" a WHERE NOT EXISTS (SELECT 1 FROM "Config" c WHERE c."appId" = a.id)`,
    db.$executeRaw`
      INSERT INTO "Slug" (id, "appId", digest, size, stack, buildpacks, "processTypes", image)
      SELECT gen_random_uuid(), id, encode(sha256(id::text::bytea), 'hex'), 1000, 'slipway-1', '{node}', '[{"type":"web","command":"node server.js"}]', 'registry.test/app@sha256:' || encode(sha256(id::text::bytea), 'hex')
      FROM "App" a WHERE NOT EXISTS (SELECT 1 FROM "Slug" s WHERE s."appId" = a.id)`,
    db.$executeRaw`INSERT INTO "Process" (id, "appId", type, quantity) SELECT gen_random_uuid(), id, 'web', 1 FROM "App" a WHERE NOT EXISTS (SELECT 1 FROM "Process" p WHERE p."appId" = a.id)`,
    db.$executeRaw`
      INSERT INTO "Release" (id, "appId", version, reason, status, "slugId", "configId", description, "endedAt")
      SELECT gen_random_uuid(), a.id, 1, 'DEPLOY', 'LIVE', s.id, c.id, 'Deploy', now() FROM "App" a JOIN "Slug" s ON s."appId" = a.id JOIN "Config" c ON c."appId" = a.id
      WHERE NOT EXISTS (SELECT 1 FROM "Release" r WHERE r."appId" = a.id)`,
  ]);
}
