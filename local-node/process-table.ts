import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** When a process started: with its pid it is this process for ever. Null: there is none, or it is a zombie. */
export function startTime(pid: number): string | null {
  if (process.platform !== 'linux') return startTimeByPs(pid);
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

function startTimeByPs(pid: number): string | null {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', env: { LC_ALL: 'C', PATH: process.env.PATH } }).trim() || null;
  } catch { return null; }
}

/** Living processes of a group: what a program that leaves its session cannot hide is found by its cgroup. */
export function groupMembers(group: number): { pid: number; rssBytes: number }[] {
  if (process.platform !== 'linux') return groupMembersByPs(group);
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    const stat = readStat(name);
    // Fields from the state on: 2 is the process group, 21 the resident pages of 4 KiB.
    return stat !== null && stat[0] !== 'Z' && Number(stat[2]) === group ? [{ pid: Number(name), rssBytes: Number(stat[21]) * 4096 }] : [];
  });
}

function groupMembersByPs(group: number): { pid: number; rssBytes: number }[] {
  const lines = execFileSync('ps', ['-axo', 'pid=,pgid=,rss=,stat='], { encoding: 'utf8', env: { LC_ALL: 'C', PATH: process.env.PATH } }).trim().split('\n');
  return lines.map((line) => line.trim().split(/\s+/)).filter(([, pgid, , stat]) => Number(pgid) === group && !stat?.startsWith('Z')).map(([pid, , rss]) => ({ pid: Number(pid), rssBytes: Number(rss) * 1024 }));
}

/** The user that listens on a local port; null: nobody, or this system does not say. */
export function listenerUid(port: number): number | null {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6']) {
    let table = '';
    try { table = readFileSync(file, 'latin1'); } catch { continue; }
    for (const line of table.split('\n').slice(1)) {
      const [, local, , state, , , , uid] = line.trim().split(/\s+/);
      // 0A: LISTEN.
      if (state === '0A' && local?.endsWith(`:${hex}`)) return Number(uid);
    }
  }
  return null;
}
