import type { JobSpec, JobState } from '../bus/node.ts';
import { faultPoint } from '../service/fault.ts';
import { inStep } from '../service/trace.ts';
import type { Cgroup } from './cgroup.ts';
import { followEvents } from './job-events.ts';
import { limitReasons, outcomeOf } from './job-outcome.ts';
import type { Limit } from './job-outcome.ts';
import { LastLines } from './last-lines.ts';
import { cacheDir, launchJob, userOf, workDir } from './launch-job.ts';
import { clearAway, openCgroup, openLog, programDir, watchMemory } from './node.ts';
import type { Node } from './node.ts';
import { adoptProgram, eventsFile } from './program.ts';
import type { Program, ProgramExit } from './program.ts';
import { SlugError } from './slugs.ts';
import type { JobRecord } from './state.ts';
import { watchDisk } from '../buildpacks/watch-disk.ts';

/** A program that runs once. Its record stays until it is forgotten, so that its end is told to whoever asks, however late. */
export interface Job {
  record: JobRecord;
  /** Its program runs and is on record, or has ended: a node that is killed now finds it again. */
  begun: Promise<void>;
  /** `lost`: it went without a word (with the machine), or we ended it because we stop: as if it had never been, and whoever wants it starts it again. */
  ended: Promise<'told' | 'lost'>;
  cancel(): Promise<unknown>;
  /** The platform stops. */
  leave(): Promise<unknown>;
}

/** A canceled program may clean up for so long. */
const CANCEL_SECONDS = 5;

/** A job's record as it begins. Config and URLs of the spec are not in it. */
export function newJob(spec: JobSpec): JobRecord {
  const state: JobState = { id: spec.id, status: 'RUNNING', exitCode: null, exitReason: null, lastLines: [], outcome: null, steps: [] };
  if (spec.kind === 'build') {
    const { appId, buildId, limits } = spec.context;
    return {
      id: spec.id, kind: 'build', appId, slugDigest: null, memoryBytes: limits.memoryBytes, diskBytes: limits.diskBytes, deadline: Date.now() + limits.seconds * 1000, state, program: null,
      meta: { source: 'BUILD', sourceId: buildId, process: 'build', release: null, build: buildId },
    };
  }
  return {
    id: spec.id, kind: 'command', appId: spec.appId, slugDigest: spec.slugDigest, memoryBytes: spec.memoryBytes, diskBytes: null, deadline: Date.now() + spec.seconds * 1000, state, program: null,
    meta: { source: 'APP', sourceId: spec.id, process: spec.process, release: spec.releaseVersion, build: null },
  };
}

/** Runs a new job by its spec, or (spec null) goes on with one of a former life; `onChange` is called at each step, and when the end can be told. */
export function runJob(node: Node, record: JobRecord, spec: JobSpec | null, onChange: () => void): Job {
  const { meta, state } = record;
  const log = openLog(node, { appId: record.appId, ...meta, replica: meta.source === 'APP' ? meta.process : null });
  const last = new LastLines([]);
  const onOutput = (stream: 'stdout' | 'stderr', chunk: Uint8Array): void => { last.add(chunk); log.write(stream, chunk); };
  const stopping = new AbortController();
  let program: Program | null = null;
  let limit: Limit | null = null;
  let isLeft = false;
  const end = (why: Limit): void => {
    limit ??= why;
    if (why === 'canceled') program?.drain(CANCEL_SECONDS); else program?.kill();
  };
  const adopt = (): { program: Program; cgroup: Cgroup | null } => {
    const cgroup = openCgroup(node, record.id, null);
    const found = record.program as NonNullable<typeof record.program>;
    return { program: adoptProgram(found, { dir: programDir(node, record.id), uid: userOf(node, record), users: node.users, cgroup, onOutput }), cgroup };
  };
  const begin = async (): Promise<{ program: Program; cgroup: Cgroup | null }> => {
    const running = spec ? await inStep(`start ${spec.kind}`, { kind: 'internal', attributes: { 'slipway.app.id': record.appId } }, () => launchJob(node, spec, record, stopping.signal, onOutput)) : adopt();
    program = running.program;
    faultPoint('local-node.job-started');
    if (limit) end(limit);
    if (isLeft) program.drain(CANCEL_SECONDS);
    return running;
  };
  const starting = begin();
  const watchOver = async (): Promise<ProgramExit> => {
    const running = await starting;
    const memory = watchMemory(running.program, running.cgroup, record.memoryBytes);
    const timer = setTimeout(() => { end('time'); }, Math.max(record.deadline - Date.now(), 0));
    const stopDisk = record.diskBytes === null ? () => undefined : watchDisk([workDir(node, record.id), cacheDir(node, record.appId), eventsFile(programDir(node, record.id))], record.diskBytes, (why) => { end(why === 'used' ? 'disk' : 'full disk'); });
    const events = followEvents(eventsFile(programDir(node, record.id)), state, onChange);
    const exit = await running.program.exited;
    clearTimeout(timer);
    stopDisk();
    memory.stop();
    events.stop();
    if (exit.outOfMemory || memory.exceeded()) limit ??= 'memory';
    return exit;
  };
  const live = async (): Promise<'told' | 'lost'> => {
    let isKnown = true;
    try {
      const exit = await watchOver();
      isKnown = exit.code !== null;
      Object.assign(state, { exitCode: exit.code ?? 137, exitReason: limit === null ? 'exited' : limitReasons[limit] });
    } catch (error) {
      if (!stopping.signal.aborted && !(error instanceof SlugError)) node.log.error({ error, job: record.id }, 'a job could not be run');
      Object.assign(state, { exitCode: 125, exitReason: limit ? limitReasons[limit] : error instanceof SlugError ? error.message : 'could not be started' });
    }
    record.program = null;
    const lost = limit === null && (isLeft || !isKnown);
    log.close(!lost);
    if (!lost) {
      Object.assign(state, { status: 'ENDED', lastLines: last.lines() });
      if (record.kind === 'build') state.outcome = outcomeOf(state, limit, state.lastLines);
    }
    // On record before its traces go: a node that is killed in between could not tell the end any more.
    try { if (!lost) node.saveNow(); } catch (error) { node.log.warn({ error }, 'the state could not be written; it will be'); node.save(); }
    faultPoint('local-node.job-ended');
    if (!lost) onChange();
    await clearAway(node, programDir(node, record.id), workDir(node, record.id));
    return lost ? 'lost' : 'told';
  };
  return {
    record, begun: starting.then(() => undefined, () => undefined), ended: live(),
    cancel() { stopping.abort(); end('canceled'); return this.ended; },
    leave() { isLeft = true; stopping.abort(); program?.drain(CANCEL_SECONDS); return this.ended; },
  };
}
