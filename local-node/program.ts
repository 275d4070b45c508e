import { execFileSync, spawn } from 'node:child_process';
import { chownSync, closeSync, constants, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cgroup } from './cgroup.ts';
import { groupMembers, startTime } from './process-table.ts';

/*
 * Decision: a program outlives the node that started it. Its output goes through two FIFOs that its wrapper (a few kilobytes of /bin/sh,
 * where a shim in Node would cost 40 MB a replica) holds open, so a node that restarts loses no line and ends no app: writers wait for at
 * most the moment of the restart once 64 KiB are in the FIFO. The exit code is left in a file, because a restarted node is no parent.
 */
const WRAPPER = fileURLToPath(new URL('./wrapper.sh', import.meta.url));

/** How often a program that was adopted is looked at: no child of ours, so the kernel tells us nothing. */
const ADOPTED_LOOK_MS = 250;
/** Output that is still in the FIFO when all writers have ended takes no longer than this to read. */
const LAST_OUTPUT_MS = 2_000;

export interface ProgramSpec {
  /** Ours alone; the program's user may write the files in it and not the directory. */
  dir: string;
  uid: number | undefined;
  cwd: string;
  env: Record<string, string>;
  /** `env`: variables of any bytes, set before the program starts; `input`: its stdin. */
  input: { mode: 'env'; variables: { key: string; value: Uint8Array }[] } | { mode: 'input'; bytes: Uint8Array };
  args: string[];
}

/** Which process it is: enough to find it again. */
export interface ProgramRecord { pid: number; started: string }

export interface ProgramExit { /** 128 + signal; null: nobody knows. */ code: number | null; outOfMemory: boolean }

export interface Program {
  record: ProgramRecord;
  /** Resolves when it, all it left behind, and its output have ended. */
  exited: Promise<ProgramExit>;
  signal(signal: NodeJS.Signals): void;
  rssBytes(): number;
}

export type OnOutput = (stream: 'stdout' | 'stderr', chunk: Uint8Array) => void;

interface Fifos { release(): Promise<void> }

const path = (dir: string, name: 'out' | 'err' | 'exit' | 'events'): string => join(dir, name);

