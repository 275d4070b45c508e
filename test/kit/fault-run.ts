import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { busProcesses } from '../../bus/permissions.ts';
import type { FaultPoint } from '../../service/fault-points.ts';
import { createApp } from './app.ts';
import type { AppSnapshot, TestApp } from './app.ts';
import { AppEvents, DeleteApp } from './documents.ts';
import { attemptsOf, faultApp, LINES } from './fault-app.ts';
import { followLogs } from './log-reader.ts';
import type { LogReader } from './log-reader.ts';
import { listOrphans } from './processes.ts';
import { nodeForApps } from './repository.ts';
import { isAlive, startSlipway } from './slipway.ts';
import type { Slipway } from './slipway.ts';
import { makeTemp } from './temp.ts';
import type { Scope } from './temp.ts';
import { startTraffic } from './traffic.ts';
import { until } from './wait.ts';

/** Every process of a platform. */
export const victims = [...busProcesses, 'nats', 'postgres', 'supervisor'] as const;
export type Victim = (typeof victims)[number];

/** One platform that lives through many faults, one after the other. */
export interface FaultBench {
  slipway: Slipway;
  /** An app for deploys, whose log is read from its first line on by one reader that comes again after each lost connection. */
  createApp(): Promise<FaultApp>;
  /** Deploys the app's next version; at the point the victim is killed with -9. All must end well, once, and leave nothing behind. */
  surviveKill(app: FaultApp, point: FaultPoint, victim: Victim): Promise<void>;
  /** Deploys the app's next version. */
  deploy(app: FaultApp): Promise<void>;
  /** Deletes an app that did not end well, for those after it. */
  drop(app: FaultApp): Promise<void>;
  /** Reads the app's log once more from its beginning, deletes the app, and looks that nothing of it is left. */
  finish(app: FaultApp): Promise<void>;
}

export interface FaultApp extends TestApp {
  reader: LogReader;
  /** Of what was deployed last: 0 is nothing. */
  version: number;
}

/** Whoever is killed, all comes to its end within this, on a busy machine too. */
const within = 120_000;
/** What a deploy writes down, each once. */
const EVENTS = ['BuildQueued', 'BuildStarted', 'BuildSucceeded', 'ReleaseCreated', 'ReleaseRollingOut', 'ReleaseLive'];

export async function startFaultBench(scope: Scope): Promise<FaultBench> {
  const dir = await makeTemp(scope, 'slip-fault-');
  const slipway = await startSlipway(scope, { SLIPWAY_FAULT_DIR: dir });
  const node = await nodeForApps(scope);

  /** Deploys the next version by whatever `push` does, and looks that this was all that happened. */
  const deployBy = async (app: FaultApp, once: boolean, push: () => Promise<void>): Promise<void> => {
    const since = await eventsOf(slipway, app);
    const version = String(++app.version);
    const commit = await app.repository.commit(faultApp(version, node, app.name));
    await push();
    const state = await app.untilState(`v${version} is live`, isLive(app.version), within);
    assert.deepEqual((await eventsOf(slipway, app, since.cursor)).types, EVENTS);
    assert.equal(state.builds.nodes.length, app.version);
    assert.deepEqual(state.releases.nodes.map(({ status }) => status), state.releases.nodes.map(() => 'LIVE'));
    await until(async () => (await app.read()) === `version ${version} `, { within, what: () => `version ${version} serves` });
    let tip = '';
    await until(async () => { tip = await app.repository.git('ls-remote', 'slipway', 'refs/heads/main'); return tip.startsWith(commit); }, { within, what: () => `the branch is at ${commit}; it is at ${tip}` });
    await untilLinesHaveCome(app, version, once);
    await untilOneReplica(slipway, app);
  };
  return {
    slipway,
    createApp: async () => {
      const app = await createApp(scope, slipway);
      // Its first route is none of a deploy's effects.
      await until(async () => (await slipway.get('/', { app: app.name })).headers['x-slipway-reason'] === 'nothing-deployed', { within, what: () => 'the app has a route' });
      return { ...app, version: 0, reader: followLogs(slipway, app.name) };
    },
    deploy: (app) => deployBy(app, true, async () => {
      const { code, output } = await app.repository.push();
      assert.equal(code, 0, output);
    }),
    surviveKill: async (app, point, victim) => {
      // Whoever reaches visitors' requests may fail some of them; nobody else may.
      const traffic = app.version === 0 || ['router', 'supervisor'].includes(victim) ? null : startTraffic(slipway, app.name, 1, { pauseMs: 50 });
      try {
        await deployBy(app, victim !== 'supervisor', () => pushAtFault({ slipway, dir, app, point, victim }));
      } finally {
        await traffic?.stop();
      }
      assert.deepEqual(traffic?.failures ?? [], []);
    },
    drop: (app) => remove(slipway, app),
    finish: async (app) => {
      await compareWithWholeLog(slipway, app);
      await remove(slipway, app);
    },
  };
}

