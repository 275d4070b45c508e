import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { makeTemp } from '../test/kit/temp.ts';
import { until } from '../test/kit/wait.ts';
import { createChildren } from './children.ts';
import type { Children } from './children.ts';
import { launchNode } from './launch.ts';

interface Rig { children: Children; running(): Map<string, number>; told: string[] }

function createRig(t: TestContext): Rig {
  let running = new Map<string, number>();
  const told: string[] = [];
  const children = createChildren({ record: (now) => { running = now; }, tell: (problem) => { told.push(problem); } });
  t.after(() => children.stop('program'));
  return { children, running: () => running, told };
}

const program = (source: string, stopSeconds = 10) => ({
  name: 'program', stopSignal: 'SIGTERM' as const, stopSeconds,
  launch: (spawned: (child: ChildProcess) => void) => new Promise<void>((resolve, reject) => {
    const child = spawn(process.execPath, ['-e', source], { stdio: ['ignore', 'pipe', 'ignore'] });
    child.stdout.once('data', () => { resolve(); });
    child.once('exit', (code) => { reject(new Error(`ended with ${code}`)); });
    spawned(child);
  }),
});

const STAYS = 'setInterval(() => {}, 1000); process.stdout.write("up")';

describe('the supervisor\'s children', () => {
  it('are started again when they crash, however often, and not after they were stopped', async (t) => {
    const { children, running, told } = createRig(t);
    await children.keep(program(STAYS));
    for (let crash = 1; crash <= 3; crash++) {
      const pid = running().get('program') ?? 0;
      process.kill(pid, 'SIGKILL');
      await until(() => running().has('program') && running().get('program') !== pid && told.length === crash, { within: 60_000, what: () => `crash ${crash} is followed by a start` });
    }
    assert.match(told[0] ?? '', /^program was ended by SIGKILL; starting it again\.$/);
    await children.stop('program');
    assert.deepEqual([...running()], []);
    assert.equal(told.length, 3);
  });

  it('are tried again while they cannot start', async (t) => {
    const { children, running, told } = createRig(t);
    const dir = await makeTemp(t, 'slip-kids-');
    const flag = JSON.stringify(join(dir, 'tries'));
    // First up, then twice not, then up.
    await children.keep(program(`const fs = require('fs'); fs.appendFileSync(${flag}, 'x'); const n = fs.readFileSync(${flag}, 'utf8').length; if (n === 2 || n === 3) process.exit(7); ${STAYS}`));
    process.kill(running().get('program') ?? 0, 'SIGKILL');
    await until(() => told.filter((text) => text.includes('could not be started again: ended with 7')).length === 2 && running().has('program'), { within: 60_000, what: () => told.join('\n') });
  });

  it('are known before they are ready, so that a stop in between ends them too', async (t) => {
    const { children, running } = createRig(t);
    const kept = children.keep(program('setInterval(() => {}, 1000)')).then(() => 'ready', (error: unknown) => String(error));
    const pid = running().get('program');
    assert.ok(pid);
    await children.stop('program');
    assert.match(await kept, /ended with/);
    assert.deepEqual([...running()], []);
    assert.throws(() => process.kill(pid, 0));
  });

  it('are ended the moment they come when the stop came first', async (t) => {
    const { children, running } = createRig(t);
    let goOn = (): void => undefined;
    const spec = program(STAYS);
    const kept = children.keep({ ...spec, launch: async (spawned) => { await new Promise<void>((resolve) => { goOn = resolve; }); await spec.launch(spawned); } });
    const stopped = children.stop('program');
    goOn();
    await Promise.allSettled([kept, stopped]);
    assert.deepEqual([...running()], []);
    await assert.rejects(children.keep(spec), /the platform stops/);
  });

  it('are killed when they do not stop in their time', async (t) => {
    const { children, running } = createRig(t);
    await children.keep(program(`process.on('SIGTERM', () => {}); ${STAYS}`, 0.2));
    await children.stop('program');
    assert.deepEqual([...running()], []);
  });

  it('that are ours say when they are ready, stop when their supervisor is gone, and one that crashes at once is told by name', async (t) => {
    const dir = await makeTemp(t, 'slip-kids-');
    const { children } = createRig(t);
    const launch = (env: Record<string, string>) => ({
      name: 'program', stopSignal: 'SIGTERM' as const, stopSeconds: 10,
      launch: (spawned: (child: ChildProcess) => void) => launchNode({ name: 'program', main: new URL('../test/kit/program.ts', import.meta.url).pathname, env, onLine: () => undefined }, spawned),
    });
    await assert.rejects(children.keep(launch({ MODE: 'crash' })), { message: 'program ended with code 1 before it was ready.' });
    const note = join(dir, 'stopped');
    let child: ChildProcess | undefined;
    await children.keep({ ...launch({}), launch: (spawned) => launch({ NOTE: note }).launch((its) => { child = its; spawned(its); }) });
    child?.disconnect();
    await until(() => existsSync(note), { within: 60_000, what: () => 'it has stopped by itself' });
  });
});
