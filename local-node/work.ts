import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { BusError, notify } from '../bus/ask.ts';
import { nodeChanged, nodeJobChanged } from '../bus/node.ts';
import type { JobSpec, JobState, ReplicaState, ReplicaWant } from '../bus/node.ts';
import { faultPoint } from '../service/fault.ts';
import { newJob, runJob } from './job.ts';
import { endUser } from './end-user.ts';
import type { Job } from './job.ts';
import { cacheDir } from './launch-job.ts';
import type { Node } from './node.ts';
import { removeTree, removeTreeNow } from './place.ts';
import { runReplica } from './replica.ts';
import type { Replica } from './replica.ts';
import type { NodeState, ReplicaRecord } from './state.ts';

/** All that runs on this node. */
export interface Work {
  state(): Pick<NodeState, 'replicas' | 'jobs'>;
  apply(appId: string, keep: readonly { id: string; releaseId: string; releaseVersion: number }[], start: readonly ReplicaWant[]): ReplicaState[];
  replicas(appId: string | null): ReplicaState[];
  /** Whether something of the app runs, or is about to, from this slug. */
  usesSlug(appId: string, digest: string): boolean;
  /** Resolves when the job is begun: from then on it survives us. */
  startJob(spec: JobSpec): Promise<JobState>;
  jobState(id: string): JobState;
  stopJob(id: string): void;
  forgetJob(id: string): Promise<void>;
  forgetApp(appId: string): Promise<void>;
  /** Drains and ends all of it: the platform stops. */
  stop(): Promise<void>;
}

/** A start that takes longer is answered meanwhile; it must be less than what askers wait. */
const BEGUN_WITHIN_MS = 2_000;

/** Takes up what a former life left running, then answers for what is wanted. */
export function createWork(node: Node, former: NodeState): Work {
  const replicas = new Map<string, Replica>();
  const jobs = new Map<string, Pick<Job, 'record' | 'begun' | 'cancel' | 'leave'>>();
  let stopped = false;
  const tell = createTeller((appId) => { notify(node.bus, nodeChanged, { appId }); });

  const keep = (record: ReplicaRecord): Replica => {
    const replica = runReplica(node, record, () => { tell(record.want.appId); });
    replicas.set(record.want.id, replica);
    return replica;
  };
  const end = async (replica: Replica): Promise<void> => {
    await replica.stop();
    faultPoint('local-node.replica-ended');
    if (!replicas.delete(replica.record.want.id)) return;
    node.save();
    tell(replica.record.want.appId);
  };
  const begin = (record: Job['record'], spec: JobSpec | null): Job => {
    const change = (): void => { node.save(); notify(node.bus, nodeJobChanged, { id: record.id, appId: record.appId }); };
    const job = runJob(node, record, spec, change);
    jobs.set(record.id, job);
    void job.ended.then((how) => { if (how === 'lost') jobs.delete(record.id); change(); });
    return job;
  };
  /** While we stop, ends of our own making would be taken for verdicts. */
  const checkGoing = (): void => { if (stopped) throw new BusError('UNAVAILABLE', 'The node stops.'); };
  const jobOf = (id: string): Pick<Job, 'record' | 'begun' | 'cancel'> => {
    checkGoing();
    const job = jobs.get(id);
    if (!job) throw new BusError('NOT_FOUND', `This node knows no job ${id}.`);
    return job;
  };
  const own = (appId: string | null): Replica[] => [...replicas.values()].filter(({ record }) => appId === null || record.want.appId === appId);
  const states = (appId: string | null): ReplicaState[] => own(appId).filter(({ record }) => record.state.status !== 'EXITED').map((replica) => replica.state());
  const forgetJob = async (id: string): Promise<void> => {
    await jobOf(id).cancel();
    jobs.delete(id);
    node.save();
  };

  clearDirectories(node, former);
  for (const record of former.replicas) {
    const replica = keep(record);
    if (record.stopping) void end(replica);
  }
  for (const record of former.jobs) {
    // One without a program was not begun when the node was killed: whoever wants it starts it again.
    if (record.state.status === 'ENDED') jobs.set(record.id, { record, begun: Promise.resolve(), cancel: () => Promise.resolve(), leave: () => Promise.resolve() });
    else if (record.program) begin(record, null);
  }
  return {
    state: () => ({ replicas: [...replicas.values()].map(({ record }) => record), jobs: [...jobs.values()].map(({ record }) => record) }),
    apply: (appId, kept, start) => {
      checkGoing();
      const wanted = new Map(kept.map((entry) => [entry.id, entry]));
      const added = start.filter(({ id }) => !replicas.has(id));
      const startIds = new Set(start.map(({ id }) => id));
      for (const want of added) keep(newRecord(want));
      for (const replica of own(appId)) {
        const { id } = replica.record.want;
        const entry = wanted.get(id);
        if (entry) replica.moveTo(entry.releaseId, entry.releaseVersion);
        else if (!startIds.has(id)) void end(replica);
      }
      if (added.length > 0) { node.saveNow(); faultPoint('local-node.replica-wanted'); }
      return states(appId);
    },
    replicas: (appId) => { checkGoing(); return states(appId); },
    usesSlug: (appId, digest) => own(appId).some(({ record }) => record.want.slugDigest === digest)
      || [...jobs.values()].some(({ record }) => record.appId === appId && record.slugDigest === digest && record.state.status === 'RUNNING'),
    startJob: async (spec) => {
      checkGoing();
      const job = jobs.get(spec.id) ?? begin(newJob(spec), spec);
      await Promise.race([job.begun, new Promise((resolve) => { setTimeout(resolve, BEGUN_WITHIN_MS).unref(); })]);
      return job.record.state;
    },
    jobState: (id) => jobOf(id).record.state,
    stopJob: (id) => { void jobOf(id).cancel(); },
    forgetJob,
    forgetApp: async (appId) => {
      if (states(appId).length > 0) throw new BusError('APP_BUSY', 'Replicas of the app still run.');
      await Promise.all([...jobs.values()].filter(({ record }) => record.appId === appId).map(({ record }) => forgetJob(record.id)));
      for (const dir of [cacheDir(node, appId), join(node.logDir, appId)]) await removeTree(dir);
      await node.slugs.forget(appId);
      await endUsers(node, appId);
      node.uids.forget(appId);
    },
    stop: async () => {
      stopped = true;
      await Promise.all([...[...jobs.values()].map((job) => job.leave()), ...[...replicas.values()].map((replica) => replica.stop())]);
      // What was wanted is asked for again by whoever wants it: a stopped platform owes nobody a process.
      replicas.clear();
      node.saveNow();
    },
  };
}

