import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createApp } from '../kit/app.ts';
import type { AppSnapshot } from '../kit/app.ts';
import { listProcesses } from '../kit/processes.ts';
import { nodeForApps } from '../kit/repository.ts';
import type { PushResult } from '../kit/repository.ts';
import { sampleApp } from '../kit/sample-app.ts';
import { startSlipway } from '../kit/slipway.ts';
import type { Slipway } from '../kit/slipway.ts';
import type { Scope } from '../kit/temp.ts';
import { until } from '../kit/wait.ts';

/** A buildpack of the repository with this compile script. */
const pack = (script: string): Record<string, string> => ({ '.buildpacks': './pack\n', 'pack/bin/detect': '#!/bin/sh\necho bad\n', 'pack/bin/compile': `#!/bin/sh\n${script}\n` });

describe('what goes wrong in a deploy is told by its kind, and nothing is left of it', () => {
  const cleanups: (() => Promise<void>)[] = [];
  const scope: Scope = { after: (fn) => { cleanups.push(fn); } };
  let slipway: Slipway;
  let node: string;
  before(async () => {
    slipway = await startSlipway(scope, { SLIPWAY_BUILD_SECONDS: '15', SLIPWAY_BUILD_MEMORY_MB: '400', SLIPWAY_BUILD_DISK_MB: '200', SLIPWAY_BUILD_OUTPUT_MB: '1', SLIPWAY_BOOT_SECONDS: '5' });
    node = await nodeForApps(scope);
  });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const deploy = async (t: Scope, files: Record<string, string>): Promise<{ push: PushResult; state: AppSnapshot }> => {
    const app = await createApp(t, slipway);
    await app.repository.commit(sampleApp('one', node, files));
    const push = await app.repository.push();
    assert.notEqual(push.code, 0, push.output);
    return { push, state: await app.state() };
  };
  const failureOf = async (t: Scope, script: string): Promise<string | undefined> => {
    const { state } = await deploy(t, pack(script));
    assert.equal(state.builds.nodes[0]?.status, 'FAILED');
    assert.equal(state.releases.nodes.length, 0);
    return state.builds.nodes[0]?.failure?.reason;
  };

  it('an endless build', async (t) => {
    assert.equal(await failureOf(t, 'echo waiting; exec sleep 31536'), 'BUILD_TIMEOUT');
    await until(() => listProcesses('sleep 31536').length === 0, { within: 10_000, what: () => 'the endless build is gone' });
  });
  it('endless output', async (t) => { assert.equal(await failureOf(t, 'exec yes endless-output-of-a-build'), 'OUTPUT_LIMIT'); });
  it('a disk that a build fills', async (t) => { assert.equal(await failureOf(t, 'exec dd if=/dev/zero of="$1/big" bs=1M count=4000'), 'DISK_FULL'); });
  it('a build that takes all memory', async (t) => { assert.equal(await failureOf(t, `exec ${node} -e 'const a=[];for(;;)a.push(Buffer.alloc(1e7,1))'`), 'OUT_OF_MEMORY'); });
  it('a build step that fails', async (t) => { assert.equal(await failureOf(t, 'echo no compiler; exit 4'), 'BUILD_COMMAND_FAILED'); });

  it('an app that takes all memory', async (t) => {
    const { state } = await deploy(t, { Procfile: `web: ${node} -e 'const a=[];for(;;)a.push(Buffer.alloc(1e7,1))'\n` });
    assert.equal(state.releases.nodes[0]?.failure?.reason, 'OUT_OF_MEMORY');
  });
  it('an app that never binds its port', async (t) => {
    const { state } = await deploy(t, { 'version.txt': 'never-binds\n' });
    assert.equal(state.releases.nodes[0]?.failure?.reason, 'PORT_NOT_BOUND');
  });

  for (const service of ['nats', 'postgres'] as const) {
    it(`${service} restarted in the middle of a build`, async (t) => {
      const app = await createApp(t, slipway);
      await app.repository.commit(sampleApp('one', node, pack('echo compiling; sleep 4')));
      const push = app.repository.startPush();
      await app.untilState('the build compiles', (state) => state.builds.nodes[0]?.steps.some((step) => step.kind === 'COMPILE') ?? false);
      await slipway.kill(service);
      await push.ended;
      await until(async () => (await slipway.get('/readyz')).status === 200, { within: 60_000, what: () => 'the platform is ready' });
      const state = await app.untilState('it is live', (now) => now.currentRelease?.status === 'LIVE', 120_000);
      assert.deepEqual(state.builds.nodes.map((build) => build.status), ['SUCCEEDED']);
      assert.deepEqual(state.releases.nodes.map((release) => release.status), ['LIVE']);
      assert.equal(await app.read(), 'version one ');
    });
  }
});
