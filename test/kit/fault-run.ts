import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { busProcesses } from '../../bus/permissions.ts';
import type { FaultPoint } from '../../service/fault-points.ts';
import { attemptsOf, LINES } from './fault-app.ts';
import type { Phase } from './fault-app.ts';
import { within } from './fault-bench.ts';
import type { FaultApp, FaultBench } from './fault-bench.ts';
import { isAlive } from './processes.ts';
import type { Slipway } from './slipway.ts';
import { startTraffic } from './traffic.ts';
import { until } from './wait.ts';

/** Every process of a platform. */
export const victims = [...busProcesses, 'nats', 'postgres', 'supervisor'] as const;
export type Victim = (typeof victims)[number];

/** A deploy at whose point, whoever comes there, the victim is killed with -9; a point that is not reached fails. */
export async function surviveKill(bench: FaultBench, app: FaultApp, point: FaultPoint, victim: Victim): Promise<void> {
  await unnoticedUnless(bench, app, victim, () => bench.deploy(app, {
    once: victim !== 'supervisor',
    push: () => atFault(bench, point, victim, (revived) => pushUntilTaken(bench.slipway, app, revived)),
  }));
}

/** The same with a deploy that fails and is undone. */
export async function surviveKillInFailure(bench: FaultBench, app: FaultApp, point: FaultPoint, victim: Victim): Promise<void> {
  await unnoticedUnless(bench, app, victim, () => bench.deployFailing(app, () => atFault(bench, point, victim, async () => {
    const { code, output } = await app.repository.push();
    assert.notEqual(code, 0, output);
  })));
}

/** While another version serves no visitor may notice. */
export async function unnoticed({ slipway }: FaultBench, app: FaultApp, deploy: () => Promise<void>): Promise<void> {
  const traffic = app.version === 0 ? null : startTraffic(slipway, app.name, 1, { pauseMs: 50 });
  try {
    await deploy();
  } finally {
    await traffic?.stop();
  }
  assert.deepEqual(traffic?.failures ?? [], []);
}

/** Nor if a victim falls that does not stand between visitors and app. */
const unnoticedUnless = (bench: FaultBench, app: FaultApp, victim: Victim, deploy: () => Promise<void>): Promise<void> =>
  (victim === 'router' || victim === 'supervisor' ? deploy() : unnoticed(bench, app, deploy));

/** Pushes with the fault armed; `revived` resolves when a platform that was killed as a whole runs again. */
async function atFault({ slipway, dir }: FaultBench, point: FaultPoint, victim: Victim, push: (revived: Promise<void>) => Promise<void>): Promise<void> {
  const armed = join(dir, point);
  let pid = 0;
  await until(() => { pid = slipway.pid(victim); return isAlive(pid); }, { within, what: () => `${victim} runs` });
  await rm(`${armed}.hit`, { force: true });
  await writeFile(armed, String(pid));
  const over = new AbortController();
  const revived = victim === 'supervisor' ? reviveSupervisor(slipway, over.signal) : Promise.resolve();
  try {
    await push(revived);
    await until(() => existsSync(`${armed}.hit`), { within, what: () => `the fault point ${point} is reached` });
  } finally {
    over.abort();
    await revived;
    await rm(armed, { force: true });
  }
}

/** Pushes, and again where the first push did not live to its verdict, as its pusher is told. */
export async function pushUntilTaken(slipway: Slipway, { repository }: FaultApp, revived: Promise<void>): Promise<void> {
  const first = await repository.push();
  if (first.code === 0) return;
  await revived;
  await until(async () => (await slipway.get('/readyz')).status === 200, { within, what: () => 'the platform is ready' });
  let again = first;
  // The git server may be the last one that is back.
  await until(async () => { again = await repository.push(); return again.code === 0; }, { within, what: () => `the push works again:\n${first.output}\n--- again\n${again.output}` });
}

/** Starts the platform again when its supervisor has been killed. */
async function reviveSupervisor(slipway: Slipway, over: AbortSignal): Promise<void> {
  const pid = slipway.pid('supervisor');
  await until(() => over.aborted || !isAlive(pid), { within, what: () => 'the supervisor is killed' });
  if (!isAlive(pid)) await slipway.start();
}

/** A deploy in the middle of whose build, release command or start a service is restarted as its operator would: its pusher sees it go on. */
export async function surviveRestart(bench: FaultBench, app: FaultApp, service: 'nats' | 'postgres', phase: Phase): Promise<void> {
  const { slipway } = bench;
  // Where the app's and the build's users can look.
  const file = join(dirname(bench.node), `${app.name}-${phase}-${service}`);
  const version = String(app.version + 1);
  await bench.deploy(app, {
    hold: { phase, file },
    push: async () => {
      const push = app.repository.startPush();
      const lines = (): number => attemptsOf(app.reader.lines, phase, version)[0]?.length ?? 0;
      await until(() => lines() === LINES / 2, { within, what: () => `the ${phase} is in its middle; it has come to line ${lines()}\n${push.output()}` });
      const pid = slipway.pid(service);
      await slipway.kill(service, service === 'postgres' ? 'SIGINT' : 'SIGTERM');
      await until(async () => slipway.pid(service) !== pid && (await slipway.get('/readyz')).status === 200, { within, what: () => `${service} is back` });
      await writeFile(file, '');
      const { code, output } = await push.ended;
      assert.equal(code, 0, output);
    },
  });
}