/** Its users are given to another app: nothing that this one has left may live on as them. */
async function endUsers(node: Node, appId: string): Promise<void> {
  for (const use of ['run', 'build'] as const) {
    const uid = node.uids.of(appId, use);
    if (uid !== undefined && !await endUser(uid)) throw new BusError('APP_BUSY', 'Processes of the app still run.');
  }
}

/** Calls back once a turn for each app that changed. */
function createTeller(tellOf: (appId: string) => void): (appId: string) => void {
  const changed = new Set<string>();
  return (appId) => {
    if (changed.size === 0) setImmediate(() => { const apps = [...changed]; changed.clear(); for (const id of apps) tellOf(id); });
    changed.add(appId);
  };
}

function newRecord(want: ReplicaWant): ReplicaRecord {
  const { id, appId, process, index, releaseId, releaseVersion, template } = want;
  return {
    want: { ...want }, program: null, stopping: false,
    state: { id, appId, process, index, releaseId, releaseVersion, template, status: 'STARTING', host: null, port: null, restarts: 0, exitCode: null, exitReason: null, lastLines: [], startedAt: new Date().toISOString(), readyAt: null },
  };
}

/** Makes the directories that users must be able to pass through, and removes what a former life left of what nobody knows any more. */
function clearDirectories(node: Node, former: NodeState): void {
  const known = new Set([...former.replicas.map(({ want }) => want.id), ...former.jobs.filter(({ state }) => state.status === 'RUNNING').map(({ id }) => id)]);
  for (const name of ['programs', 'replicas', 'jobs', 'cache']) {
    const dir = join(node.dir, name);
    mkdirSync(dir, { recursive: true, mode: 0o711 });
    if (name === 'cache') continue;
    for (const entry of readdirSync(dir)) {
      if (known.has(entry)) continue;
      try { removeTreeNow(join(dir, entry)); } catch (error) { node.log.warn({ error, entry }, 'a directory could not be removed; the next start tries again'); }
    }
  }
}
