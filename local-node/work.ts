import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BusError, notify } from '../bus/ask.ts';
import { nodeChanged, nodeJobChanged } from '../bus/node.ts';
import type { JobSpec, JobState, ReplicaState, ReplicaWant } from '../bus/node.ts';
import { faultPoint } from '../service/fault.ts';
import { cacheDir, newJob, runJob } from './job.ts';
import type { Job } from './job.ts';
import type { Node } from './node.ts';
import { runReplica } from './replica.ts';
import type { Replica } from './replica.ts';
import type { NodeState, ReplicaRecord } from './state.ts';

/** All that runs on this node. */
export interface Work {
  state(): Pick<NodeState, 'replicas' | 'jobs'>;
  apply(appId: string, keep: readonly { id: string; releaseId: string; releaseVersion: number }[], start: readonly ReplicaWant[]): ReplicaState[];
  replicas(appId: string | null): ReplicaState[];
  startJob(spec: JobSpec): JobState;
  jobState(id: string): JobState;
  stopJob(id: string): void;
  forgetJob(id: string): void;
  forgetApp(appId: string): void;
  /** Drains and ends all of it: the platform stops. */
  stop(): Promise<void>;
}

/** Takes up what a former life left running, then answers for what is wanted. */
export function createWork(node: Node, former: NodeState): Work {
  const replicas = new Map<string, Replica>();
  const jobs = new Map<string, Job>();
  let stopped = false;
  const changed = new Set<string>();
  const tell = (appId: string): void => {
    if (changed.size === 0) setImmediate(() => { for (const id of changed) notify(node.bus, nodeChanged, { appId: id }); changed.clear(); });
    changed.add(appId);
  };
  const keep = (record: ReplicaRecord): Replica => {
    const replica = runReplica(node, record, () => { tell(record.want.appId); });
    replicas.set(record.want.id, replica);
    return replica;
  };
  const end = (replica: Replica): void => {
    void replica.stop().then(() => { replicas.delete(replica.record.want.id); node.save(); tell(replica.record.want.appId); });
  };
  const begin = (record: Job['record'], spec: JobSpec | null): Job => {
    const job = runJob(node, record, spec, () => { node.save(); notify(node.bus, nodeJobChanged, { id: record.id, appId: record.appId }); });
    jobs.set(record.id, job);
    return job;
  };
  const jobOf = (id: string): Job => {
    const job = jobs.get(id);
    if (!job) throw new BusError('NOT_FOUND', `This node knows no job ${id}.`);
    return job;
  };
  const own = (appId: string | null): Replica[] => [...replicas.values()].filter(({ record }) => appId === null || record.want.appId === appId);
  const states = (appId: string | null): ReplicaState[] => own(appId).filter(({ record }) => record.state.status !== 'EXITED').map(({ record }) => record.state);

  takeUp(node, former, { keep, end, begin, remember: (record) => { jobs.set(record.id, { record, ended: Promise.resolve(), stop: () => Promise.resolve() }); } });
  return {
    state: () => ({ replicas: [...replicas.values()].map(({ record }) => record), jobs: [...jobs.values()].map(({ record }) => record) }),
    apply: (appId, kept, start) => {
      if (stopped) throw new BusError('UNAVAILABLE', 'The node stops.');
      const wanted = new Map(kept.map((entry) => [entry.id, entry]));
      const added = start.filter(({ id }) => !replicas.has(id));
      for (const want of added) keep(newRecord(want));
      const startIds = new Set(start.map(({ id }) => id));
      for (const replica of own(appId)) {
        const entry = wanted.get(replica.record.want.id);
        if (entry) replica.moveTo(entry.releaseId, entry.releaseVersion);
        else if (!startIds.has(replica.record.want.id)) end(replica);
      }
      if (added.length > 0) { node.saveNow(); faultPoint('local-node.replica-wanted'); }
      return states(appId);
    },
    replicas: states,
    startJob: (spec) => {
      const known = jobs.get(spec.id);
      if (known) return known.record.state;
      if (stopped) throw new BusError('UNAVAILABLE', 'The node stops.');
      const { record } = begin(newJob(spec), spec);
      faultPoint('local-node.job-started');
      return record.state;
    },
    jobState: (id) => jobOf(id).record.state,
    stopJob: (id) => { void jobOf(id).stop('canceled'); },
    forgetJob: (id) => {
      const job = jobOf(id);
      void job.stop('canceled').then(() => { jobs.delete(id); node.save(); });
    },
    forgetApp: (appId) => {
      if (states(appId).length > 0) throw new BusError('APP_BUSY', 'Replicas of the app still run.');
      for (const job of jobs.values()) if (job.record.appId === appId) void job.stop('canceled').then(() => { jobs.delete(job.record.id); });
      for (const dir of [cacheDir(node, appId), join(node.logDir, appId)]) rmSync(dir, { recursive: true, force: true });
      node.uids.forget(appId);
    },
    stop: async () => {
      stopped = true;
      await Promise.all([...[...jobs.values()].map((job) => job.stop('platform stops')), ...[...replicas.values()].map((replica) => replica.stop())]);
      // What was wanted is asked for again by whoever wants it: a stopped platform owes nobody a process.
      replicas.clear();
      jobs.clear();
      node.saveNow();
    },
  };
}

function newRecord(want: ReplicaWant): ReplicaRecord {
  const { id, appId, process, index, releaseId, releaseVersion, template } = want;
  return {
    want: { ...want }, program: null, stopping: false,
    state: { id, appId, process, index, releaseId, releaseVersion, template, status: 'STARTING', host: null, port: null, restarts: 0, exitCode: null, exitReason: null, lastLines: [], startedAt: new Date().toISOString(), readyAt: null },
  };
}

interface Former {
  keep(record: ReplicaRecord): Replica;
  end(replica: Replica): void;
  begin(record: Job['record'], spec: null): Job;
  remember(record: Job['record']): void;
}

function takeUp(node: Node, former: NodeState, { keep, end, begin, remember }: Former): void {
  const known = new Set([...former.replicas.map(({ want }) => want.id), ...former.jobs.map(({ id }) => id)]);
  for (const name of ['programs', 'replicas', 'jobs']) {
    const dir = join(node.dir, name);
    mkdirSync(dir, { recursive: true, mode: 0o711 });
    for (const entry of readdirSync(dir)) if (!known.has(entry)) rmSync(join(dir, entry), { recursive: true, force: true });
  }
  for (const record of former.replicas) {
    const replica = keep(record);
    if (record.stopping) end(replica);
  }
  for (const record of former.jobs) if (record.state.status === 'RUNNING') begin(record, null); else remember(record);
}
