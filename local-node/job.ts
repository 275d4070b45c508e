import { spawn } from 'node:child_process';
import { closeSync, existsSync, fstatSync, openSync, readSync, rmSync, watch } from 'node:fs';
import { chown, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { askUntilAnswered } from '../bus/ask.ts';
import { replicaContext } from '../bus/app.ts';
import { buildOutcome, buildStep } from '../bus/build.ts';
import type { BuildOutcome } from '../bus/build.ts';
import type { JobSpec, JobState } from '../bus/node.ts';
import { baseEnv, LastLines, openCgroup, openLog, programDir, watchMemory } from './node.ts';
import type { Node } from './node.ts';
import { adoptProgram, startProgram } from './program.ts';
import type { Program, ProgramSpec } from './program.ts';
import { SlugError } from './slugs.ts';
import type { JobRecord } from './state.ts';

/** A program that runs once. Its record stays until it is forgotten, so that its end is told to whoever asks, however late. */
export interface Job {
  record: JobRecord;
  stop(reason: 'canceled' | 'platform stops'): Promise<void>;
  ended: Promise<void>;
}

type Limit = 'time' | 'memory' | 'disk' | 'canceled' | 'platform stops';

const DISK_LOOK_MS = 3_000;
const MAX_EVENTS_BYTES = 4 * 1024 * 1024;

/** A job's record as it begins. Config and URLs of the spec are not in it. */
export function newJob(spec: JobSpec): JobRecord {
  const state: JobState = { id: spec.id, status: 'RUNNING', exitCode: null, exitReason: null, lastLines: [], outcome: null, steps: [] };
  if (spec.kind === 'build') {
    const { appId, buildId, limits } = spec.context;
    return {
      id: spec.id, kind: 'build', appId, memoryBytes: limits.memoryBytes, diskBytes: limits.diskBytes, deadline: Date.now() + limits.seconds * 1000, state, program: null,
      meta: { source: 'BUILD', sourceId: buildId, process: 'build', release: null, build: buildId },
    };
  }
  return {
    id: spec.id, kind: 'command', appId: spec.appId, memoryBytes: spec.memoryBytes, diskBytes: null, deadline: Date.now() + spec.seconds * 1000, state, program: null,
    meta: { source: 'APP', sourceId: spec.id, process: spec.process, release: spec.releaseVersion, build: null },
  };
}

/** Runs a new job by its spec, or (spec null) goes on with one of a former life; `onChange` is called at each step and at the end. */
export function runJob(node: Node, record: JobRecord, spec: JobSpec | null, onChange: () => void): Job {
  const { meta, state } = record;
  const log = openLog(node, { appId: record.appId, ...meta, replica: meta.source === 'APP' ? meta.process : null });
  const last = new LastLines();
  const onOutput = (stream: 'stdout' | 'stderr', chunk: Uint8Array): void => { last.add(chunk); log.write(stream, chunk); };
  let program: Program | null = null;
  let limit: Limit | null = null;
  const stopping = new AbortController();
  const end = (why: Limit): void => { limit ??= why; program?.signal('SIGKILL'); };

  const life = async (): Promise<void> => {
    const cgroup = openCgroup(node, record.id, spec ? record.memoryBytes : null);
    if (spec) {
      program = await startProgram(await specOf(node, spec, record, stopping.signal), cgroup, onOutput);
      record.program = program.record;
      node.saveNow();
    } else if (record.program) {
      program = adoptProgram(record.program, programDir(node, record.id), cgroup, onOutput);
    } else {
      throw new Error('the node was stopped before the job had begun');
    }
    const running = program;
    if (limit) end(limit);
    const memory = watchMemory(running, cgroup, record.memoryBytes);
    const timer = setTimeout(() => { end('time'); }, Math.max(record.deadline - Date.now(), 0));
    const stopDisk = watchDisk(node, record, () => { end('disk'); });
    const events = followEvents(join(programDir(node, record.id), 'events'), state, onChange);
    const exit = await running.exited;
    clearTimeout(timer);
    stopDisk();
    memory.stop();
    events.stop();
    if (exit.outOfMemory || memory.exceeded()) limit ??= 'memory';
    Object.assign(state, { exitCode: exit.code ?? 137, exitReason: limit === null ? (exit.code === null ? 'killed' : 'exited') : reasons[limit] });
  };
  const ended = life().catch((error: unknown) => {
    if (!stopping.signal.aborted && !(error instanceof SlugError)) node.log.error({ error, job: record.id }, 'a job could not be run');
    Object.assign(state, { exitCode: 125, exitReason: limit ? reasons[limit] : `could not start: ${error instanceof Error ? error.message : String(error)}` });
  }).then(() => {
    const lines = last.lines();
    Object.assign(state, { status: 'ENDED', lastLines: lines });
    if (record.kind === 'build') state.outcome = outcomeOf(state, limit, lines);
    record.program = null;
    for (const dir of [programDir(node, record.id), workDir(node, record.id)]) rmSync(dir, { recursive: true, force: true });
    log.close(true);
    node.saveNow();
    onChange();
  });
  return { record, ended, stop: (reason) => { stopping.abort(); end(reason); return ended; } };
}

const reasons: Record<Limit, string> = { time: 'took too long', memory: 'out of memory', disk: 'used too much disk', canceled: 'canceled', 'platform stops': 'ended with the platform' };

const workDir = (node: Node, id: string): string => join(node.dir, 'jobs', id);
export const cacheDir = (node: Node, appId: string): string => join(node.dir, 'cache', appId);

async function specOf(node: Node, spec: JobSpec, record: JobRecord, signal: AbortSignal): Promise<ProgramSpec> {
  const work = workDir(node, record.id);
  await rm(work, { recursive: true, force: true });
  const uid = node.uids.of(record.appId, spec.kind === 'build' ? 'build' : 'run');
  const common = { dir: programDir(node, record.id), uid };
  if (spec.kind === 'build') {
    const cache = cacheDir(node, record.appId);
    for (const dir of [work, cache]) {
      await mkdir(dir, { recursive: true, mode: 0o700 });
      if (uid !== undefined) await chown(dir, uid, uid);
    }
    return {
      ...common, cwd: work, env: { ...baseEnv(work), ...node.buildEnv, TMPDIR: work }, args: [node.toolbox.node, node.toolbox.lifecycle, '--cache', cache],
      input: { mode: 'input', bytes: Buffer.from(JSON.stringify(spec.context)) },
    };
  }
  const context = await askUntilAnswered(node.bus, replicaContext, { appId: spec.appId, releaseId: spec.releaseId }, signal);
  await node.slugs.unpack(spec.slugDigest, context.slugUrl, work, uid);
  const own = { SLIPWAY_APP: spec.appName, SLIPWAY_PROCESS: spec.process, SLIPWAY_RELEASE: String(spec.releaseVersion) };
  const variables = [...context.config.map(({ key, value }) => ({ key, value: Buffer.from(value, 'base64') })), ...Object.entries(own).map(([key, value]) => ({ key, value: Buffer.from(value) }))];
  return { ...common, cwd: work, env: baseEnv(work), args: ['/bin/bash', node.toolbox.entrypoint, work, spec.command], input: { mode: 'env', variables } };
}

function outcomeOf(state: JobState, limit: Limit | null, lines: string[]): BuildOutcome {
  const failed = (reason: Extract<BuildOutcome, { status: 'FAILED' }>['reason'], message: string, hint: string | null): BuildOutcome => ({ status: 'FAILED', reason, message, hint, lines });
  switch (limit) {
    case 'canceled': return { status: 'CANCELED' };
    case 'time': return failed('BUILD_TIMEOUT', 'The build took too long and was ended.', 'Make it faster, or raise SLIPWAY_BUILD_SECONDS.');
    case 'memory': return failed('OUT_OF_MEMORY', 'The build used more memory than it may.', 'Let it use less (fewer workers in parallel), or raise SLIPWAY_BUILD_MEMORY_MB.');
    case 'disk': return failed('DISK_FULL', 'The build used more disk than it may.', 'Let it write less, or raise SLIPWAY_BUILD_DISK_MB.');
    case 'platform stops': return failed('BUILDER_LOST', 'The platform was stopped during the build.', 'Push again.');
    case null: return state.outcome ?? failed('INTERNAL', `The build ended without a verdict (${state.exitReason ?? 'unknown'}, exit code ${state.exitCode ?? 'unknown'}).`, 'A build step may have ended its own builder; its last lines may say more.');
  }
}

const jobEvent = z.discriminatedUnion('type', [z.object({ type: z.literal('step'), step: buildStep }), z.object({ type: z.literal('outcome'), outcome: buildOutcome })]);

/** Reads the events that the program appends to a file; a program can write anything there, so what does not parse is passed over. */
function followEvents(file: string, state: JobState, onChange: () => void): { stop(): void } {
  let position = 0;
  let rest = '';
  const read = (): void => {
    const added = readFrom(file, position);
    position += added.length;
    const lines = (rest + added.toString()).split('\n');
    rest = (lines.pop() ?? '').slice(-MAX_EVENTS_BYTES);
    for (const line of lines) takeEvent(line, state);
    if (lines.length > 0) onChange();
  };
  // The healing look is for systems that tell of changes late.
  const watcher = existsSync(file) ? watch(file, read) : null;
  const timer = setInterval(read, 1_000);
  read();
  return { stop: () => { watcher?.close(); clearInterval(timer); read(); } };
}

function takeEvent(line: string, state: JobState): void {
  let event: z.infer<typeof jobEvent>;
  try { event = jobEvent.parse(JSON.parse(line)); } catch { return; }
  if (event.type === 'outcome') { state.outcome ??= event.outcome; return; }
  const at = state.steps.findIndex(({ index }) => index === event.step.index);
  if (at >= 0) state.steps[at] = event.step; else if (state.steps.length < 200) state.steps.push(event.step);
}

function readFrom(file: string, position: number): Buffer {
  let fd: number;
  try { fd = openSync(file, 'r'); } catch { return Buffer.alloc(0); }
  try {
    const length = Math.min(fstatSync(fd).size, MAX_EVENTS_BYTES) - position;
    if (length <= 0) return Buffer.alloc(0);
    const buffer = Buffer.alloc(length);
    return buffer.subarray(0, readSync(fd, buffer, 0, length, position));
  } finally { closeSync(fd); }
}

/** Samples what a build has on disk: no file system here knows a quota for a directory. */
function watchDisk(node: Node, record: JobRecord, onFull: () => void): () => void {
  if (record.diskBytes === null) return () => undefined;
  const limit = record.diskBytes;
  let looking = false;
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    const du = spawn('du', ['-sk', workDir(node, record.id), cacheDir(node, record.appId)], { stdio: ['ignore', 'pipe', 'ignore'] });
    let text = '';
    du.stdout.on('data', (chunk: Buffer) => { text += chunk.toString(); });
    du.once('error', () => { looking = false; });
    du.once('close', () => {
      looking = false;
      const kilobytes = text.split('\n').reduce((sum, line) => sum + (Number(line.split('\t')[0]) || 0), 0);
      if (kilobytes * 1024 > limit) onFull();
    });
  }, DISK_LOOK_MS);
  return () => { clearInterval(timer); };
}
