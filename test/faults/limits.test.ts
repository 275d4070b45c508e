import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AppSnapshot } from '../kit/app.ts';
import { startFaultBench, useFaultBench } from '../kit/fault-bench.ts';
import type { FaultBench } from '../kit/fault-bench.ts';
import { surviveRestart } from '../kit/fault-run.ts';
import { phases } from '../kit/fault-app.ts';
import { sampleApp } from '../kit/sample-app.ts';
import { mountSmallDisk } from '../kit/small-disk.ts';

/** A buildpack of the repository with this compile script. */
const pack = (script: string): Record<string, string> => ({ '.buildpacks': './pack\n', 'pack/bin/detect': '#!/bin/sh\necho bad\n', 'pack/bin/compile': `#!/bin/sh\n${script}\n` });

/** A first deploy that must fail; afterwards the app can be deployed like any other. */
async function failOnce(bench: FaultBench, files: Record<string, string>): Promise<AppSnapshot> {
  const app = await bench.createApp();
  const { state } = await bench.fail(app, sampleApp('bad', bench.node, files));
  await bench.deploy(app);
  await bench.finish(app);
  return state;
}

describe('what goes wrong in a deploy is told by its kind, once, and nothing is left of it', () => {
  const bench = useFaultBench({ SLIPWAY_BUILD_SECONDS: '30', SLIPWAY_BUILD_MEMORY_MB: '400', SLIPWAY_BUILD_DISK_MB: '200', SLIPWAY_BUILD_OUTPUT_MB: '1', SLIPWAY_BOOT_SECONDS: '20' });

  const failBuild = async (script: string): Promise<string | undefined> => {
    const { builds, releases } = await failOnce(bench(), pack(script));
    assert.equal(builds.nodes[0]?.status, 'FAILED');
    assert.equal(releases.nodes.length, 0);
    return builds.nodes[0]?.failure?.reason;
  };
  const failRelease = async (files: Record<string, string>): Promise<AppSnapshot['releases']['nodes'][number]['failure'] | undefined> => {
    const { builds, releases } = await failOnce(bench(), files);
    assert.equal(builds.nodes[0]?.status, 'SUCCEEDED');
    assert.deepEqual(releases.nodes.map(({ status }) => status), ['FAILED']);
    return releases.nodes[0]?.failure;
  };
  /** More than any limit here, and not all there is: where memory is sampled, the look may come late. */
  const takesAllMemory = (): string => `${bench().node} -e 'const a=[];while(a.length<150)a.push(Buffer.alloc(1e7,1));setInterval(()=>0,1000)'`;

  it('an endless build', async () => { assert.equal(await failBuild('echo waiting; exec sleep 31536'), 'BUILD_TIMEOUT'); });
  it('endless output', async () => { assert.equal(await failBuild('exec yes endless-output-of-a-build'), 'OUTPUT_LIMIT'); });
  it('a build that takes more disk than it may', async () => { assert.equal(await failBuild('exec dd if=/dev/zero of="$1/big" bs=1M count=4000'), 'DISK_FULL'); });
  it('a build that takes all memory', async () => { assert.equal(await failBuild(`exec ${takesAllMemory()}`), 'OUT_OF_MEMORY'); });
  it('a build step that fails', async () => { assert.equal(await failBuild('echo no compiler; exit 4'), 'BUILD_COMMAND_FAILED'); });
  it('an app that takes all memory', async () => { assert.equal((await failRelease({ Procfile: `web: ${takesAllMemory()}\n` }))?.reason, 'OUT_OF_MEMORY'); });
  it('an app that never binds its port', async () => { assert.equal((await failRelease({ 'version.txt': 'never-binds\n' }))?.reason, 'PORT_NOT_BOUND'); });
  it('an app that exits', async () => {
    const failure = await failRelease({ 'version.txt': 'exits\n' });
    assert.deepEqual([failure?.reason, failure?.exitCode], ['CRASH_LOOP', 3]);
    assert.ok(failure?.lines.some((line) => line.includes('the database is on fire')), JSON.stringify(failure));
  });
});

describe('a disk that is full', () => {
  it('fails the build that filled it; the platform goes on, and has lost nothing', async (t) => {
    const cleanups: (() => Promise<void>)[] = [];
    const scope = { after: (fn: () => Promise<void>): void => { cleanups.push(fn); } };
    t.after(async () => { for (const cleanup of cleanups.toReversed()) await cleanup(); });
    const disk = await mountSmallDisk(scope, '1400m');
    if (disk === null) { t.skip('this machine lets us mount no disk'); return; }
    const bench = await startFaultBench(scope, { SLIPWAY_BUILD_DISK_MB: '100000' }, disk);
    const app = await bench.createApp();
    await bench.deploy(app);
    // It holds the disk full for a while.
    const { state } = await bench.fail(app, pack('dd if=/dev/zero of="$1/big" bs=1M count=4000; echo full; sleep 5; exit 1'));
    assert.equal(state.builds.nodes[0]?.failure?.reason, 'DISK_FULL');
    assert.equal(await app.read(), 'version 1 ');
    await bench.deploy(app);
    await bench.finish(app);
  });
});

describe('a deploy goes on while a service is restarted', () => {
  const bench = useFaultBench();
  for (const service of ['nats', 'postgres'] as const) {
    it(`${service} in a build, a release command, and the start of a replica`, async () => {
      const app = await bench().createApp();
      for (const phase of phases) await surviveRestart(bench(), app, service, phase);
      await bench().finish(app);
    });
  }
});
