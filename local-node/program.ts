import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chownSync, closeSync, mkdirSync, openSync, readFileSync, readSync, rmSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cgroup } from './cgroup.ts';
import { endUser } from './end-user.ts';
import { makeFifos, openFifos } from './fifo.ts';
import type { Fifos, OnOutput } from './fifo.ts';
import { aboveSlug } from './layers.ts';
import type { Layers } from './layers.ts';
import { familyOf, startTime } from './process-table.ts';
import type { Users } from './uids.ts';

/*
 * Decision: a program outlives the node that started it. Its output goes through two FIFOs that its wrapper holds open (1 MB of /bin/sh, where a
 * shim in Node would cost 40 MB a replica, and a pipe or a socket would end with the node). While the node is away the program goes on; it waits
 * once 64 KiB are in a FIFO, for the second a restart takes. A node killed between reading and writing loses what it had just read, at most
 * 64 KiB: the price of no shim. The wrapper writes the exit code into a file, because a restarted node is nobody's parent, and then stays: the last
 * output is in its FIFOs, and no other process can get its number, until the node has seen to both.
 */
const WRAPPER = readFileSync(new URL('./wrapper.sh', import.meta.url), 'utf8');

/** A change of the exit file is told at once; this is for systems that tell late, and for a wrapper that somebody killed. */
const LOOK_MS = 500;
/** A killed program's wrapper writes its exit code within this, or is stopped by the program and ended too. */
const WRAPPER_MS = 1_000;
const GONE_MS = 5_000;
/** Where no cgroup counts a program's processes, those of its user are counted, of all its programs together. */
const MAX_USER_PROCESSES = 4_096;

export interface ProgramSpec {
  /** Ours alone; the program's user may write the files in it and not the directory. */
  dir: string;
  uid: number | undefined;
  cwd: string;
  /** To be mounted at `cwd`; the user must be there. */
  layers: Layers | null;
  env: Record<string, string>;
  /** `env`: variables of any bytes, set before the program starts; `input`: its stdin. */
  input: { mode: 'env'; variables: { key: string; value: Uint8Array }[] } | { mode: 'input'; bytes: Uint8Array };
  /** The program by its whole path, and its arguments. */
  args: string[];
}

/** Which process it is: enough to find it again. */
export interface ProgramRecord { pid: number; started: string }

/** `code`: 128 + signal; null: nobody knows, it went with its wrapper (a machine that was switched off). */
export interface ProgramExit { code: number | null; outOfMemory: boolean }

export interface Program {
  /** Resolves when it, all it left behind, and its output have ended. */
  exited: Promise<ProgramExit>;
  /** SIGTERM to all of it, SIGKILL to what is left after the time. */
  drain(seconds: number): void;
  kill(): void;
  rssBytes(): number;
}

/** Where a program runs: its limits, its user, and who hears its output. */
export interface Surroundings { dir: string; uid: number | undefined; users: Users; cgroup: Cgroup | null; onOutput: OnOutput }

const file = (dir: string, name: 'out' | 'err' | 'exit' | 'events'): string => join(dir, name);
const fifosOf = (dir: string): Record<'stdout' | 'stderr', string> => ({ stdout: file(dir, 'out'), stderr: file(dir, 'err') });
export const eventsFile = (dir: string): string => file(dir, 'events');

/** Starts a program as its user, in its cgroup before its first instruction; `remember` is called before there is anything to remember. */
export async function startProgram(spec: ProgramSpec, { users, cgroup, onOutput }: Pick<Surroundings, 'users' | 'cgroup' | 'onOutput'>, remember: (record: ProgramRecord) => void): Promise<Program> {
  await prepare(spec);
  const { dir, uid } = spec;
  const fifos = openFifos(fifosOf(dir), onOutput);
  let child: ChildProcess | undefined;
  try {
    child = spawnWrapper(spec, cgroup);
    const { pid, stdin } = await spawned(child);
    const record = { pid, started: startTime(pid) ?? '' };
    cgroup?.add(pid);
    remember(record);
    stdin.on('error', () => { /* it ended before it read all: its exit says why */ });
    stdin.end(Buffer.concat([Buffer.from('go\n'), inputOf(spec)]));
    return follow(record, { dir, uid, users, cgroup, onOutput }, fifos, child);
  } catch (error) {
    child?.kill('SIGKILL');
    await fifos.release();
    throw error;
  }
}

function spawnWrapper({ dir, uid, cwd, layers, env, input, args }: ProgramSpec, cgroup: Cgroup | null): ChildProcess {
  // The script itself is an argument: a user who cannot enter our checkout could not read the file.
  const wrapper = ['/bin/sh', '-c', WRAPPER, 'wrapper', file(dir, 'out'), file(dir, 'err'), file(dir, 'events'), file(dir, 'exit'), uid !== undefined && !cgroup ? String(MAX_USER_PROCESSES) : '', input.mode, ...args];
  // Root mounts, and then becomes the user.
  const [program = '', ...rest] = layers && uid !== undefined ? aboveSlug(layers, cwd, uid, wrapper) : wrapper;
  return spawn(program, rest, { ...(uid === undefined || layers ? {} : { uid, gid: uid }), cwd, env, detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
}

function spawned(child: ChildProcess): Promise<{ pid: number; stdin: NonNullable<ChildProcess['stdin']> }> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => { if (child.pid !== undefined && child.stdin) resolve({ pid: child.pid, stdin: child.stdin }); });
  });
}

