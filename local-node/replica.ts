import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { askUntilAnswered, BusError } from '../bus/ask.ts';
import { replicaContext } from '../bus/app.ts';
import type { ReplicaState, ReplicaWant } from '../bus/node.ts';
import type { CriFile } from '../cri/cri-file.ts';
import { faultPoint } from '../service/fault.ts';
import { freePort, isListening } from './port.ts';
import { baseEnv, LastLines, openCgroup, openLog, programDir, watchMemory } from './node.ts';
import type { Node } from './node.ts';
import { adoptProgram, startProgram } from './program.ts';
import type { Program, ProgramExit } from './program.ts';
import { SlugError } from './slugs.ts';
import type { ReplicaRecord } from './state.ts';

/** One copy of a process, kept running until it is not wanted any more. */
export interface Replica {
  record: ReplicaRecord;
  /** Its release from now on: its config counts at its next start. */
  moveTo(releaseId: string, releaseVersion: number): void;
  /** SIGTERM, SIGKILL after the drain time; resolves when nothing of it is left. Twice is once. */
  stop(): Promise<void>;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** After this long up, the next crash starts counting anew. */
const STEADY_MS = 60_000;
/** What does not listen counts as up when it has run this long. */
const RAN_MS = 1_000;
const LOOK_MS = 50;

/** A replica as its state file knows it, or a new one; `onChange` is called at each change of its state. */
export function runReplica(node: Node, record: ReplicaRecord, onChange: () => void): Replica {
  const { want, state } = record;
  const log = openLog(node, { appId: want.appId, source: 'APP', sourceId: want.id, process: want.process, replica: `${want.process}.${want.index}`, release: want.releaseVersion, build: null });
  const last = new LastLines();
  const stopping = new AbortController();
  let program: Program | null = null;
  const change = (patch: Partial<ReplicaState>): void => { Object.assign(state, patch); node.save(); onChange(); };
  const onOutput = (stream: 'stdout' | 'stderr', chunk: Uint8Array): void => { last.add(chunk); log.write(stream, chunk); };

  const life = async (): Promise<void> => {
    let pause = FIRST_PAUSE_MS;
    let adopted = record.program !== null;
    while (!stopping.signal.aborted) {
      const upSince = Date.now();
      const exit = adopted ? await runAdopted() : await runOnce();
      adopted = false;
      if (stopping.signal.aborted) break;
      if (Date.now() - upSince > STEADY_MS) pause = FIRST_PAUSE_MS;
      change({ status: 'BACKING_OFF', port: null, host: null, readyAt: null, ...exit, lastLines: last.lines() });
      await wait(pause, stopping.signal);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      if (stopping.signal.aborted) break;
      change({ status: 'STARTING', restarts: state.restarts + 1, startedAt: new Date().toISOString() });
    }
  };
  const runAdopted = async (): Promise<ExitState> => {
    const cgroup = openCgroup(node, want.id, null);
    program = adoptProgram(record.program as NonNullable<typeof record.program>, programDir(node, want.id), cgroup, onOutput);
    return follow(program, cgroup !== null);
  };
  const runOnce = async (): Promise<ExitState> => {
    last.clear();
    try {
      program = await launch(node, record, stopping.signal, onOutput);
    } catch (error) {
      if (stopping.signal.aborted) return { exitCode: null, exitReason: null };
      if (!(error instanceof SlugError || error instanceof BusError)) node.log.error({ error, replica: want.id }, 'a replica could not be started');
      return { exitCode: null, exitReason: error instanceof SlugError || error instanceof BusError ? `slug: ${error.message}` : 'could not start' };
    }
    record.program = program.record;
    node.saveNow();
    faultPoint('local-node.replica-started');
    return follow(program, node.cgroups !== null);
  };
  const follow = async (running: Program, limited: boolean): Promise<ExitState> => {
    const memory = watchMemory(running, limited ? openCgroup(node, want.id, null) : null, want.memoryBytes);
    const done = new AbortController();
    void becomeUp(node, record, done.signal).then((up) => {
      if (!up) return;
      change({ status: 'UP', readyAt: new Date().toISOString() });
      faultPoint('local-node.replica-up');
    });
    if (stopping.signal.aborted) void drain(running);
    const exit = await running.exited;
    done.abort();
    memory.stop();
    program = null;
    record.program = null;
    return { exitCode: exit.code, exitReason: reasonOf(exit, memory.exceeded()) };
  };
  const drain = async (running: Program): Promise<void> => {
    running.signal('SIGTERM');
    const timer = setTimeout(() => { running.signal('SIGKILL'); }, node.drainSeconds * 1000);
    await running.exited;
    clearTimeout(timer);
  };
  const living = life();
  let stopped: Promise<void> | null = null;
  return {
    record,
    moveTo: (releaseId, releaseVersion) => {
      if (state.releaseId === releaseId) return;
      Object.assign(want, { releaseId, releaseVersion });
      change({ releaseId, releaseVersion });
    },
    stop: () => {
      stopped ??= (async () => {
        record.stopping = true;
        change({ status: 'STOPPING' });
        stopping.abort();
        if (program) await drain(program);
        await living;
        cleanUp(node, want, log);
        change({ status: 'EXITED' });
      })();
      return stopped;
    },
  };
}

interface ExitState { exitCode: number | null; exitReason: string | null }

function reasonOf(exit: ProgramExit, sampled: boolean): string {
  if (exit.outOfMemory || sampled) return 'out of memory';
  if (exit.code === null) return 'killed';
  return exit.code > 128 ? `killed by signal ${exit.code - 128}` : 'exited';
}

/** Everything from the row to a running process: config and slug by the release, a directory, a port, limits. */
async function launch(node: Node, { want, state }: ReplicaRecord, signal: AbortSignal, onOutput: (stream: 'stdout' | 'stderr', chunk: Uint8Array) => void): Promise<Program> {
  const context = await askUntilAnswered(node.bus, replicaContext, { appId: want.appId, releaseId: want.releaseId }, signal);
  const uid = node.uids.of(want.appId, 'run');
  const app = appDir(node, want.id);
  await node.slugs.unpack(want.slugDigest, context.slugUrl, app, uid);
  signal.throwIfAborted();
  const port = await freePort();
  Object.assign(state, { host: '127.0.0.1', port });
  const cgroup = openCgroup(node, want.id, want.memoryBytes);
  return startProgram({
    dir: programDir(node, want.id), uid, cwd: app, env: baseEnv(app), args: ['/bin/bash', node.toolbox.entrypoint, app, want.command],
    input: { mode: 'env', variables: [...context.config.map(({ key, value }) => ({ key, value: Buffer.from(value, 'base64') })), ...ownVariables(want, port)] },
  }, cgroup, onOutput);
}

function ownVariables(want: ReplicaWant, port: number): { key: string; value: Uint8Array }[] {
  const variables = { PORT: String(port), SLIPWAY_APP: want.appName, SLIPWAY_PROCESS: want.process, SLIPWAY_REPLICA: `${want.process}.${want.index}`, SLIPWAY_RELEASE: String(want.releaseVersion) };
  return Object.entries(variables).map(([key, value]) => ({ key, value: Buffer.from(value) }));
}

const appDir = (node: Node, id: string): string => join(node.dir, 'replicas', id, 'app');

/** True when it is up: it listens on its port, as its own user, or has run for a while where it need not listen. False: the signal came first. */
async function becomeUp(node: Node, { want, state }: ReplicaRecord, signal: AbortSignal): Promise<boolean> {
  if (state.status === 'UP') return false;
  if (!want.listens) { await wait(RAN_MS, signal); return !signal.aborted; }
  const uid = node.uids.of(want.appId, 'run');
  while (!signal.aborted) {
    if (state.port !== null && await isListening(state.port, uid)) return !signal.aborted;
    await wait(LOOK_MS, signal);
  }
  return false;
}

function cleanUp(node: Node, want: ReplicaWant, log: CriFile): void {
  for (const dir of [programDir(node, want.id), join(node.dir, 'replicas', want.id)]) rmSync(dir, { recursive: true, force: true });
  log.close(true);
}

/** Resolves after a while, or at once when the signal comes. */
function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) { resolve(); return; }
    const done = (): void => { clearTimeout(timer); signal.removeEventListener('abort', done); resolve(); };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