interface Fault { slipway: Slipway; dir: string; app: FaultApp; point: FaultPoint; victim: Victim }

/** Pushes with the fault armed, and again where the first push did not live to its verdict. */
async function pushAtFault({ slipway, dir, app, point, victim }: Fault): Promise<void> {
  const armed = join(dir, point);
  let pid = 0;
  await until(() => { pid = slipway.pid(victim); return isAlive(pid); }, { within, what: () => `${victim} runs` });
  await rm(`${armed}.hit`, { force: true });
  await writeFile(armed, String(pid));
  const over = new AbortController();
  const revived = victim === 'supervisor' ? reviveSupervisor(slipway, over.signal) : null;
  try {
    const first = await app.repository.push();
    if (first.code !== 0) {
      await revived;
      await until(async () => (await slipway.get('/readyz')).status === 200, { within, what: () => 'the platform is ready' });
      let again = first;
      // The git server may be the last one that is back.
      await until(async () => { again = await app.repository.push(); return again.code === 0; }, { within, what: () => `the push works again:\n${first.output}\n--- again\n${again.output}` });
    }
    await until(() => existsSync(`${armed}.hit`), { within, what: () => `the fault point ${point} is reached` });
  } finally {
    over.abort();
    await revived;
    await rm(armed, { force: true });
  }
}

/** Starts the platform again when its supervisor has been killed. */
async function reviveSupervisor(slipway: Slipway, over: AbortSignal): Promise<void> {
  const pid = slipway.pid('supervisor');
  await until(() => over.aborted || !isAlive(pid), { within, what: () => 'the supervisor is killed' });
  if (!isAlive(pid)) await slipway.start();
}

const isLive = (version: number) => ({ currentRelease, processes: [web] }: AppSnapshot): boolean =>
  currentRelease?.version === version && currentRelease.status === 'LIVE' && web?.replicas.length === 1 && web.replicas[0]?.status === 'UP' && web.replicas[0].release.version === version;

async function eventsOf(slipway: Slipway, { name }: TestApp, after?: string | null): Promise<{ types: string[]; summaries: string[]; cursor: string | null }> {
  const { app } = await slipway.query(AppEvents, { name, after: after ?? null });
  assert.ok(app);
  const { nodes, pageInfo: { endCursor } } = app.events;
  return { types: nodes.map(({ type }) => type), summaries: nodes.map(({ summary }) => summary), cursor: endCursor ?? null };
}

/** Lines written are lines received and told gaps. `once`: nothing was run twice. */
async function untilLinesHaveCome({ reader }: FaultApp, version: string, once: boolean): Promise<void> {
  for (const kind of ['build', 'release', 'web'] as const) {
    const attempts = (): number[][] => attemptsOf(reader.lines, kind, version);
    const told = (): number => reader.gaps.reduce((sum, gap) => sum + (gap.lines ?? 0), 0);
    const what = (): string => `all lines of the ${kind} have come, each once: ${JSON.stringify(attempts())}; gaps: ${JSON.stringify(reader.gaps)}`;
    await until(() => (attempts().at(-1)?.length ?? 0) + told() >= LINES, { within, what });
    assert.ok(!once || attempts().length === 1, what());
    for (const attempt of attempts()) assert.ok(told() > 0 || attempt.every((line, index) => line === index + 1), what());
  }
}

/** One process serves, and nothing of former ones, of builds or commands is left. */
async function untilOneReplica(slipway: Slipway, app: FaultApp): Promise<void> {
  const { processes: [web] } = await app.state();
  const orphans = (): string[] => listOrphans(slipway.home, slipway.pid('supervisor'), web?.replicas.map(({ id }) => id) ?? []);
  await until(() => orphans().length === 0, { within, what: () => `nothing else runs: ${orphans().join('\n')}` });
}

async function remove(slipway: Slipway, app: FaultApp): Promise<void> {
  await app.reader.stop();
  await slipway.query(DeleteApp, { app: app.name, confirm: app.name });
  const orphans = (): string[] => listOrphans(slipway.home, slipway.pid('supervisor'), []);
  await until(() => orphans().length === 0, { within, what: () => `nothing is left of the app: ${orphans().join('\n')}` });
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
