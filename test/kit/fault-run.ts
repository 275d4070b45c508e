import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultPoint } from '../../service/fault-points.ts';
import { createApp } from './app.ts';
import { listProcesses } from './processes.ts';
import { nodeForApps } from './repository.ts';
import { sampleApp } from './sample-app.ts';
import { startSlipway } from './slipway.ts';
import { makeTemp } from './temp.ts';
import type { Scope } from './temp.ts';
import { until } from './wait.ts';

const ENDED = ['SUCCEEDED', 'FAILED', 'CANCELED', 'SUPERSEDED'];

/** One deploy whose process is killed with -9 at this point: it must still end well, once, and leave nothing behind. A point that is not reached fails. */
export async function surviveFault(t: Scope, point: FaultPoint): Promise<void> {
  const dir = await makeTemp(t, 'slip-fault-');
  const slipway = await startSlipway(t, { SLIPWAY_FAULT: point, SLIPWAY_FAULT_DIR: dir });
  const node = await nodeForApps(t);
  const app = await createApp(t, slipway);
  const commit = await app.repository.commit(sampleApp('one', node, { Procfile: `web: ${node} server.js\nrelease: echo migrated\n` }));
  const first = await app.repository.push();
  if (first.code !== 0) {
    // The pusher's connection may die with what was killed, or the push be refused; the same push again must tell how it went on.
    await until(async () => (await slipway.get('/readyz')).status === 200, { within: 60_000, what: () => 'the platform is ready' });
    await until(async () => (await app.state()).builds.nodes.every((build) => ENDED.includes(build.status)), { within: 120_000, what: () => 'no build is under way' });
    const again = await app.repository.push();
    assert.equal(again.code, 0, `${first.output}\n--- again\n${again.output}`);
  }
  const state = await app.untilState('the release is live', (now) => now.currentRelease?.status === 'LIVE', 120_000);
  assert.ok(existsSync(join(dir, `${point}.hit`)), `the fault point ${point} was never reached`);
  for (const build of state.builds.nodes) assert.ok(ENDED.includes(build.status), `build ${build.number} is ${build.status}`);
  assert.equal(state.builds.nodes.filter((build) => build.status === 'SUCCEEDED').length, 1, JSON.stringify(state.builds.nodes));
  assert.deepEqual(state.releases.nodes.map((release) => release.status), ['LIVE']);
  await until(async () => (await slipway.get('/', { app: app.name })).text === 'version one ', { within: 60_000, what: () => 'the app serves' });
  await until(async () => (await app.repository.git('ls-remote', 'slipway', 'refs/heads/main')).startsWith(commit), { within: 60_000, what: () => 'the branch has moved' });
  const { processes } = await app.untilState('one replica is up', (now) => now.processes[0]?.replicas.length === 1 && now.processes[0].replicas[0]?.status === 'UP');
  assert.equal(processes.length, 1);
  await slipway.stop();
  assert.deepEqual(listProcesses(slipway.home, node), []);
}
