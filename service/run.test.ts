import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { childEnv } from '../test/kit/child-env.ts';
import { makeTemp } from '../test/kit/temp.ts';
import { until } from '../test/kit/wait.ts';

interface Program { child: ChildProcess; output(): string; ready: Promise<unknown>; ended: Promise<number | null> }

/** `stopSeconds`: on a machine that stands still for a while, a program that stops well may need more than it seems. */
function startProgram(t: TestContext, body: string, { env = {}, stopSeconds = 60 }: { env?: Record<string, string>; stopSeconds?: number } = {}): Program {
  const source = `
    import { appendFileSync } from 'node:fs';
    import { run } from ${JSON.stringify(new URL('run.ts', import.meta.url).href)};
    import { faultPoint } from ${JSON.stringify(new URL('fault.ts', import.meta.url).href)};
    run('program', async ({ log, signal, onStop }) => { const stay = setInterval(() => {}, 1000); ${body} }, ${stopSeconds});`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', source], { env: { ...childEnv(), ...env }, stdio: ['ignore', 'pipe', 'ignore', 'ipc'] });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => { output += chunk.toString(); });
  // Not `close`, which never comes after `disconnect()`.
  const printed = new Promise((resolve) => { child.stdout?.once('close', resolve); });
  const ended = new Promise<number | null>((resolve) => { child.once('exit', (code) => { void printed.then(() => { resolve(code); }); }); });
  t.after(async () => { child.kill('SIGKILL'); await ended; });
  return { child, output: () => output, ready: new Promise((resolve) => { child.once('message', resolve); }), ended };
}

describe('the frame of every process', () => {
  it('tells its supervisor when it is ready, and stops on SIGTERM: first no new work, then what was opened last', async (t) => {
    const dir = await makeTemp(t, 'slip-run-');
    const note = JSON.stringify(join(dir, 'note'));
    const { child, ready, ended } = startProgram(t, `
      const note = (text) => appendFileSync(${note}, text + '\\n');
      signal.addEventListener('abort', () => note('signal'));
      onStop(() => note('first opened'));
      onStop(async () => { await new Promise((resolve) => setImmediate(resolve)); note('last opened'); });`);
    assert.equal(await ready, 'ready');
    child.kill('SIGTERM');
    assert.equal(await ended, 0);
    assert.equal(readFileSync(join(dir, 'note'), 'utf8'), 'signal\nlast opened\nfirst opened\n');
  });

  it('stops when its supervisor is gone', async (t) => {
    const { child, ready, ended } = startProgram(t, '');
    await ready;
    child.disconnect();
    assert.equal(await ended, 0);
  });

  it('ends with code 1 on anything unexpected, and says what in one JSON line', async (t) => {
    for (const body of ['throw new Error("boom")', 'setImmediate(() => { throw new Error("boom"); })', 'void Promise.reject(new Error("boom"))']) {
      const { ended, output } = startProgram(t, body);
      assert.equal(await ended, 1);
      const line = JSON.parse(output()) as { level: string; process: string; msg: string; error: { message: string } };
      assert.deepEqual([line.level, line.process, line.msg, line.error.message], ['fatal', 'program', 'crashed', 'boom']);
    }
  });

  it('does not wait for ever for what does not close', async (t) => {
    const { child, ready, ended } = startProgram(t, 'onStop(() => new Promise(() => {}));', { stopSeconds: 1 });
    await ready;
    child.kill('SIGTERM');
    assert.equal(await ended, 1);
  });

  it('writes no secret into its log', async (t) => {
    const { ready, output } = startProgram(t, `log.warn({ key: { apiKey: 'SECRET' }, app: { config: 'SECRET' }, user: { password: 'SECRET' } }, 'here');`);
    await ready;
    await until(() => output().includes('here'), { within: 60_000, what: output });
    assert.ok(!output().includes('SECRET'), output());
  });
});

describe('a fault point', () => {
  it('ends the process that a fault run names, once, and leaves a note', async (t) => {
    const dir = await makeTemp(t, 'slip-run-');
    const other = startProgram(t, '');
    await other.ready;
    const arm = (victim: number | undefined): void => { writeFileSync(join(dir, 'git.ref-moved'), String(victim)); };
    arm(other.child.pid);
    const env = { SLIPWAY_FAULT_DIR: dir };
    const program = startProgram(t, `faultPoint('git.source-stored'); faultPoint('git.ref-moved'); faultPoint('git.ref-moved'); process.once('SIGUSR2', () => faultPoint('git.ref-moved'));`, { env });
    await program.ready;
    await other.ended;
    assert.equal(other.child.signalCode, 'SIGKILL');
    assert.ok(existsSync(join(dir, 'git.ref-moved.hit')));

    arm(program.child.pid);
    program.child.kill('SIGUSR2');
    await program.ended;
    assert.equal(program.child.signalCode, 'SIGKILL');
  });

  it('does nothing where no fault run is', async (t) => {
    const dir = await makeTemp(t, 'slip-run-');
    const program = startProgram(t, `process.chdir(${JSON.stringify(dir)}); faultPoint('git.ref-moved');`);
    writeFileSync(join(dir, 'git.ref-moved'), String(program.child.pid));
    assert.equal(await program.ready, 'ready');
  });
});
