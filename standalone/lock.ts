import { execFileSync } from 'node:child_process';
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from './home.ts';

/** When a process started, as the system tells it: with the pid it names one process for ever. Null: there is none. */
export function startTime(pid: number): string | null {
  if (process.platform === 'linux') {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' ? null : fields[19] ?? null;
    } catch { return null; }
  }
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', env: { LC_ALL: 'C', PATH: process.env.PATH } }).trim() || null;
  } catch { return null; }
}

interface Holder { pid: number; started: string | null }

/** Takes the data directory for this process, or throws StartError with who has it. A holder that was killed has lost it. */
export function lockHome(dir: string): () => void {
  const file = join(dir, 'lock');
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, JSON.stringify({ pid: process.pid, started: startTime(process.pid) } satisfies Holder), { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        linkSync(mine, file);
        return () => { rmSync(file, { force: true }); };
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      }
      const holder = readHolder(file);
      if (holder && holder.started !== null && startTime(holder.pid) === holder.started) throw new StartError(`Slipway already runs on ${dir} (process ${holder.pid}): stop it first, or set SLIPWAY_HOME to another directory.`);
      rmSync(file, { force: true });
    }
    throw new StartError(`The lock ${file} could not be taken: another start is under way.`);
  } finally {
    rmSync(mine, { force: true });
  }
}

function readHolder(file: string): Holder | null {
  try { return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) as Holder : null; } catch { return null; }
}
