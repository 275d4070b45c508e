import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { createApp } from './app.ts';
import type { AppSnapshot, TestApp } from './app.ts';
import { AppEvents, DeleteApp } from './documents.ts';
import { attemptsOf, failingApp, faultApp, LINES, phases } from './fault-app.ts';
import type { Hold, Phase } from './fault-app.ts';
import { followLogs } from './log-reader.ts';
import type { LogReader } from './log-reader.ts';
import { nodeForApps } from './repository.ts';
import type { PushResult } from './repository.ts';
import { startSlipway } from './slipway.ts';
import type { Slipway } from './slipway.ts';
import { makeTemp } from './temp.ts';
import type { Scope } from './temp.ts';
import { until } from './wait.ts';

/** One platform that lives through many faults, one after the other. */
export interface FaultBench {
  slipway: Slipway;
  /** Where fault points are armed. */
  dir: string;
  /** The Node that apps run. */
  node: string;
  /** An app whose log is read from its first line on, by one reader that comes again after each lost connection. */
  createApp(): Promise<FaultApp>;
  /** Deploys the app's next version by `push`; it must end well, once, and leave nothing behind. */
  deploy(app: FaultApp, how?: Partial<DeployOptions>): Promise<void>;
  /** Deploys a version by `push` that must fail, once: what was live before is a release again, and served all the while. */
  deployFailing(app: FaultApp, push: () => Promise<unknown>): Promise<void>;
  /** Deploys these files, which must fail, once, and leave nothing behind; answers the app as it is then. */
  fail(app: FaultApp, files: Record<string, string>): Promise<{ push: PushResult; state: AppSnapshot }>;
  /** Reads the app's log once more from its beginning, and removes the app. */
  finish(app: FaultApp): Promise<void>;
  /** Deletes the app, and looks that nothing of it is left. */
  remove(app: FaultApp): Promise<void>;
}

export interface FaultApp extends TestApp {
  reader: LogReader;
  /** Of what was deployed last: 0 is nothing. */
  version: number;
}

export interface DeployOptions {
  push: () => Promise<unknown>;
  hold: Hold | undefined;
  /** False: what was killed may have been run again from its start. */
  once: boolean;
}

/** Whoever is killed, all comes to its end within this, on a busy machine too. */
export const within = 120_000;
const BUILD_EVENTS = ['BuildQueued', 'BuildStarted', 'BuildSucceeded'];
/** What a good deploy writes down, each once. */
const EVENTS = [...BUILD_EVENTS, 'ReleaseCreated', 'ReleaseRollingOut', 'ReleaseLive'];
/** What one writes down that fails and is undone. */
const FAILURE_EVENTS = [...BUILD_EVENTS, 'ReleaseCreated', 'ReleaseRollingOut', 'ReleaseFailed', 'ReleaseCreated', 'ReleaseRollingOut', 'ReleaseLive'];

/** @param under a directory for the platform's own, absent: the system's for temporary files */
export async function startFaultBench(scope: Scope, env: Record<string, string> = {}, under?: string): Promise<FaultBench> {
  const dir = await makeTemp(scope, 'slip-fault-');
  const slipway = await startSlipway(scope, { SLIPWAY_FAULT_DIR: dir, ...env }, { under });
  const node = await nodeForApps(scope);
  return {
    slipway, dir, node,
    createApp: async () => {
      const app = await createApp(scope, slipway);
      // Its first route is none of a deploy's effects.
      await until(async () => (await slipway.get('/', { app: app.name })).headers['x-slipway-reason'] === 'nothing-deployed', { within, what: () => 'the app has a route' });
      return { ...app, version: 0, reader: followLogs(slipway, app.name) };
    },
    deploy: async (app, { push = () => pushWell(app), hold, once = true } = {}) => {
      const [before, since] = [await app.state(), await eventsOf(slipway, app)];
      const version = String(++app.version);
      const commit = await app.repository.commit(faultApp(version, node, app.name, hold));
      await push();
      const release = (before.releases.nodes[0]?.version ?? 0) + 1;
      const state = await app.untilState(`v${release} is live`, isLive(release), within);
      assert.deepEqual((await eventsOf(slipway, app, since.cursor)).types, EVENTS);
      assert.deepEqual([state.builds.nodes.length - before.builds.nodes.length, state.builds.nodes[0]?.status], [1, 'SUCCEEDED']);
      assert.equal(state.releases.nodes.length, before.releases.nodes.length + 1);
      await until(async () => (await app.read()) === `version ${version} `, { within, what: () => `version ${version} serves` });
      await untilBranchIsAt(app, commit);
      await untilLinesHaveCome(app, version, phases, once);
      await untilNothingElseRuns(slipway, app, state);
    },
    deployFailing: async (app, push) => {
      const [before, since] = [await app.state(), await eventsOf(slipway, app)];
      const tip = await app.repository.git('rev-parse', 'HEAD');
      const served = await app.read();
      const version = String(++app.version);
      await app.repository.commit(failingApp(version, node, app.name));
      await push();
      const failed = (before.releases.nodes[0]?.version ?? 0) + 1;
      const state = await app.untilState(`v${failed} is undone`, isLive(failed + 1), within);
      // How often it crashed is not for us to say.
      assert.deepEqual((await eventsOf(slipway, app, since.cursor)).types.filter((type) => type !== 'ReplicaCrashed'), FAILURE_EVENTS);
      assert.deepEqual(state.releases.nodes.slice(0, 2).map(({ reason, status }) => `${reason} ${status}`), ['AUTO_ROLLBACK LIVE', 'DEPLOY FAILED']);
      assert.equal(await app.read(), served);
      await untilBranchIsAt(app, tip);
      await app.repository.git('reset', '-q', '--hard', tip);
      await untilLinesHaveCome(app, version, ['build', 'release'], false);
      await untilNothingElseRuns(slipway, app, state);
    },
    fail: async (app, files) => {
      const since = await eventsOf(slipway, app);
      await app.repository.commit(files);
      const push = await app.repository.push();
      assert.notEqual(push.code, 0, push.output);
      const state = await app.state();
      const { types } = await eventsOf(slipway, app, since.cursor);
      const isVerdict = (type: string): boolean => /^(Build|Release)(Failed|Canceled|Superseded)|ReleaseLive$/.test(type);
      assert.equal(types.filter(isVerdict).length, 1, types.join(' '));
      await untilNothingElseRuns(slipway, app, state);
      return { push, state };
    },
    finish: async (app) => {
      await compareWithWholeLog(slipway, app);
      await remove(slipway, app);
    },
    remove: (app) => remove(slipway, app),
  };
}

