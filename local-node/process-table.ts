import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';

/** A living process, as the system's table has it. */
export interface TableEntry { pid: number; parent: number; group: number; session: number; rssBytes: number }

const onLinux = process.platform === 'linux';
const ps = (args: string[]): string => execFileSync('ps', args, { encoding: 'utf8', env: { LC_ALL: 'C', TZ: 'UTC', PATH: process.env.PATH } });
const columns = (...names: string[]): string[] => names.flatMap((name) => ['-o', `${name}=`]);

/** When a process started: with its pid it is this process for ever. Null: there is none, or it is a zombie. */
export function startTime(pid: number): string | null {
  if (!onLinux) {
    try {
      const [state = 'Z', ...started] = ps([...columns('stat', 'lstart'), '-p', String(pid)]).trim().split(/\s+/);
      return state.startsWith('Z') ? null : started.join(' ') || null;
    } catch { return null; }
  }
  const stat = readStat(pid);
  return stat === null || stat[0] === 'Z' ? null : stat[19] ?? null;
}

/** The fields of /proc/<pid>/stat from the state on. */
function readStat(pid: number | string): string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch { return null; }
}

const pids = (): string[] => readdirSync('/proc').filter((name) => /^\d+$/.test(name));

/** All living processes; zombies are none. */
export function readTable(): TableEntry[] {
  if (!onLinux) {
    const lines = ps(['-ax', ...columns('pid', 'ppid', 'pgid', 'rss', 'stat')]).trim().split('\n').map((line) => line.trim().split(/\s+/));
    return lines.filter(([, , , , stat]) => !stat?.startsWith('Z')).map(([pid, parent, group, rss]) => ({ pid: Number(pid), parent: Number(parent), group: Number(group), session: Number(group), rssBytes: Number(rss) * 1024 }));
  }
  return pids().flatMap((pid) => {
    const stat = readStat(pid);
    if (stat === null || stat[0] === 'Z') return [];
    // From the state on: 1 parent, 2 group, 3 session, 21 resident pages of 4 KiB.
    return [{ pid: Number(pid), parent: Number(stat[1]), group: Number(stat[2]), session: Number(stat[3]), rssBytes: Number(stat[21]) * 4096 }];
  });
}

/** The leader of a session, and all that are of its session, of its group, or descend from one that is. */
export function familyOf(leader: number, table: readonly TableEntry[] = readTable()): TableEntry[] {
  const family = new Set<number>();
  for (let size = -1; size !== family.size;) {
    size = family.size;
    for (const { pid, parent, group, session } of table) if (pid === leader || group === leader || session === leader || family.has(parent)) family.add(pid);
  }
  return table.filter(({ pid }) => family.has(pid));
}

/** All processes of a user. */
export function processesOfUser(uid: number): number[] {
  if (!onLinux) {
    try { return ps([...columns('pid'), '-U', String(uid)]).trim().split('\n').filter(Boolean).map(Number); } catch { return []; }
  }
  return pids().filter((pid) => { try { return statSync(`/proc/${pid}`).uid === uid; } catch { return false; } }).map(Number);
}
