import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { faultPoints } from '../../service/fault-points.ts';
import { createApp } from '../kit/app.ts';
import { listProcesses } from '../kit/processes.ts';
import { nodeForApps } from '../kit/repository.ts';
import { sampleApp } from '../kit/sample-app.ts';
import { startSlipway } from '../kit/slipway.ts';
import { until } from '../kit/wait.ts';

/** Each named point between two effects of a deploy: its process is killed there with -9, and the deploy must still end well, once. */
describe('a deploy survives kill -9 of a process', () => {
  for (const point of faultPoints) {
    it(`at ${point}`, async (t) => {
      const dir = join((await import('node:os')).tmpdir(), `slipway-fault-${process.pid}-${point}`);
      mkdirSync(dir, { recursive: true });
      t.after(async () => { const { rm } = await import('node:fs/promises'); await rm(dir, { recursive: true, force: true }); });
      const slipway = await startSlipway(t, { SLIPWAY_FAULT: point, SLIPWAY_FAULT_DIR: dir });
      const node = await nodeForApps(t);
      const app = await createApp(t, slipway);
      const commit = await app.repository.commit(sampleApp('one', node, { Procfile: `web: ${node} server.js\nrelease: echo migrated\n` }));
      const first = await app.repository.push();
      // The pusher's connection may die with the process that was killed; the deploy must not. A push that was refused may be made again.
      if (first.code !== 0) {
        await until(async () => (await slipway.get('/readyz')).status === 200, { within: 60_000, what: () => 'the platform is ready' });
        const again = await app.repository.push();
        assert.equal(again.code, 0, `${first.output}\n--- again\n${again.output}`);
      }
      assert.ok(existsSync(join(dir, `${point}.hit`)), `the fault point ${point} was never reached`);
      const state = await app.untilState('one build and one release ended well', (now) => now.currentRelease?.status === 'LIVE', 120_000);
      for (const build of state.builds.nodes) assert.ok(['SUCCEEDED', 'FAILED', 'CANCELED', 'SUPERSEDED'].includes(build.status), build.status);
      assert.equal(state.builds.nodes.filter((build) => build.status === 'SUCCEEDED').length, 1, JSON.stringify(state.builds.nodes));
      assert.deepEqual(state.releases.nodes.map((release) => release.status), ['LIVE']);
      await until(async () => (await slipway.get('/', { app: app.name })).text === 'version one ', { within: 60_000, what: () => 'the app serves' });
      await until(async () => (await app.repository.git('ls-remote', 'slipway', 'refs/heads/main')).startsWith(commit), { within: 60_000, what: () => 'the branch has moved' });
      const live = listProcesses(`${node} server.js`);
      assert.equal(live.filter((line) => !line.includes('sh -c')).length >= 1, true);
      await slipway.stop();
      assert.deepEqual(listProcesses(slipway.home, node), []);
    });
  }
});
