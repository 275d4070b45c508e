import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { createApp } from '../kit/app.ts';
import type { TestApp } from '../kit/app.ts';
import { listProcesses } from '../kit/processes.ts';
import { nodeForApps } from '../kit/repository.ts';
import { sampleApp } from '../kit/sample-app.ts';
import { startSlipway } from '../kit/slipway.ts';
import type { Slipway } from '../kit/slipway.ts';
import { until } from '../kit/wait.ts';

/** Each test leaves the platform running for the next, with an app more. */
describe('starting and stopping the platform', () => {
  const cleanups: (() => Promise<void>)[] = [];
  const scope = { after: (fn: () => Promise<void>) => { cleanups.push(fn); } };
  let slipway: Slipway;
  let node: string;
  before(async () => { slipway = await startSlipway(scope, {}, { anew: true }); node = await nodeForApps(scope); });
  after(async () => { for (const cleanup of cleanups.reverse()) await cleanup(); });

  const deployed = async (t: TestContext): Promise<TestApp> => {
    const app = await createApp(t, slipway);
    await app.repository.commit(sampleApp('one', node));
    const { code, output } = await app.repository.push();
    assert.equal(code, 0, output);
    return app;
  };

  it('goes on after kill -9 of the supervisor: the next start cleans up, and the app serves', async (t) => {
    const app = await deployed(t);
    await slipway.killSupervisor();
    await slipway.start();
    await until(async () => (await slipway.get('/', { app: app.name })).text === 'version one ', { within: 60_000, what: () => 'the app serves again' });
  });

  it('restarts every process that crashes', async (t) => {
    const app = await deployed(t);
    const instance = await app.read('/instance');
    for (const name of ['gateway', 'git', 'build', 'controller', 'log-agent', 'local-node', 'router', 'nats', 'postgres']) {
      const old = slipway.pid(name);
      await slipway.kill(name);
      await until(() => slipway.pid(name) !== old, { within: 60_000, what: () => `${name} is started again` });
    }
    await until(async () => (await slipway.get('/readyz')).status === 200, { within: 60_000, what: () => 'the platform is ready' });
    await until(async () => (await slipway.get('/instance', { app: app.name })).text === instance, { within: 60_000, what: () => 'the same replica serves, never restarted' });
    // It is another than the one that says that the platform is ready.
    await until(async () => { await app.repository.git('ls-remote', 'slipway'); return true; }, { within: 60_000, what: () => 'the git server is ready' });
    await app.repository.commit({ 'version.txt': 'two\n' });
    const push = await app.repository.push();
    assert.equal(push.code, 0, push.output);
    assert.equal(await app.read(), 'version two ');
  });

  it('refuses a second start on the same directory in one sentence', async () => {
    const second = spawn(process.execPath, [new URL('../../standalone/main.ts', import.meta.url).pathname], {
      env: { ...process.env, SLIPWAY_HOME: slipway.home, SLIPWAY_PORT: String(slipway.port) }, stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    second.stdout.on('data', (chunk: Buffer) => { printed += chunk.toString(); });
    second.stderr.on('data', (chunk: Buffer) => { printed += chunk.toString(); });
    const code = await new Promise((resolve) => { second.once('close', resolve); });
    assert.equal(code, 1, printed);
    assert.match(printed, /already/);
    assert.equal((await slipway.get('/healthz')).status, 200);
  });

  it('runs again what ran before, keeps its credentials, and leaves nothing behind when stopped', async (t) => {
    const app = await deployed(t);
    assert.equal(statSync(join(slipway.home, 'credentials.json')).mode & 0o777, 0o600);
    const credentials = readFileSync(join(slipway.home, 'credentials.json'), 'utf8');

    await slipway.stop();
    // Nor has the supervisor left anything that was killed before.
    assert.deepEqual(listProcesses(slipway.home, node), []);

    await slipway.start();
    assert.equal(readFileSync(join(slipway.home, 'credentials.json'), 'utf8'), credentials);
    await until(async () => (await slipway.get('/', { app: app.name })).text === 'version one ', { within: 60_000, what: () => 'the app serves again' });
    assert.equal((await app.state()).releases.nodes.length, 1);
  });
});
