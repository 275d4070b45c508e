import { randomUUID } from 'node:crypto';
import type { ReplicaState, ReplicaWant } from '../../bus/node.ts';
import type { Route } from '../../bus/route.ts';
import type { Rollout, RolloutFailure, WantedApp, WantedProcess, WantedRelease } from '../deploy.ts';
import { fits, templateOf } from './template.ts';

/** An exit this often before the release was ever complete is a crash loop. */
const CRASH_LOOP_EXITS = 3;

export interface PlanSettings { bootSeconds: number; now: number }

export interface Plan {
  /** Routed before the node is told: a replica that is to go gets no new request. */
  route: Route;
  /** The replicas that go on, and the release each belongs to from now on. */
  keep: { id: string; releaseId: string; releaseVersion: number }[];
  start: ReplicaWant[];
  rollout: Rollout;
  /** When to look again though nothing changes: a replica's time to bind its port ends. Milliseconds since 1970. */
  lookAgainAt: number | null;
}

interface Slot { process: WantedProcess; current: ReplicaState[]; missing: number[] }

/** The next step from what runs to what is wanted. Pure: new replicas start beside the old; when all are up they get the traffic, and only then the old ones go. */
export function planApp(app: WantedApp, replicas: readonly ReplicaState[], settings: PlanSettings): Plan {
  const running = replicas.filter(({ status }) => status !== 'STOPPING' && status !== 'EXITED');
  const release = app.release;
  if (!release) return { route: routeTo(app, [], 'nothing-deployed'), keep: [], start: [], rollout: { status: 'complete' }, lookAgainAt: null };
  const slots = app.processes.map((process) => slotOf(release, process, running));
  const current = slots.flatMap((slot) => slot.current);
  const ids = new Set(current.map(({ id }) => id));
  const others = running.filter(({ id }) => !ids.has(id));
  const failure = release.live ? null : findFailure(app, current, settings);
  // A failed rollout leaves what ran before it, also what it would have adopted; where nothing did, nothing is left.
  const before = running.filter(({ releaseId }) => releaseId !== release.id);
  if (failure) return { route: routeTo(app, before, 'crashed'), keep: before.map(asItIs), start: [], rollout: { status: 'failed', ...failure }, lookAgainAt: null };
  const complete = slots.every(({ current: replicasOf, missing }) => missing.length === 0 && replicasOf.every(isUp));
  const own = current.map(({ id }) => ({ id, releaseId: release.id, releaseVersion: release.version }));
  return {
    route: routeTo(app, complete ? current : servingMeanwhile(release, current, others), idleState(app, current)),
    // What is adopted belongs to its old release until all is well: a failure must find it.
    keep: complete ? own : running.map(asItIs),
    start: slots.flatMap((slot) => slot.missing.map((index) => wantOf(app, release, slot.process, index))),
    rollout: { status: complete ? 'complete' : 'progressing' },
    lookAgainAt: release.live ? null : nextBootDeadline(current, settings),
  };
}

const asItIs = ({ id, releaseId, releaseVersion }: ReplicaState): Plan['keep'][number] => ({ id, releaseId, releaseVersion });
const isUp = ({ status }: ReplicaState): boolean => status === 'UP';

/** The replicas of a process type that already are as wanted, healthy ones first, and the numbers of those to be started. */
function slotOf(release: WantedRelease, process: WantedProcess, running: readonly ReplicaState[]): Slot {
  const replace = new Set(process.replace);
  const fitting = running.filter((replica) => replica.process === process.type && fits(release, process, replica.template) && !replace.has(replica.id));
  fitting.sort((a, b) => Number(isUp(b)) - Number(isUp(a)) || a.index - b.index);
  const current = fitting.slice(0, process.quantity);
  const taken = new Set(current.map(({ index }) => index));
  const missing: number[] = [];
  for (let index = 1; missing.length < process.quantity - current.length; index++) if (!taken.has(index)) missing.push(index);
  return { process, current, missing };
}

function wantOf(app: WantedApp, release: WantedRelease, process: WantedProcess, index: number): ReplicaWant {
  return {
    id: randomUUID(), appId: app.appId, appName: app.name, process: process.type, index, command: process.command, releaseId: release.id, releaseVersion: release.version,
    slugDigest: release.slugDigest, listens: process.type === 'web', memoryBytes: process.memoryBytes, template: templateOf(release, process),
  };
}