/** Starts a program as its user, in its cgroup before its first instruction. Throws where it cannot even be tried. */
export async function startProgram(spec: ProgramSpec, cgroup: Cgroup | null, onOutput: OnOutput): Promise<Program> {
  prepare(spec);
  const fifos = openFifos(spec.dir, onOutput);
  const ids = spec.uid === undefined ? {} : { uid: spec.uid, gid: spec.uid };
  const child = spawn('/bin/sh', [WRAPPER_ARG, readFileSync(WRAPPER, 'utf8'), 'wrapper', path(spec.dir, 'out'), path(spec.dir, 'err'), path(spec.dir, 'events'), path(spec.dir, 'exit'), spec.input.mode, ...spec.args],
    { ...ids, cwd: spec.cwd, env: spec.env, detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  const ended = new Promise<void>((resolve) => { child.once('exit', () => { resolve(); }); });
  try {
    await new Promise<void>((resolve, reject) => { child.once('spawn', resolve); child.once('error', reject); });
    const pid = child.pid as number;
    const started = startTime(pid) ?? '';
    cgroup?.add(pid);
    child.stdin.on('error', () => { /* it ended before it read all: its exit says why */ });
    child.stdin.end(Buffer.concat([Buffer.from('go\n'), inputOf(spec)]));
    child.unref();
    return programOf({ pid, started }, spec.dir, ended, cgroup, fifos);
  } catch (error) {
    await fifos.release();
    throw error;
  }
}

/** The script itself is an argument: a user who cannot enter our checkout could not read the file. */
const WRAPPER_ARG = '-c';

/** Takes over a program that a former life of the node started; null: it has ended meanwhile, and `exitOf` tells how. */
export function adoptProgram(record: ProgramRecord, dir: string, cgroup: Cgroup | null, onOutput: OnOutput): Program {
  const isThere = (): boolean => startTime(record.pid) === record.started;
  const ended = new Promise<void>((resolve) => {
    const look = setInterval(() => { if (!isThere()) { clearInterval(look); resolve(); } }, ADOPTED_LOOK_MS);
  });
  return programOf(record, dir, ended, cgroup, openFifos(dir, onOutput));
}

function programOf(record: ProgramRecord, dir: string, wrapperEnded: Promise<void>, cgroup: Cgroup | null, fifos: Fifos): Program {
  const killLeft = (): void => {
    for (const { pid } of groupMembers(record.pid)) sendTo(pid, 'SIGKILL');
    for (const pid of cgroup?.pids() ?? []) sendTo(pid, 'SIGKILL');
  };
  const exited = wrapperEnded.then(async () => {
    killLeft();
    await fifos.release();
    const outOfMemory = cgroup?.ranOutOfMemory() ?? false;
    cgroup?.remove();
    return { code: readExit(dir), outOfMemory };
  });
  return {
    record, exited,
    signal: (signal) => {
      if (startTime(record.pid) !== record.started) return;
      // The group: the wrapper stays for the exit code, everything else of the program hears it.
      if (signal === 'SIGKILL') killLeft(); else sendTo(-record.pid, signal);
    },
    rssBytes: () => groupMembers(record.pid).reduce((sum, { rssBytes }) => sum + rssBytes, 0),
  };
}

function sendTo(pid: number, signal: NodeJS.Signals): void {
  try { process.kill(pid, signal); } catch { /* it has ended */ }
}

function prepare({ dir, uid }: ProgramSpec): void {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true, mode: 0o711 });
  execFileSync('mkfifo', ['-m', '600', path(dir, 'out'), path(dir, 'err')]);
  for (const name of ['exit', 'events'] as const) writeFileSync(path(dir, name), '', { mode: 0o600 });
  if (uid !== undefined) for (const name of ['out', 'err', 'exit', 'events'] as const) chownSync(path(dir, name), uid, uid);
}

function inputOf({ input }: ProgramSpec): Uint8Array {
  if (input.mode === 'input') return input.bytes;
  return Buffer.concat([...input.variables.map(({ key, value }) => Buffer.concat([Buffer.from(`export ${key}='`), quoted(value), Buffer.from("'\n")])), Buffer.from('SLIPWAY_ENVIRONMENT=complete\n')]);
}

/** For between single quotes of a shell: nothing in there means anything but the quote itself. Keys are checked by platform/config.ts. */
function quoted(value: Uint8Array): Buffer {
  return Buffer.from(Buffer.from(value).toString('latin1').replaceAll("'", "'\\''"), 'latin1');
}

/** Opens both for reading, beside a writer of our own that keeps them from ending before the program has opened them. */
function openFifos(dir: string, onOutput: OnOutput): Fifos {
  const readers = (['stdout', 'stderr'] as const).map((stream) => {
    const file = path(dir, stream === 'stdout' ? 'out' : 'err');
    const holder = openSync(file, constants.O_RDWR | constants.O_NONBLOCK);
    const socket = new Socket({ fd: openSync(file, constants.O_RDONLY | constants.O_NONBLOCK), readable: true, writable: false });
    socket.on('data', (chunk: Uint8Array) => { onOutput(stream, chunk); });
    socket.on('error', () => { socket.destroy(); });
    return { holder, socket, closed: new Promise<void>((resolve) => { socket.once('close', () => { resolve(); }); }) };
  });
  return {
    release: async () => {
      for (const { holder } of readers) closeSync(holder);
      const timer = setTimeout(() => { for (const { socket } of readers) socket.destroy(); }, LAST_OUTPUT_MS);
      await Promise.all(readers.map(({ closed }) => closed));
      clearTimeout(timer);
    },
  };
}

/** The exit code that the wrapper left; null: it was ended itself. */
export function readExit(dir: string): number | null {
  try {
    const text = readFileSync(path(dir, 'exit'), 'latin1').slice(0, 8);
    return /^\d{1,3}\n$/.test(text) ? Number(text) : null;
  } catch { return null; }
}