/** The bench of a `describe`: started before its tests, stopped after them. */
export function useFaultBench(env: Record<string, string> = {}): () => FaultBench {
  const cleanups: (() => Promise<void>)[] = [];
  let bench: FaultBench | undefined;
  before(async () => { bench = await startFaultBench({ after: (fn) => { cleanups.push(fn); } }, env); });
  after(async () => { for (const cleanup of cleanups.toReversed()) await cleanup(); });
  return () => { assert.ok(bench); return bench; };
}

async function pushWell(app: TestApp): Promise<void> {
  const { code, output } = await app.repository.push();
  assert.equal(code, 0, output);
}

const isLive = (version: number) => ({ currentRelease, processes: [web] }: AppSnapshot): boolean =>
  currentRelease?.version === version && currentRelease.status === 'LIVE' && web?.replicas.length === 1 && web.replicas[0]?.status === 'UP' && web.replicas[0].release.version === version;

interface Events { types: string[]; summaries: string[]; cursor: string | null }

/** All of them, page by page. */
async function eventsOf(slipway: Slipway, test: TestApp, after: string | null = null): Promise<Events> {
  const { app } = await slipway.query(AppEvents, { name: test.name, after });
  assert.ok(app);
  const { nodes, pageInfo: { endCursor, hasNextPage } } = app.events;
  const page = { types: nodes.map(({ type }) => type), summaries: nodes.map(({ summary }) => summary), cursor: endCursor ?? after };
  if (!hasNextPage) return page;
  const rest = await eventsOf(slipway, test, page.cursor);
  return { types: [...page.types, ...rest.types], summaries: [...page.summaries, ...rest.summaries], cursor: rest.cursor };
}

async function untilBranchIsAt({ repository }: FaultApp, commit: string): Promise<void> {
  let tip = '';
  await until(async () => { tip = await repository.git('ls-remote', 'slipway', 'refs/heads/main'); return tip.startsWith(commit); }, { within, what: () => `the branch is at ${commit}; it is at ${tip}` });
}

/** Lines written are lines received and told gaps. `once`: nothing was run twice. */
async function untilLinesHaveCome({ reader }: FaultApp, version: string, of: readonly Phase[], once: boolean): Promise<void> {
  for (const phase of of) {
    const attempts = (): number[][] => attemptsOf(reader.lines, phase, version);
    const told = (): number => reader.gaps.reduce((sum, gap) => sum + (gap.lines ?? 0), 0);
    const what = (): string => `all lines of ${phase} have come, each once: ${JSON.stringify(attempts())}; gaps: ${JSON.stringify(reader.gaps)}`;
    await until(() => (attempts().at(-1)?.length ?? 0) + told() >= LINES, { within, what });
    assert.ok(!once || attempts().length === 1, what());
    for (const attempt of attempts()) assert.ok(told() > 0 || attempt.every((line, index) => line === index + 1), what());
  }
}

async function untilNothingElseRuns(slipway: Slipway, { name }: TestApp, { processes }: Pick<AppSnapshot, 'processes'>): Promise<void> {
  const replicas = processes.flatMap((process) => process.replicas.map(({ id }) => id));
  let left: string[] = [];
  await until(async () => { left = await slipway.leftovers(name, replicas); return left.length === 0; }, { within, what: () => `nothing else runs: ${left.join('\n')}` });
}

async function remove(slipway: Slipway, app: FaultApp): Promise<void> {
  await app.reader.stop();
  await slipway.query(DeleteApp, { app: app.name, confirm: app.name });
  await untilNothingElseRuns(slipway, app, { processes: [] });
}

/** A read that nothing interrupted has the same lines; and what the app's events say is among them, each once. */
async function compareWithWholeLog(slipway: Slipway, app: FaultApp): Promise<void> {
  const whole = followLogs(slipway, app.name);
  const all = ({ lines }: LogReader): string[] => lines.filter(({ source }) => source !== 'ROUTER').map(({ cursor, text }) => `${cursor} ${text}`);
  const { summaries } = await eventsOf(slipway, app);
  const told = (): string[] => whole.lines.filter(({ source }) => source === 'PLATFORM').map(({ text }) => text);
  await until(() => told().length >= summaries.length && all(whole).length === all(app.reader).length, { within, what: () => `both reads have all lines; one has ${all(app.reader).length}, the uninterrupted one ${all(whole).length}, with events ${told().join(', ')}` });
  await whole.stop();
  assert.deepEqual(all(app.reader), all(whole));
  assert.deepEqual(told(), summaries);
}