/** Until the new release is complete the old one serves alone; a live release is served by all that is up. */
function servingMeanwhile(release: WantedRelease, current: readonly ReplicaState[], others: readonly ReplicaState[]): ReplicaState[] {
  if (release.live) return [...current, ...others];
  return others.some((replica) => replica.process === 'web' && isUp(replica)) ? [...others] : [...current];
}

function idleState(app: WantedApp, current: readonly ReplicaState[]): Exclude<Route['state'], 'up'> {
  const web = app.processes.find(({ type }) => type === 'web');
  if (!web) return 'no-web';
  if (web.quantity === 0) return 'scaled-to-zero';
  // Also while it is started again, for a moment, to crash once more.
  return current.some(({ process, status, restarts }) => process === 'web' && (status === 'BACKING_OFF' || (status === 'STARTING' && restarts > 0))) ? 'crashed' : 'starting';
}

function routeTo(app: WantedApp, serving: readonly ReplicaState[], idle: Exclude<Route['state'], 'up'>): Route {
  const replicas = serving.filter((replica) => replica.process === 'web' && isUp(replica)).flatMap(({ id, process, index, releaseVersion, host, port }) =>
    (host === null || port === null ? [] : [{ id, process, index, releaseVersion, host, port }]));
  replicas.sort((a, b) => a.index - b.index || a.id.localeCompare(b.id));
  return { appId: app.appId, appName: app.name, formerNames: app.formerNames, hosts: [], state: replicas.length > 0 ? 'up' : idle, releaseVersion: app.release?.version ?? null, replicas };
}

const exitsOf = ({ restarts, status }: ReplicaState): number => restarts + (status === 'BACKING_OFF' ? 1 : 0);

function findFailure(app: WantedApp, current: readonly ReplicaState[], { bootSeconds, now }: PlanSettings): RolloutFailure | null {
  // What is up now may have crashed long ago, under the release it is adopted from.
  const crashed = current.find((replica) => !isUp(replica) && exitsOf(replica) >= CRASH_LOOP_EXITS);
  if (crashed) return crashFailure(app, crashed);
  const silent = current.find((replica) => isBooting(replica) && now >= bootDeadline(replica, bootSeconds));
  if (!silent) return null;
  return {
    reason: 'PORT_NOT_BOUND', message: `${nameOf(silent)} did not listen on $PORT within ${bootSeconds} s.`,
    hint: 'Let the web process listen on the port in the environment variable PORT, on all addresses.', exitCode: null, lines: silent.lastLines,
  };
}

function crashFailure(app: WantedApp, replica: ReplicaState): RolloutFailure {
  const told = { exitCode: replica.exitCode, lines: replica.lastLines };
  const command = app.processes.find(({ type }) => type === replica.process)?.command ?? '';
  if (replica.exitReason === 'out of memory') return { ...told, reason: 'OUT_OF_MEMORY', message: `${nameOf(replica)} used more memory than its size gives it.`, hint: 'Give the process type a larger size, or let it use less.' };
  if (replica.exitReason?.startsWith('slug')) return { ...told, reason: 'SLUG_UNAVAILABLE', message: `${nameOf(replica)} could not be started: ${replica.exitReason}.`, hint: null };
  return { ...told, reason: 'CRASH_LOOP', message: `${nameOf(replica)} (${command}) ends soon after each start, ${replica.exitCode === null ? `the last time ${replica.exitReason ?? 'for an unknown reason'}` : `the last time with exit code ${replica.exitCode}`}.`, hint: 'Its last lines say why; run the same command with the same config on your machine.' };
}

const nameOf = ({ process, index }: ReplicaState): string => `${process}.${index}`;

/** Its program runs (it has a port) and does not listen yet; what still waits for its slug has no time to bind a port. */
const isBooting = ({ process, status, port }: ReplicaState): boolean => process === 'web' && status === 'STARTING' && port !== null;

const bootDeadline = (replica: ReplicaState, bootSeconds: number): number => Date.parse(replica.startedAt) + bootSeconds * 1000;

function nextBootDeadline(current: readonly ReplicaState[], { bootSeconds }: PlanSettings): number | null {
  const deadlines = current.filter(isBooting).map((replica) => bootDeadline(replica, bootSeconds));
  return deadlines.length > 0 ? Math.min(...deadlines) : null;
}
