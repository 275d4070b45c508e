import { execFileSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Command lines of all processes that mention one of these strings (a data directory, an app's program). */
export function listProcesses(...mentions: string[]): string[] {
  return readProcesses().filter(({ args }) => mentions.some((mention) => args.includes(mention))).map(tell);
}

interface Process { pid: number; parent: number; uid: number; args: string }

function readProcesses(): Process[] {
  return execFileSync('ps', ['-eo', 'pid=,ppid=,uid=,args='], { encoding: 'utf8' }).split('\n').flatMap((line) => {
    const [, pid, parent, uid, args = ''] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s(.*)$/.exec(line) ?? [];
    return pid === undefined || args.startsWith('ps -eo') ? [] : [{ pid: Number(pid), parent: Number(parent), uid: Number(uid), args }];
  });
}

/** Command lines of all that a process has started, and what they have. */
export function listDescendants(of: number): string[] {
  const all = readProcesses();
  const known = new Set([of]);
  addDescendants(known, all);
  return all.filter(({ pid }) => pid !== of && known.has(pid)).map(tell);
}

function addDescendants(known: Set<number>, all: readonly Process[]): void {
  for (let size = -1; size !== known.size;) {
    size = known.size;
    for (const { pid, parent } of all) if (known.has(parent)) known.add(pid);
  }
}

/** The process with such a command line; null: there is none. */
export const findProcess = (args: RegExp): number | null => readProcesses().find((one) => args.test(one.args))?.pid ?? null;

/** Users of one data directory: as many as `standalone/uid-block.ts` gives it. */
const UIDS = 32_768;

/** What runs for a data directory, or as a user of its, and comes neither from its supervisor nor from the program of one of these replicas. */
export function listOrphans(home: string, supervisor: number | undefined, replicas: readonly string[]): string[] {
  const all = readProcesses();
  const base = existsSync(join(home, 'keys/uid-base')) ? Number(readFileSync(join(home, 'keys/uid-base'), 'utf8')) : Infinity;
  const known = new Set(all.filter(({ pid, args }) => pid === supervisor || replicas.some((id) => args.includes(`/programs/${id}/`))).map(({ pid }) => pid));
  addDescendants(known, all);
  return all.filter(({ pid, uid, args }) => !known.has(pid) && (args.includes(home) || (uid >= base && uid < base + UIDS))).map(tell);
}

/** Of a wrapper, whose first argument is a whole script, the end says more. */
const tell = ({ pid, args }: Process): string => `${pid} ${args.length > 400 ? `${args.slice(0, 100)} … ${args.slice(-300)}` : args}`;

/** Whether a process with this id exists. */
export function isAlive(pid: number): boolean {
  try { process.kill(pid, 0); return true; } catch { return false; }
}

/** Sends a child the signal, unless there is none or it has ended; resolves when it has ended. */
export async function endChild(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => { child.once('exit', resolve); });
  child.kill(signal);
  await ended;
}
