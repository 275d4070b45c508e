import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash, randomInt, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { zstdCompressSync } from 'node:zlib';
import { answer, ask } from '../../bus/ask.ts';
import { replicaContext } from '../../bus/app.ts';
import type { Bus } from '../../bus/connect.ts';
import type { BuildLimits } from '../../bus/build.ts';
import { nodeApply, nodeJobState, nodeReplicas } from '../../bus/node.ts';
import type { JobSpec, JobState, ReplicaState, ReplicaWant } from '../../bus/node.ts';
import { makeTarball } from './build-rig.ts';
import type { SourceFiles } from './build-rig.ts';
import { childEnv } from './child-env.ts';
import { startNats } from './nats.ts';
import type { TestNats } from './nats.ts';
import { endChild } from './processes.ts';
import { nodeForApps } from './repository.ts';
import { makeTemp } from './temp.ts';
import type { Scope } from './temp.ts';
import { until } from './wait.ts';

/** A real local-node process with a real NATS; slug storage and the gateway's answers are the test's own. */
export interface NodeRig {
  dir: string;
  logDir: string;
  nats: TestNats;
  /** As the controller, who asks the node. */
  controller: Bus;
  /** As the gateway, whose answers are the test's. */
  gateway: Bus;
  /** A Node that apps may run. */
  node: string;
  /** Stores a slug of these files; answers its digest. */
  slug(files: SourceFiles): Promise<string>;
  /** A build of these files, to be started with `nodeJobStart`. */
  buildJob(files: SourceFiles, limits?: Partial<BuildLimits>): Promise<Extract<JobSpec, { kind: 'build' }>>;
  job(id: string): Promise<JobState>;
  untilEnded(id: string, within?: number): Promise<JobState>;
  /** What `replicaContext` answers of a release beside the slug. */
  config: Record<string, string | Buffer>;
  /** Lets the node ask for this release's slug. */
  serve(releaseId: string, digest: string): void;
  want(digest: string, command: string, more?: Partial<ReplicaWant>): ReplicaWant;
  /** The wanted set of an app: these go on or are started, all others end. */
  apply(appId: string, wants: ReplicaWant[]): Promise<ReplicaState[]>;
  replica(id: string): Promise<ReplicaState | undefined>;
  untilReplica(id: string, what: string, condition: (state: ReplicaState | undefined) => boolean, within?: number): Promise<ReplicaState>;
  /** The whole text of the log files of a source. */
  log(appId: string, source: string, sourceId: string): string;
  pid(): number;
  kill(signal: NodeJS.Signals): Promise<void>;
  start(env?: Record<string, string>): Promise<void>;
  /** All that the node printed. */
  output(): string;
}

const main = new URL('../../local-node/main.ts', import.meta.url).pathname;

/** A machine that does much else may stand still for a while. */
const PATIENCE_MS = 60_000;

