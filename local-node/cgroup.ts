import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The limits of one program, held by the kernel. */
export interface Cgroup {
  add(pid: number): void;
  pids(): number[];
  /** Whether the kernel ended one of its processes for want of memory. */
  ranOutOfMemory(): boolean;
  /** Only when it has no process left. */
  remove(): void;
}

export interface CgroupRoot {
  /** @param limits null: it is there already, with limits */
  open(id: string, limits: { memoryBytes: number; processes: number } | null): Cgroup;
}

/** Where this machine lets us make cgroups (version 2, or 1 with memory and pids); null: nowhere, memory is sampled then. */
export function findCgroups(name: string, root = '/sys/fs/cgroup'): CgroupRoot | null {
  try {
    if (existsSync(join(root, 'cgroup.controllers'))) return version2(root, name);
    if (existsSync(join(root, 'memory/memory.limit_in_bytes'))) return version1(root, name);
  } catch { /* read-only, as in most containers */ }
  return null;
}

const numbersIn = (file: string): number[] => { try { return readFileSync(file, 'utf8').split('\n').filter(Boolean).map(Number); } catch { return []; } };
const counterIn = (file: string, key: string): number => { try { return Number(new RegExp(`^${key} (\\d+)`, 'm').exec(readFileSync(file, 'utf8'))?.[1] ?? 0); } catch { return 0; } };

function version2(root: string, name: string): CgroupRoot {
  const parent = join(root, name);
  mkdirSync(parent, { recursive: true });
  for (const dir of [root, parent]) writeFileSync(join(dir, 'cgroup.subtree_control'), '+memory +pids');
  return {
    open: (id, limits) => {
      const dir = join(parent, id);
      mkdirSync(dir, { recursive: true });
      if (limits) {
        writeFileSync(join(dir, 'memory.max'), String(limits.memoryBytes));
        if (existsSync(join(dir, 'memory.swap.max'))) writeFileSync(join(dir, 'memory.swap.max'), '0');
        writeFileSync(join(dir, 'pids.max'), String(limits.processes));
      }
      return group([dir], () => counterIn(join(dir, 'memory.events'), 'oom_kill'), limits !== null);
    },
  };
}

function version1(root: string, name: string): CgroupRoot {
  const controllers = ['memory', 'pids'].filter((controller) => existsSync(join(root, controller, 'cgroup.procs')));
  for (const controller of controllers) mkdirSync(join(root, controller, name), { recursive: true });
  return {
    open: (id, limits) => {
      const dirs = controllers.map((controller) => join(root, controller, name, id));
      for (const dir of dirs) mkdirSync(dir, { recursive: true });
      const memory = join(root, 'memory', name, id);
      if (limits) {
        writeFileSync(join(memory, 'memory.limit_in_bytes'), String(limits.memoryBytes));
        const pids = join(root, 'pids', name, id, 'pids.max');
        if (existsSync(pids)) writeFileSync(pids, String(limits.processes));
      }
      return group(dirs, () => counterIn(join(memory, 'memory.oom_control'), 'oom_kill'), limits !== null);
    },
  };
}

/** @param isNew false: of a program that runs already, whose kills count too */
function group(dirs: string[], kills: () => number, isNew: boolean): Cgroup {
  const before = isNew ? kills() : 0;
  return {
    ranOutOfMemory: () => kills() > before,
    add: (pid) => { for (const dir of dirs) writeFileSync(join(dir, 'cgroup.procs'), String(pid)); },
    pids: () => [...new Set(dirs.flatMap((dir) => numbersIn(join(dir, 'cgroup.procs'))))],
    remove: () => { for (const dir of dirs) { try { rmdirSync(dir); } catch { /* not empty yet, or gone */ } } },
  };
}

/** Removes our cgroups that are empty, at the end of a life. */
export function removeEmptyCgroups(name: string, root = '/sys/fs/cgroup'): void {
  for (const parent of [join(root, name), join(root, 'memory', name), join(root, 'pids', name)]) {
    if (!existsSync(parent)) continue;
    for (const entry of readdirSync(parent, { withFileTypes: true })) {
      if (entry.isDirectory()) { try { rmdirSync(join(parent, entry.name)); } catch { /* in use */ } }
    }
    try { rmdirSync(parent); } catch { /* in use */ }
  }
}