/** Takes over a program that a former life of the node started; it may have ended meanwhile. */
export function adoptProgram(record: ProgramRecord, surroundings: Surroundings): Program {
  return follow(record, surroundings, openFifos(fifosOf(surroundings.dir), surroundings.onOutput));
}

function follow(record: ProgramRecord, { dir, uid, users, cgroup }: Surroundings, fifos: Fifos, child?: ChildProcess): Program {
  const isOurs = (): boolean => startTime(record.pid) === record.started;
  const members = (): number[] => [...new Set([...(isOurs() ? familyOf(record.pid).map(({ pid }) => pid) : []), ...(cgroup?.pids() ?? [])])];
  const others = (): number[] => members().filter((pid) => pid !== record.pid);
  let graceUntil = 0;
  /** What it was told by us, for a wrapper that ended with it. */
  let told: number | null = null;
  const timers: NodeJS.Timeout[] = [];
  const kill = (): void => {
    told = 137;
    graceUntil = 0;
    for (const pid of others()) send(pid, 'SIGKILL');
    // The wrapper is of the program's user, who may have stopped it.
    timers.push(setTimeout(() => { if (isOurs()) send(record.pid, 'SIGKILL'); }, WRAPPER_MS));
  };
  users.enter(uid);
  const exited = untilEnded(record, dir, child).then(async () => {
    const code = readExit(dir);
    // The first of its processes has ended by SIGTERM; others may still be answering their last requests.
    await pollUntil(() => others().length === 0, () => Date.now() > graceUntil);
    const deadline = Date.now() + GONE_MS;
    await pollUntil(() => { const left = members(); for (const pid of left) send(pid, 'SIGKILL'); return left.length === 0; }, () => Date.now() > deadline);
    if (users.leave(uid) && uid !== undefined) await endUser(uid);
    await fifos.release();
    for (const timer of timers) clearTimeout(timer);
    const outOfMemory = cgroup?.ranOutOfMemory() ?? false;
    cgroup?.remove();
    return { code: code ?? told, outOfMemory };
  });
  return {
    exited, kill,
    drain: (seconds) => {
      told ??= 143;
      graceUntil = Date.now() + seconds * 1000;
      if (isOurs()) send(-record.pid, 'SIGTERM');
      timers.push(setTimeout(kill, seconds * 1000));
    },
    rssBytes: () => (isOurs() ? familyOf(record.pid).reduce((sum, { rssBytes }) => sum + rssBytes, 0) : 0),
  };
}

function send(pid: number, signal: NodeJS.Signals): void {
  try { process.kill(pid, signal); } catch { /* it has ended */ }
}

/** Resolves when the exit code is written, or the wrapper is gone without. */
function untilEnded({ pid, started }: ProgramRecord, dir: string, child?: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (readExit(dir) === null && startTime(pid) === started) return;
      clearInterval(timer);
      watcher?.close();
      resolve();
    };
    const timer = setInterval(look, LOOK_MS);
    const watcher = watchFile(file(dir, 'exit'), look);
    child?.once('exit', look);
    look();
  });
}

/** Null: the system can watch no more files; the timer does. */
export function watchFile(path: string, onChange: () => void): { close(): void } | null {
  try {
    const watcher = watch(path, onChange);
    watcher.on('error', () => { watcher.close(); });
    return watcher;
  } catch { return null; }
}

async function pollUntil(isDone: () => boolean, isOver: () => boolean): Promise<void> {
  while (!isDone() && !isOver()) await new Promise((resolve) => { setTimeout(resolve, 10); });
}

async function prepare({ dir, uid }: ProgramSpec): Promise<void> {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true, mode: 0o711 });
  await makeFifos(file(dir, 'out'), file(dir, 'err'));
  writeFileSync(file(dir, 'events'), '', { mode: 0o600 });
  // Room for the code: its end must be told on a full disk too.
  writeFileSync(file(dir, 'exit'), '    ', { mode: 0o600 });
  if (uid !== undefined) for (const name of ['out', 'err', 'exit', 'events'] as const) chownSync(file(dir, name), uid, uid);
}

function inputOf({ input }: ProgramSpec): Uint8Array {
  if (input.mode === 'input') return input.bytes;
  return Buffer.concat([...input.variables.map(({ key, value }) => Buffer.concat([Buffer.from(`export ${key}='`), quoted(value), Buffer.from("'\n")])), Buffer.from('SLIPWAY_ENVIRONMENT=complete\n')]);
}

/** For between single quotes of a shell: nothing in there means anything but the quote itself. Keys are checked by platform/config/config.ts. */
function quoted(value: Uint8Array): Buffer {
  return Buffer.from(Buffer.from(value).toString('latin1').replaceAll("'", "'\\''"), 'latin1');
}

/** The exit code that the wrapper left; null: there is none (yet). The file is its program's to write, however large: only its beginning is read. */
function readExit(dir: string): number | null {
  let fd: number;
  try { fd = openSync(file(dir, 'exit'), 'r'); } catch { return null; }
  try {
    const text = Buffer.alloc(8);
    const code = /^(\d{1,3})\n/.exec(text.toString('latin1', 0, readSync(fd, text)))?.[1];
    return code === undefined ? null : Number(code);
  } finally { closeSync(fd); }
}
