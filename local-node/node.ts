import { join } from 'node:path';
import type { Toolbox } from '../buildpacks/toolbox.ts';
import type { Bus } from '../bus/connect.ts';
import { openCriFile } from '../cri/cri-file.ts';
import type { CriFile, SourceMeta } from '../cri/cri-file.ts';
import type { Logger } from '../service/log.ts';
import type { Cgroup, CgroupRoot } from './cgroup.ts';
import type { Program } from './program.ts';
import { removeTree } from './place.ts';
import type { Place } from './place.ts';
import type { Slugs } from './slugs.ts';
import type { Uids, Users } from './uids.ts';

export interface Tools {
  toolbox: Toolbox;
  /** Beside PATH and HOME, for builds: how the machine reaches the network. */
  buildEnv: Record<string, string>;
}

/** What replicas and jobs of this node work with. */
export interface Node {
  bus: Bus;
  log: Logger;
  dir: string;
  logDir: string;
  /** Files of a source's log are rotated at this size. */
  rotateBytes: number;
  drainSeconds: number;
  /** What programs are started with; looked for at the first need, so that a node that restarts takes up its programs at once. */
  tools(): Promise<Tools>;
  cgroups: CgroupRoot | null;
  slugs: Slugs;
  uids: Uids;
  users: Users;
  /** The state changed: write it down soon, or before going on. */
  save(): void;
  saveNow(): void;
}

/** A program may have this many processes and threads. */
const MAX_PROCESSES = 2_048;

export const programDir = (node: Node, id: string): string => join(node.dir, 'programs', id);

export function openCgroup(node: Node, id: string, memoryBytes: number | null): Cgroup | null {
  try {
    return node.cgroups?.open(id, memoryBytes === null ? null : { memoryBytes, processes: MAX_PROCESSES }) ?? null;
  } catch (error) {
    node.log.warn({ error, id }, 'no cgroup could be made; memory is sampled instead');
    return null;
  }
}

export function openLog(node: Node, meta: SourceMeta): CriFile {
  return openCriFile(join(node.logDir, meta.appId, meta.source, meta.sourceId), meta, { maxBytes: node.rotateBytes });
}

/** The environment of a program but for its config: nothing of the platform's own. */
export function baseEnv({ app, tmp }: Place): Record<string, string> {
  return { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: app, LANG: 'C.UTF-8', TMPDIR: tmp, SHELL: '/bin/bash' };
}

/** Removes what a program has left. A process of the same user can keep it from going for as long as it runs: then the node's next start removes it. */
export async function clearAway(node: Node, ...dirs: string[]): Promise<void> {
  for (const dir of dirs) await removeTree(dir).catch((error: unknown) => { node.log.warn({ error, dir }, 'a directory could not be removed; the next start tries again'); });
}

/** Samples memory where the kernel holds no limit; answers how to stop, and whether it had to end the program. */
export function watchMemory(program: Program, cgroup: Cgroup | null, limit: number): { stop(): void; exceeded(): boolean } {
  let exceeded = false;
  if (cgroup) return { stop: () => undefined, exceeded: () => false };
  const timer = setInterval(() => {
    if (program.rssBytes() <= limit) return;
    exceeded = true;
    program.kill();
  }, 1_000);
  return { stop: () => { clearInterval(timer); }, exceeded: () => exceeded };
}
