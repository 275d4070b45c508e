import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { answer } from '../bus/ask.ts';
import type { Bus } from '../bus/connect.ts';
import { logBatch, logEnsure, logSubject } from '../bus/log.ts';
import { getLastLogBatch, LogStreamMissing, makeLogStream, removeLogStream } from '../bus/log-store.ts';
import { endChild } from '../standalone/children.ts';
import { startFakeKube } from '../test/kit/fake-kube.ts';
import type { FakeKube } from '../test/kit/fake-kube.ts';
import { createKubeletFiles } from '../test/kit/kubelet-files.ts';
import { startNats } from '../test/kit/nats.ts';
import type { TestNats } from '../test/kit/nats.ts';
import { makeTemp } from '../test/kit/temp.ts';
import type { Scope } from '../test/kit/temp.ts';
import { until } from '../test/kit/wait.ts';
import { percentile, perSecond } from './row.ts';
import type { Row } from './row.ts';

/** `SLIPWAY_BENCH_LINES`: of all containers together. `SLIPWAY_BENCH_RUNS`: of which the middle one counts. */
const LINES = Number(process.env.SLIPWAY_BENCH_LINES ?? 1_000_000);
const RUNS = Number(process.env.SLIPWAY_BENCH_RUNS ?? 3);
const LINE_BYTES = 200;
/** Of an app's stream: all of its lines have room. */
const STREAM_BYTES = 512 * 1024 * 1024;
/** Made and written at once. */
const CHUNK = 10_000;
/** The node's other processes have the other cores. */
const PINNED = ['taskset', '-c', '0'] as const;
const NODE_NAME = 'bench';
const root = join(import.meta.dirname, '..');

interface Container { appId: string; pod: string; uid: string }
interface World { nats: TestNats; gateway: Bus; kube: FakeKube; podLogDir: string; stateDir: string; containers: Container[]; lines: number }

/**
 * Lines of containers' log files through the real log agent into NATS, from the agent's start to the last line's place in the stream; floor:
 * `cat` of the same files. Both have one core, the agent with all its threads. The API server is played: it only says whose the pods are.
 */
export async function measureClusterLogs(scope: Scope): Promise<Row[]> {
  const rows: Row[] = [];
  for (const count of [1, 20]) {
    const world = await startWorld(scope, count);
    const floors = { cat: await runFloor(world, 'cat'), 'wc -l': await runFloor(world, 'wc', '-l') };
    const runs: Speed[] = [];
    for (let run = 0; run < RUNS; run++) runs.push(await runAgent(world));
    for (const [by, clock] of [['wall', ''], ['cpu', ', by its own processor time']] as const) {
      const ours = percentile(runs.map((run) => run[by]), 0.5);
      const what = `log lines of ${LINE_BYTES} bytes of ${count} container${count > 1 ? 's' : ''} through the log agent on one core${clock}`;
      for (const [floor, speed] of Object.entries(floors)) rows.push({ what: `${what} (floor: ${floor} of the same files)`, ours: perSecond(ours), floor: perSecond(speed[by]), ratio: (ours / speed[by]).toPrecision(2) });
    }
  }
  return rows;
}

async function startWorld(scope: Scope, count: number): Promise<World> {
  const nats = await startNats(scope);
  const gateway = await nats.bus('gateway');
  answer(gateway, logEnsure, async ({ appId }) => { await makeLogStream(gateway, appId, STREAM_BYTES); return {}; }, (error) => { process.stderr.write(`${String(error)}\n`); });
  await gateway.nc.flush();
  const kube = await startFakeKube(scope);
  const podLogDir = await makeTemp(scope, 'slip-bench-pods-');
  const containers = Array.from({ length: count }, newContainer);
  const each = Math.ceil(LINES / count);
  for (const container of containers) writeLines(join(podLogDir, dirOf(container)), each);
  return { nats, gateway, kube, podLogDir, stateDir: await makeTemp(scope, 'slip-bench-state-'), containers, lines: each * count };
}

const newContainer = (): Container => ({ appId: randomUUID(), pod: `web-${randomUUID().slice(0, 8)}`, uid: randomUUID() });
const namespaceOf = ({ appId }: Container): string => `slipway-app-${appId}`;
const dirOf = (container: Container): string => `${namespaceOf(container)}_${container.pod}_${container.uid}`;

function writeLines(podDir: string, count: number): void {
  const files = createKubeletFiles(join(podDir, 'app'));
  for (let from = 0; from < count; from += CHUNK) files.write(Array.from({ length: Math.min(CHUNK, count - from) }, (_, index) => line(from + index)));
}

const line = (n: number): string => `info: request ${n} GET /posts/${n % 977}?page=${n % 13} answered 200 in ${n % 89} ms for "Mozilla/5.0 (X11; Linux x86_64)" `.padEnd(LINE_BYTES, 'and so on and on, ');

