import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { jobState, replicaState, replicaWant } from '../bus/node.ts';

const program = z.object({ pid: z.int(), started: z.string() });

const replica = z.object({ want: replicaWant, state: replicaState, program: program.nullable(), stopping: z.boolean() });
export type ReplicaRecord = z.infer<typeof replica>;

const job = z.object({
  id: z.string(), kind: z.enum(['build', 'command']), appId: z.uuid(), memoryBytes: z.int(), diskBytes: z.int().nullable(), deadline: z.number(),
  /** What a command runs from. */
  slugDigest: z.hex().nullable().default(null),
  state: jobState, program: program.nullable(),
  meta: z.object({ source: z.enum(['BUILD', 'APP']), sourceId: z.string(), process: z.string().nullable(), release: z.int().nullable(), build: z.string().nullable() }),
});
export type JobRecord = z.infer<typeof job>;

const nodeState = z.object({ uids: z.record(z.string(), z.int()), replicas: z.array(replica), jobs: z.array(job) });
export type NodeState = z.infer<typeof nodeState>;

export interface StateFile {
  loaded: NodeState;
  /** Writes before the next turn of the loop, once however often it was asked. */
  save(): void;
  /** Writes now: before anything is done that only the file will remember. */
  saveNow(): void;
}

/** What the node must know after its own restart: what is wanted and which processes it started. No secret is in it. */
export function openState(dir: string, current: () => NodeState): StateFile {
  const file = join(dir, 'state.json');
  let loaded: NodeState = { uids: {}, replicas: [], jobs: [] };
  try {
    loaded = nodeState.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw new Error(`The node's state in ${file} cannot be read.`, { cause: error });
  }
  let pending = false;
  const saveNow = (): void => {
    writeFileSync(`${file}.new`, JSON.stringify(current()), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  };
  const saveLater = (): void => {
    pending = false;
    try { saveNow(); } catch (error) {
      // A full disk: what we know is still true, and is written when there is room.
      if (!(error instanceof Error && 'code' in error)) throw error;
      pending = true;
      setTimeout(saveLater, 1_000).unref();
    }
  };
  return {
    loaded, saveNow,
    save: () => {
      if (pending) return;
      pending = true;
      setImmediate(saveLater);
    },
  };
}
