import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process id comes again; with its start it names one process for ever. */
export interface ProcessIdentity { pid: number; started: string | null }

export const identify = (pid: number): ProcessIdentity => ({ pid, started: startTime(pid) });

export const isAlive = ({ pid, started }: ProcessIdentity): boolean => started !== null && startTime(pid) === started;

/** When a process started, as the system tells it. Null: there is none, or it is dead and nobody has asked for its exit code. */
export function startTime(pid: number): string | null {
  if (process.platform !== 'linux') return ps(pid, 'lstart=');
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // Counted from the machine's start, so it may come again after another one.
    return fields[0] === 'Z' ? null : `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${fields[19]}`;
  } catch { return null; }
}

/** Its program and arguments; empty where there is no such process. */
export function commandLine(pid: number): string {
  if (process.platform !== 'linux') return ps(pid, 'args=') ?? '';
  try { return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '); } catch { return ''; }
}

/** Where there is no /proc. Always in the same words: a start time is compared over years and journeys. */
function ps(pid: number, column: string): string | null {
  try {
    const [state, ...rest] = execFileSync('ps', ['-o', 'stat=', '-o', column, '-p', String(pid)], { encoding: 'utf8', env: { LC_ALL: 'C', TZ: 'UTC', PATH: process.env.PATH } }).trim().split(/\s+/);
    return state === undefined || state.startsWith('Z') ? null : rest.join(' ') || null;
  } catch { return null; }
}

/** Ends a process that is not our child; one that does not go within `seconds` is killed. */
export async function endProcess(identity: ProcessIdentity, signal: NodeJS.Signals, seconds: number): Promise<void> {
  const send = (what: NodeJS.Signals): void => { try { if (isAlive(identity)) process.kill(identity.pid, what); } catch { /* it has just ended */ } };
  send(signal);
  const deadline = Date.now() + seconds * 1000;
  // There is nothing to wait on but its place in the process table.
  while (isAlive(identity)) {
    if (Date.now() > deadline) send('SIGKILL');
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
}
