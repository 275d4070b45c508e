import type { ChildProcess } from 'node:child_process';
import { StartError } from './start-error.ts';

/** A process of the platform as the supervisor keeps it. */
export interface ChildSpec {
  name: string;
  /** Hands the process over the moment it exists, so that nothing is ever left behind; resolves when it is ready, rejects when it ends before. */
  launch(spawned: (child: ChildProcess) => void): Promise<void>;
  /** How it is told to stop, and how long it may take. */
  stopSignal: NodeJS.Signals;
  stopSeconds: number;
}

export interface Children {
  /** Starts one and keeps it running: a crash starts it again after 0.1 s, doubling to 5 s. */
  keep(spec: ChildSpec): Promise<void>;
  /** Stops one for good, whatever it is at; after its time it is killed. */
  stop(name: string): Promise<void>;
}

export interface ChildrenOptions {
  /** Is told which processes there are, by name, whenever that changes. */
  record(running: Map<string, number>): void;
  tell(problem: string): void;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** A process that was up this long starts again at once. */
const STEADY_MS = 10_000;

interface Kept {
  spec: ChildSpec;
  child: ChildProcess | null;
  launching: Promise<void>;
  timer: NodeJS.Timeout | undefined;
  stopping: boolean;
}

export function createChildren({ record, tell }: ChildrenOptions): Children {
  const all = new Map<string, Kept>();
  const stopped = new Set<string>();

  const changed = (): void => {
    record(new Map([...all].flatMap(([name, { child }]) => (child?.pid === undefined ? [] : [[name, child.pid] as const]))));
  };
  const take = (kept: Kept, child: ChildProcess): void => {
    // It could not be spawned at all; `launch` says why.
    if (child.pid === undefined) return;
    kept.child = child;
    changed();
    child.once('exit', () => { kept.child = null; changed(); });
    if (kept.stopping) void endChild(child, kept.spec);
  };
  const start = (kept: Kept, pause: number): Promise<void> => {
    let latest: ChildProcess | null = null;
    kept.launching = kept.spec.launch((child) => { latest = child; take(kept, child); }).then(() => {
      const child = latest as ChildProcess | null;
      if (!child) throw new Error(`${kept.spec.name} is ready without a process`);
      const since = Date.now();
      const ended = (code: number | null, signal: NodeJS.Signals | null): void => {
        if (kept.stopping) return;
        tell(`${kept.spec.name} ${howItEnded(code, signal)}; starting it again.`);
        again(kept, Date.now() - since > STEADY_MS ? FIRST_PAUSE_MS : pause);
      };
      if (hasEnded(child)) ended(child.exitCode, child.signalCode); else child.once('exit', ended);
    });
    return kept.launching;
  };
  const again = (kept: Kept, pause: number): void => {
    const longer = Math.min(pause * 2, LONGEST_PAUSE_MS);
    kept.timer = setTimeout(() => {
      start(kept, longer).catch((error: unknown) => {
        if (kept.stopping) return;
        tell(`${kept.spec.name} could not be started again: ${error instanceof Error ? error.message : String(error)}`);
        again(kept, longer);
      });
    }, pause);
  };
  return {
    keep: (spec) => {
      // A stop may come while the platform is still starting one after the other.
      if (stopped.has(spec.name)) return Promise.reject(new StartError(`${spec.name} is not started: the platform stops.`));
      const kept: Kept = { spec, child: null, launching: Promise.resolve(), timer: undefined, stopping: false };
      all.set(spec.name, kept);
      return start(kept, FIRST_PAUSE_MS);
    },
    stop: async (name) => {
      stopped.add(name);
      const kept = all.get(name);
      if (!kept) return;
      kept.stopping = true;
      clearTimeout(kept.timer);
      if (kept.child) await endChild(kept.child, kept.spec);
      // What was just about to be spawned was ended as it came.
      await kept.launching.catch(() => undefined);
      if (kept.child) await endChild(kept.child, kept.spec);
    },
  };
}

export const howItEnded = (code: number | null, signal: NodeJS.Signals | null): string => (signal ? `was ended by ${signal}` : `ended with code ${code}`);

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/** Ends a child: politely, and after its time with SIGKILL. */
export async function endChild(child: ChildProcess, { stopSignal, stopSeconds }: { stopSignal: NodeJS.Signals; stopSeconds: number }): Promise<void> {
  if (hasEnded(child)) return;
  const ended = new Promise((resolve) => { child.once('exit', resolve); });
  child.kill(stopSignal);
  const timer = setTimeout(() => { child.kill('SIGKILL'); }, stopSeconds * 1000);
  await ended;
  clearTimeout(timer);
}
