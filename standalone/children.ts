import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { startTime } from './lock.ts';

/** A process of the platform as the supervisor keeps it. */
export interface ChildSpec {
  name: string;
  /** Starts it; resolves when it is ready, rejects when it ends before. */
  launch(): Promise<ChildProcess>;
  /** How it is told to stop, and how long it may take. */
  stopSignal: NodeJS.Signals;
  stopSeconds: number;
}

export interface Children {
  /** Starts one and keeps it running: a crash starts it again after 0.1 s, doubling to 5 s. */
  keep(spec: ChildSpec): Promise<void>;
  /** Stops one for good; after its time it is killed. */
  stop(name: string): Promise<void>;
}

export interface ChildrenOptions {
  /** Where pids and start times are written for the next start to find. */
  recordFile: string;
  onCrash(name: string, how: string): void;
  onRestartFailed(name: string, error: unknown): void;
}

/** A process that was up this long starts again at once. */
const STEADY_MS = 10_000;

export function createChildren({ recordFile, onCrash, onRestartFailed }: ChildrenOptions): Children {
  const running = new Map<string, { spec: ChildSpec; child: ChildProcess }>();
  const stopping = new Set<string>();
  const timers = new Map<string, NodeJS.Timeout>();

  const record = (): void => {
    const entries = [...running].map(([name, { child }]) => [name, { pid: child.pid, started: child.pid === undefined ? null : startTime(child.pid) }]);
    writeFileSync(`${recordFile}.new`, JSON.stringify(Object.fromEntries(entries)), { mode: 0o600 });
    renameSync(`${recordFile}.new`, recordFile);
  };
  const start = async (spec: ChildSpec, pause: number): Promise<void> => {
    const child = await spec.launch();
    const since = Date.now();
    running.set(spec.name, { spec, child });
    record();
    const ended = (code: number | null, signal: NodeJS.Signals | null): void => {
      running.delete(spec.name);
      record();
      if (stopping.has(spec.name)) return;
      onCrash(spec.name, signal ? `was ended by ${signal}` : `ended with code ${code}`);
      again(spec, Date.now() - since > STEADY_MS ? 100 : pause);
    };
    if (child.exitCode !== null || child.signalCode !== null) ended(child.exitCode, child.signalCode);
    else child.once('exit', ended);
  };
  const again = (spec: ChildSpec, pause: number): void => {
    timers.set(spec.name, setTimeout(() => {
      if (stopping.has(spec.name)) return;
      start(spec, Math.min(pause * 2, 5_000)).catch((error: unknown) => { onRestartFailed(spec.name, error); again(spec, Math.min(pause * 2, 5_000)); });
    }, pause));
  };
  return {
    keep: (spec) => start(spec, 100),
    stop: async (name) => {
      stopping.add(name);
      clearTimeout(timers.get(name));
      const entry = running.get(name);
      if (entry) await endChild(entry.child, entry.spec);
    },
  };
}

async function endChild(child: ChildProcess, { stopSignal, stopSeconds }: ChildSpec): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => { child.once('exit', resolve); });
  child.kill(stopSignal);
  const timer = setTimeout(() => { child.kill('SIGKILL'); }, stopSeconds * 1000);
  await ended;
  clearTimeout(timer);
}

/** Spawns one of our own TypeScript processes in a group of its own (Ctrl-C is for the supervisor); resolves when it says `ready`. */
export function launchNode(main: string, env: Record<string, string>, onLine: (line: string) => void): Promise<ChildProcess> {
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true });
  for (const stream of [child.stdout, child.stderr]) if (stream) createInterface({ input: stream }).on('line', onLine);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => { reject(new Error(`it ended with ${signal ?? `code ${code}`} before it was ready`)); });
    child.on('message', (message) => { if (message === 'ready') resolve(child); });
  });
}

/** Ends what a killed supervisor left behind; each is known by its pid and start time. Order: our own, then NATS, then PostgreSQL. */
export async function endLeftovers(recordFile: string): Promise<string[]> {
  let entries: [string, { pid: number; started: string | null }][];
  try { entries = Object.entries(JSON.parse(readFileSync(recordFile, 'utf8')) as Record<string, { pid: number; started: string | null }>); } catch { return []; }
  const alive = entries.filter(([, { pid, started }]) => started !== null && startTime(pid) === started);
  const last = ['nats', 'postgres'];
  alive.sort(([a], [b]) => last.indexOf(a) - last.indexOf(b));
  for (const [name, { pid, started }] of alive) await endLeftover(pid, started, name === 'postgres' ? 'SIGINT' : 'SIGTERM');
  return alive.map(([name]) => name);
}

async function endLeftover(pid: number, started: string | null, signal: NodeJS.Signals): Promise<void> {
  const isThere = (): boolean => startTime(pid) === started;
  const send = (what: NodeJS.Signals): void => { try { if (isThere()) process.kill(pid, what); } catch { /* it has just ended */ } };
  send(signal);
  const deadline = Date.now() + 40_000;
  // Not our child, so there is nothing to wait on but its place in the process table.
  while (isThere()) {
    if (Date.now() > deadline) send('SIGKILL');
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
}