export async function startNodeRig(scope: Scope, settings: Record<string, string> = {}): Promise<NodeRig> {
  let removeHome = (): Promise<void> => Promise.resolve();
  const home = await makeTemp({ after: (fn) => { removeHome = fn; } }, 'slip-node-');
  await chmod(home, 0o711);
  const [dir, logDir] = [join(home, 'node'), join(home, 'logs')];
  await mkdir(logDir, { mode: 0o700 });
  const nats = await startNats(scope);
  const [controller, gateway] = await Promise.all([nats.bus('controller'), nats.bus('gateway')]);
  const slugs = new Map<string, Buffer>();
  const store = (content: Buffer): string => {
    const digest = createHash('sha256').update(content).digest('hex');
    slugs.set(digest, content);
    return digest;
  };
  const server = createServer((request, response) => {
    if (request.method === 'PUT') {
      void buffer(request).then((content) => { response.end(JSON.stringify({ digest: store(content), size: content.length })); });
      return;
    }
    const slug = slugs.get((request.url ?? '').slice(1));
    if (slug) response.end(slug); else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  scope.after(async () => { server.closeAllConnections(); await new Promise((resolve) => { server.close(resolve); }); });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const digests = new Map<string, string>();
  // A block of its own: a node ends whatever else its users run.
  const uidBase = 900_000_000 + 1_000 * randomInt(90_000);
  let child: ChildProcess | undefined;
  let printed = '';
  const rig: NodeRig = {
    dir, logDir, nats, controller, gateway, node: await nodeForApps(scope), config: {},
    slug: async (files) => store(zstdCompressSync(await makeTarball(files))),
    buildJob: async (files, limits = {}) => {
      const buildId = randomUUID();
      const sourceDigest = store(await makeTarball(files));
      return {
        kind: 'build', id: buildId,
        context: {
          buildId, appId: randomUUID(), appName: 'blog', number: 1, commit: 'abcdef12', clean: false, sourceUrl: `${url}/${sourceDigest}`, sourceDigest, slugPutUrl: `${url}/slugs`, cacheUrl: null, cachePutUrl: `${url}/caches`, config: [],
          limits: { seconds: 120, memoryBytes: 2 ** 31, diskBytes: 2 ** 32, outputBytes: 2 ** 24, slugBytes: 2 ** 30, ...limits },
        },
      };
    },
    job: (id) => ask(controller, nodeJobState, { id }, PATIENCE_MS),
    untilEnded: async (id, within = 120_000) => {
      let last: JobState | undefined;
      await until(async () => { last = await rig.job(id); return last.status === 'ENDED'; }, { within, what: () => `the job has ended; it is ${JSON.stringify(last)}\n${printed}` });
      return last as JobState;
    },
    serve: (releaseId, digest) => { digests.set(releaseId, digest); },
    want: (slugDigest, command, more = {}) => {
      const want = { id: randomUUID(), appId: randomUUID(), appName: 'blog', process: 'web', index: 1, command, releaseId: randomUUID(), releaseVersion: 1, slugDigest, listens: true, memoryBytes: 256 * 1024 * 1024, template: 't', ...more };
      digests.set(want.releaseId, slugDigest);
      return want;
    },
    apply: async (appId, wants) => {
      const { replicas } = await ask(controller, nodeReplicas, { appId }, PATIENCE_MS);
      const known = new Set(replicas.map(({ id }) => id));
      const keep = wants.filter(({ id }) => known.has(id)).map(({ id, releaseId, releaseVersion }) => ({ id, releaseId, releaseVersion }));
      return (await ask(controller, nodeApply, { appId, keep, start: wants.filter(({ id }) => !known.has(id)) }, PATIENCE_MS)).replicas;
    },
    replica: async (id) => (await ask(controller, nodeReplicas, { appId: null }, PATIENCE_MS)).replicas.find((replica) => replica.id === id),
    untilReplica: async (id, what, condition, within = 120_000) => {
      let last: ReplicaState | undefined;
      await until(async () => { last = await rig.replica(id); return condition(last); }, { within, what: () => `${what}; it is ${JSON.stringify(last)}\n${printed}` });
      return last as ReplicaState;
    },
    log: (appId, source, sourceId) => {
      const folder = join(logDir, appId, source, sourceId);
      return existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('0.log')).sort((a, b) => (a === '0.log' ? 1 : b === '0.log' ? -1 : a.localeCompare(b))).map((name) => readFileSync(join(folder, name), 'utf8')).join('') : '';
    },
    pid: () => child?.pid ?? 0,
    kill: (signal) => endChild(child, signal),
    start: async (env = {}) => {
      const own = spawn(process.execPath, [main], {
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true,
        env: {
          ...childEnv(), HOME: process.env.HOME, NATS_URL: nats.url, SLIPWAY_NATS_SEED_FILE: nats.seedFile('local-node'), SLIPWAY_NODE_DIR: dir, SLIPWAY_LOG_DIR: logDir,
          SLIPWAY_UID_BASE: process.getuid?.() === 0 ? String(uidBase) : '', SLIPWAY_DRAIN_SECONDS: '5', SLIPWAY_TOOLBOX_DIR: process.env.SLIPWAY_TOOLBOX_DIR, ...settings, ...env,
        },
      });
      child = own;
      const take = (chunk: Buffer): void => { printed = (printed + chunk.toString()).slice(-100_000); };
      own.stdout?.on('data', take);
      own.stderr?.on('data', take);
      await new Promise<void>((resolve, reject) => {
        own.once('exit', (code) => { reject(new Error(`local-node ended with ${code}: ${printed}`)); });
        own.on('message', (message) => { if (message === 'ready') resolve(); });
      });
    },
    output: () => printed,
  };
  answer(gateway, replicaContext, async ({ releaseId }) => {
    const slugDigest = digests.get(releaseId) ?? '';
    return { config: Object.entries(rig.config).map(([key, value]) => ({ key, value: Buffer.from(value).toString('base64') })), slugUrl: `${url}/${slugDigest}`, slugDigest };
  }, (error) => { throw error; });
  await gateway.nc.flush();
  scope.after(async () => { await rig.kill('SIGTERM'); await removeHome(); });
  await rig.start();
  return rig;
}