/** The same files under the names of new pods: nothing that was stored of the last run's counts. */
async function renew(world: World): Promise<void> {
  for (const [index, old] of world.containers.entries()) {
    const container = newContainer();
    world.containers[index] = container;
    renameSync(join(world.podLogDir, dirOf(old)), join(world.podLogDir, dirOf(container)));
    world.kube.store.remove('Pod', namespaceOf(old), old.pod);
    await removeLogStream(world.gateway, old.appId);
    world.kube.store.put(podObject(container));
  }
}

const podObject = (container: Container) => ({
  apiVersion: 'v1', kind: 'Pod',
  metadata: {
    name: container.pod, namespace: namespaceOf(container), uid: container.uid, annotations: { 'slipway.dev/release': '1', 'slipway.dev/index': '1' },
    labels: { 'app.kubernetes.io/managed-by': 'slipway', 'slipway.dev/app': container.appId, 'slipway.dev/process': 'web' },
  },
  spec: { nodeName: NODE_NAME, containers: [{ name: 'app' }] }, status: { phase: 'Running' },
});

/** Lines a second, by the clock and by the program's own processor time. */
interface Speed { wall: number; cpu: number }

async function runAgent(world: World): Promise<Speed> {
  await renew(world);
  const begun = Date.now();
  const agent = startAgent(world);
  try {
    let ends: StoredEnd[] = [];
    await until(async () => {
      if (agent.exitCode !== null) throw new Error(`the log agent ended with ${agent.exitCode}`);
      ends = await Promise.all(world.containers.map((container) => endOf(world.gateway, container)));
      return ends.reduce((sum, { lines }) => sum + lines, 0) === world.lines;
    }, { within: 600_000, what: () => `all lines are stored; there are ${JSON.stringify(ends)}` });
    const last = Math.max(...ends.map(({ storedAt }) => storedAt));
    return { wall: world.lines / ((last - begun) / 1000), cpu: world.lines / cpuSeconds(agent) };
  } finally {
    await endChild(agent, { stopSignal: 'SIGTERM', stopSeconds: 30 });
  }
}

function startAgent({ nats, kube, podLogDir, stateDir }: World): ChildProcess {
  const [file, ...pinning] = PINNED;
  return spawn(file, [...pinning, process.execPath, join(root, 'log-agent/main.ts')], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      PATH: process.env.PATH, SLIPWAY_LOG_LEVEL: 'warn', NODE_NO_WARNINGS: '1', SLIPWAY_CLUSTER: 'kubernetes', KUBECONFIG: kube.kubeconfig, SLIPWAY_NODE_NAME: NODE_NAME,
      SLIPWAY_POD_LOG_DIR: podLogDir, SLIPWAY_LOG_STATE_DIR: stateDir, NATS_URL: nats.url, SLIPWAY_NATS_SEED_FILE: nats.seedFile('log-agent'),
    },
  });
}

/** How many of its lines are in the stream, and since when by the server's clock, which is this machine's. */
interface StoredEnd { lines: number; storedAt: number }

async function endOf(gateway: Bus, { appId, uid }: Container): Promise<StoredEnd> {
  const stored = await getLastLogBatch(gateway, appId, logSubject(appId, 'APP', uid)).catch((error: unknown) => {
    if (error instanceof LogStreamMissing) return null;
    throw error;
  });
  if (!stored) return { lines: 0, storedAt: 0 };
  const { position } = logBatch.parse(JSON.parse(Buffer.from(stored.data).toString()));
  return { lines: Number(position?.n ?? 0), storedAt: stored.storedAt };
}

const cpuSeconds = ({ pid }: ChildProcess): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
};

/** The same of a program that reads all the files, on the agent's core; the middle of five runs. */
async function runFloor({ podLogDir, containers, lines }: World, program: string, ...args: string[]): Promise<Speed> {
  const [file, ...pinning] = PINNED;
  const files = containers.map((container) => join(podLogDir, dirOf(container), 'app/0.log'));
  const took: { wall: number; cpu: number }[] = [];
  for (let run = 0; run < 5; run++) {
    // Of a child's processor time Node knows nothing.
    const { stderr } = await promisify(execFile)(file, [...pinning, 'bash', '-c', 'TIMEFORMAT="%R %U %S"; time "$@" > /dev/null', 'bash', program, ...args, ...files]);
    const [real = 0, user = 0, system = 0] = stderr.trim().split(' ').map(Number);
    took.push({ wall: real, cpu: user + system });
  }
  return { wall: lines / percentile(took.map(({ wall }) => wall), 0.5), cpu: lines / percentile(took.map(({ cpu }) => cpu), 0.5) };
}
