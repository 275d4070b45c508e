import { setTimeout as pause } from 'node:timers/promises';
import type { ReplicaState } from '../bus/node.ts';
import { faultPoint } from '../service/fault.ts';
import { activeTrace, outsideTrace, withTrace } from '../service/trace-context.ts';
import { beginSpan } from '../service/trace.ts';
import type { Span } from '../service/trace.ts';
import type { Cgroup } from './cgroup.ts';
import { becomeUp, launchReplica, placeDir } from './launch-replica.ts';
import { LastLines } from './last-lines.ts';
import { clearAway, openCgroup, openLog, programDir, watchMemory } from './node.ts';
import type { Node } from './node.ts';
import { adoptProgram } from './program.ts';
import type { Program, ProgramExit } from './program.ts';
import { SlugError } from './slugs.ts';
import type { ReplicaRecord } from './state.ts';

/** One copy of a process, kept running until it is not wanted any more. */
export interface Replica {
  record: ReplicaRecord;
  /** What is told of it; while it starts, its last lines are those until now. */
  state(): ReplicaState;
  /** Its release from now on: its config counts at its next start. */
  moveTo(releaseId: string, releaseVersion: number): void;
  /** SIGTERM, SIGKILL after the drain time; resolves when nothing of it is left. Twice is once. */
  stop(): Promise<void>;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** After this long up, the next crash starts counting anew. */
const STEADY_MS = 60_000;

interface Exit { exitCode: number | null; exitReason: string }

/** A replica as its state file knows it, or a new one; `onChange` is called at each change of its state. */
export function runReplica(node: Node, record: ReplicaRecord, onChange: () => void): Replica {
  const { want, state } = record;
  const log = openLog(node, { appId: want.appId, source: 'APP', sourceId: want.id, process: want.process, replica: `${want.process}.${want.index}`, release: want.releaseVersion, build: null });
  const last = new LastLines(state.lastLines);
  const stopping = new AbortController();
  const { signal } = stopping;
  let program: Program | null = null;
  /** Who wanted it: its first start is a part of that, all that comes later is not. */
  let cause = activeTrace();
  const change = (patch: Partial<ReplicaState>): void => { Object.assign(state, patch); node.save(); onChange(); };
  const onOutput = (stream: 'stdout' | 'stderr', chunk: Uint8Array): void => { last.add(chunk); log.write(stream, chunk); };

  /** One life of its program, from its start (or adoption) to its end. */
  const runOnce = async (): Promise<Exit> => {
    const start = record.program ? null : beginSpan('start replica', { kind: 'internal', parent: cause, attributes: { 'slipway.app': want.appName, 'slipway.app.id': want.appId, 'slipway.replica': `${want.process}.${want.index}`, 'slipway.release': want.releaseVersion } });
    cause = undefined;
    try {
      const running = start ? await withTrace(start.trace, () => launchReplica(node, record, signal, onOutput)) : adopt();
      change({});
      faultPoint('local-node.replica-started');
      return await watchOver(running.program, running.cgroup, start);
    } catch (error) {
      start?.fail(error instanceof SlugError ? 'slug' : 'could_not_start');
      if (!signal.aborted && !(error instanceof SlugError)) node.log.error({ error, replica: want.id }, 'a replica could not be started');
      return { exitCode: null, exitReason: error instanceof SlugError ? error.message : 'could not be started' };
    } finally { start?.end(); }
  };
  const adopt = (): { program: Program; cgroup: Cgroup | null } => {
    const cgroup = openCgroup(node, want.id, null);
    const found = record.program as NonNullable<typeof record.program>;
    return { program: adoptProgram(found, { dir: programDir(node, want.id), uid: node.uids.of(want.appId, 'run'), users: node.users, cgroup, onOutput }), cgroup };
  };
  const watchOver = async (running: Program, cgroup: Cgroup | null, start: Span | null): Promise<Exit> => {
    program = running;
    if (signal.aborted) running.drain(node.drainSeconds);
    const memory = watchMemory(running, cgroup, want.memoryBytes);
    const ended = new AbortController();
    if (state.status === 'STARTING') void becomeUp(node, record, AbortSignal.any([ended.signal, signal])).then(({ host }) => {
      withTrace(start?.trace, () => { change({ status: 'UP', host, readyAt: new Date().toISOString() }); });
      start?.end();
      faultPoint('local-node.replica-up');
    }, () => { start?.fail('ended_first'); });
    const exit = await running.exited;
    ended.abort();
    memory.stop();
    program = null;
    record.program = null;
    return { exitCode: exit.code, exitReason: reasonOf(exit, memory.exceeded()) };
  };
  const life = async (): Promise<void> => {
    let wait = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      const since = Date.now();
      const exit = await runOnce();
      if (signal.aborted) return;
      if (Date.now() - since > STEADY_MS) wait = FIRST_PAUSE_MS;
      change({ status: 'BACKING_OFF', host: null, port: null, readyAt: null, ...exit, lastLines: last.lines() });
      await pause(wait, undefined, { signal }).catch(() => undefined);
      wait = Math.min(wait * 2, LONGEST_PAUSE_MS);
      if (signal.aborted) return;
      last.clear();
      change({ status: 'STARTING', restarts: state.restarts + 1, startedAt: new Date().toISOString() });
    }
  };
  const living = outsideTrace(life);
  let stopped: Promise<void> | null = null;
  const stop = async (): Promise<void> => {
    record.stopping = true;
    stopping.abort();
    change({ status: 'STOPPING' });
    program?.drain(node.drainSeconds);
    await living;
    await clearAway(node, programDir(node, want.id), placeDir(node, want.id));
    log.close(true);
    change({ status: 'EXITED' });
  };
  return {
    record,
    state: () => (state.status === 'STARTING' && program ? { ...state, lastLines: last.lines() } : state),
    moveTo: (releaseId, releaseVersion) => {
      if (state.releaseId === releaseId) return;
      Object.assign(want, { releaseId, releaseVersion });
      change({ releaseId, releaseVersion });
    },
    stop: () => { stopped ??= stop(); return stopped; },
  };
}

function reasonOf(exit: ProgramExit, sampled: boolean): string {
  if (exit.outOfMemory || sampled) return 'out of memory';
  if (exit.code === null) return 'lost';
  return exit.code > 128 ? `killed by signal ${exit.code - 128}` : 'exited';
}
