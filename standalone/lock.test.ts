import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { makeTemp } from '../test/kit/temp.ts';
import { lockHome } from './lock.ts';

interface Start { child: ChildProcess; answer: Promise<string>; ended: Promise<void> }

/** A start in a process of its own: answers "won" and stays, or says why not and ends. A line on its input makes it announce its stop, the next ends it. */
function startElsewhere(t: TestContext, dir: string): Start {
  const source = `
    import { createInterface } from 'node:readline';
    import { lockHome } from ${JSON.stringify(new URL('lock.ts', import.meta.url).href)};
    const say = (text) => console.log(text);
    try {
      const lock = await lockHome(${JSON.stringify(dir)}, 'the home', (pid) => say('waits for ' + pid));
      say('won');
      const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
      if (!(await lines.next()).done) { lock.announceStop(); say('stopping'); await lines.next(); }
      process.exit(0);
    } catch (error) { say(error.message); }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => { child.once('exit', () => { resolve(); }); });
  const answer = new Promise<string>((resolve) => { createInterface({ input: child.stdout }).once('line', resolve); });
  t.after(async () => { child.kill('SIGKILL'); await ended; });
  return { child, answer, ended };
}

const nextLine = (child: ChildProcess): Promise<string> => new Promise((resolve, reject) => {
  if (!child.stdout) reject(new Error('no output'));
  else child.stdout.once('data', (chunk: Buffer) => { resolve(chunk.toString().trim()); });
});

describe('the lock of a data directory', () => {
  it('is for one start at a time: the second is told which process has it', async (t) => {
    const dir = await makeTemp(t, 'slip-lock-');
    const first = startElsewhere(t, dir);
    assert.equal(await first.answer, 'won');
    await assert.rejects(lockHome(dir, 'the home', () => undefined), { message: `Slipway already runs on the home (process ${first.child.pid}): stop it first, or set SLIPWAY_HOME to another directory.` });
  });

  it('of a killed start is taken over, each time by exactly one of those who try at once', async (t) => {
    const dir = await makeTemp(t, 'slip-lock-');
    for (let round = 0; round < 4; round++) {
      const starts = Array.from({ length: 4 }, () => startElsewhere(t, dir));
      const answers = await Promise.all(starts.map(({ answer }) => answer));
      assert.equal(answers.filter((answer) => answer === 'won').length, 1, answers.join('\n'));
      for (const { child } of starts) child.kill('SIGKILL');
      await Promise.all(starts.map(({ ended }) => ended));
    }
  });

  it('of a start that is stopping is waited for', async (t) => {
    const dir = await makeTemp(t, 'slip-lock-');
    const first = startElsewhere(t, dir);
    assert.equal(await first.answer, 'won');
    const announced = nextLine(first.child);
    first.child.stdin?.write('stop\n');
    assert.equal(await announced, 'stopping');
    const second = startElsewhere(t, dir);
    assert.equal(await second.answer, `waits for ${first.child.pid}`);
    const won = nextLine(second.child);
    first.child.stdin?.write('end\n');
    assert.equal(await won, 'won');
  });
});
