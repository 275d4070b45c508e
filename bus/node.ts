import { z } from 'zod';
import { buildContext, buildOutcome, buildStep } from './build.ts';
import { notice, query } from './message.ts';

/** One replica as the node is to run it. Its environment is asked for with `replicaContext` by its release. */
export const replicaWant = z.object({
  id: z.uuid(), appId: z.uuid(), appName: z.string(), process: z.string(), index: z.int(), command: z.string(),
  releaseId: z.uuid(), releaseVersion: z.int(), slugDigest: z.hex(),
  /** Whether it must listen on $PORT to count as up. */
  listens: z.boolean(),
  memoryBytes: z.int(),
  /** Equal templates are the same program with the same config: such a replica is adopted, never restarted. */
  template: z.string(),
});
export type ReplicaWant = z.infer<typeof replicaWant>;

export const replicaState = z.object({
  id: z.uuid(), appId: z.uuid(), process: z.string(), index: z.int(), releaseId: z.uuid(), releaseVersion: z.int(), template: z.string(),
  /** STARTING: not up yet. BACKING_OFF: exited, waits for its next start. EXITED: stopped for good, as wanted. */
  status: z.enum(['STARTING', 'UP', 'BACKING_OFF', 'STOPPING', 'EXITED']),
  /** Where it listens, once it has a port. */
  host: z.string().nullable(), port: z.int().nullable(),
  restarts: z.int(),
  /** The last exit: code (128 + signal), reason (exited, killed, out of memory, could not start) and last lines of output. */
  exitCode: z.int().nullable(), exitReason: z.string().nullable(), lastLines: z.array(z.string()),
  startedAt: z.iso.datetime(), readyAt: z.iso.datetime().nullable(),
});
export type ReplicaState = z.infer<typeof replicaState>;

/**
 * The whole wanted set of an app: those in `keep` go on (and belong to this release from now on: its config at their next start), those in `start`
 * are started, all others are drained (SIGTERM, SIGKILL after 30 s). The same again changes nothing.
 */
export const nodeApply = query('node.apply',
  z.object({ appId: z.uuid(), keep: z.array(z.object({ id: z.uuid(), releaseId: z.uuid(), releaseVersion: z.int() })), start: z.array(replicaWant) }),
  z.object({ replicas: z.array(replicaState) }));

/** The node's replicas: of one app, or all. */
export const nodeReplicas = query('node.replicas', z.object({ appId: z.uuid().nullable() }), z.object({ replicas: z.array(replicaState) }));

/** Something about an app's replicas changed; `appId` null: the node has just started, ask for everything. */
export const nodeChanged = notice('node.changed', z.object({ appId: z.uuid().nullable() }));

/** A program that runs once. `build`: the buildpack lifecycle; `command`: a release command or one-off in a slug. */
export const jobSpec = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('build'), id: z.string(), context: buildContext }),
  z.object({
    kind: z.literal('command'), id: z.string(), appId: z.uuid(), appName: z.string(), releaseId: z.uuid(), releaseVersion: z.int(),
    slugDigest: z.hex(), process: z.string(), command: z.string(), memoryBytes: z.int(), seconds: z.int(),
  }),
]);
export type JobSpec = z.infer<typeof jobSpec>;

export const jobState = z.object({
  id: z.string(), status: z.enum(['RUNNING', 'ENDED']),
  exitCode: z.int().nullable(), exitReason: z.string().nullable(), lastLines: z.array(z.string()),
  /** What a build job reported itself, or what the node found (limits). */
  outcome: buildOutcome.nullable(),
  steps: z.array(buildStep),
});
export type JobState = z.infer<typeof jobState>;

/** Start a job; the same id again answers the job that there is. An ended job is remembered until `nodeJobForget`. */
export const nodeJobStart = query('node.job.start', jobSpec, jobState);
/** BusError `NOT_FOUND`: the node knows no such job. */
export const nodeJobState = query('node.job.state', z.object({ id: z.string() }), jobState);
export const nodeJobStop = query('node.job.stop', z.object({ id: z.string() }), z.object({}));
export const nodeJobForget = query('node.job.forget', z.object({ id: z.string() }), z.object({}));

/** A job reported a step, or ended: ask for its state. */
export const nodeJobChanged = notice('node.job.changed', z.object({ id: z.string(), appId: z.uuid() }));

/** Delete what the node keeps of a deleted app: build cache, unpacked slugs, log files. */
export const nodeForgetApp = query('node.forget-app', z.object({ appId: z.uuid() }), z.object({}));
