import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { baseEnv, openCgroup, programDir } from './node.ts';
import type { Node } from './node.ts';
import type { OnOutput } from './fifo.ts';
import { freePort, listeningHost } from './port.ts';
import { startProgram } from './program.ts';
import type { Program } from './program.ts';
import { provideSlug, toVariables } from './provide-slug.ts';
import type { Cgroup } from './cgroup.ts';
import type { ReplicaRecord } from './state.ts';

/** What does not listen counts as up when it has run this long. */
const RAN_MS = 1_000;
/** A look costs a refused connection, which nobody sees; an app that takes long is looked at less often. */
const FIRST_LOOK_MS = 20;
const LAST_LOOK_MS = 250;

export const placeDir = (node: Node, id: string): string => join(node.dir, 'replicas', id);

/** From what is wanted to a running process: config and slug by the release, a place, a port, limits. Throws SlugError, and the signal's reason. */
export async function launchReplica(node: Node, record: ReplicaRecord, signal: AbortSignal, onOutput: OnOutput): Promise<{ program: Program; cgroup: Cgroup | null }> {
  const { want, state } = record;
  const uid = node.uids.of(want.appId, 'run');
  const { toolbox } = await node.tools();
  const { place, layers, config } = await provideSlug(node, { ...want, dir: placeDir(node, want.id), uid }, signal);
  const port = await freePort();
  signal.throwIfAborted();
  const cgroup = openCgroup(node, want.id, want.memoryBytes);
  const own = { PORT: String(port), SLIPWAY_APP: want.appName, SLIPWAY_PROCESS: want.process, SLIPWAY_REPLICA: `${want.process}.${want.index}`, SLIPWAY_RELEASE: String(want.releaseVersion) };
  const program = await startProgram({
    dir: programDir(node, want.id), uid, cwd: place.app, layers, env: baseEnv(place), args: ['/bin/bash', toolbox.entrypoint, place.app, want.command],
    input: { mode: 'env', variables: [...config, ...toVariables(own)] },
  }, { users: node.users, cgroup, onOutput }, (started) => {
    record.program = started;
    Object.assign(state, { port, startedAt: new Date().toISOString() });
    node.saveNow();
  });
  return { program, cgroup };
}

/** Resolves with the address where it listens as its own user, or null when it has run for a while and need not listen. Throws the signal's reason. */
export async function becomeUp(node: Node, { want, state }: ReplicaRecord, signal: AbortSignal): Promise<{ host: string | null }> {
  if (!want.listens) {
    await pause(RAN_MS, undefined, { signal });
    return { host: null };
  }
  const uid = node.uids.of(want.appId, 'run');
  for (let ms = FIRST_LOOK_MS; ; ms = Math.min(ms * 1.05, LAST_LOOK_MS)) {
    const host = state.port === null ? null : await listeningHost(state.port, uid);
    signal.throwIfAborted();
    if (host !== null) return { host };
    await pause(ms, undefined, { signal });
  }
}
