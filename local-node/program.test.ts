import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { listProcesses } from '../test/kit/processes.ts';
import { mountSmallDisk } from '../test/kit/small-disk.ts';
import { makeTemp } from '../test/kit/temp.ts';
import { until } from '../test/kit/wait.ts';
import { endUser } from './end-user.ts';
import { watchMemory } from './node.ts';
import { startProgram } from './program.ts';
import type { Program } from './program.ts';
import { createUsers } from './uids.ts';

const uid = process.getuid?.() === 0 ? 990_000_000 + process.pid : undefined;
/** The machine may be busy with other tests. */
const within = 60_000;

/** On a machine that gives us no cgroup. */
async function start(t: TestContext, script: string, under?: string): Promise<{ program: Program; output: () => string }> {
  const dir = await makeTemp(t, 'slip-program-', under);
  await chmod(dir, 0o711);
  let output = '';
  const program = await startProgram({ dir: join(dir, 'run'), uid, cwd: '/', layers: null, env: { PATH: process.env.PATH ?? '' }, input: { mode: 'env', variables: [] }, args: ['/bin/bash', '-c', script] },
    { users: createUsers(), cgroup: null, onOutput: (_stream, chunk) => { output += Buffer.from(chunk).toString(); } }, () => undefined);
  t.after(() => { program.kill(); });
  return { program, output: () => output };
}

describe('a program without a cgroup', () => {
  it('tells its exit code, and its output to the last line', async (t) => {
    const { program, output } = await start(t, 'seq 1 20000; printf end >&2; exit 5');
    assert.deepEqual(await program.exited, { code: 5, outOfMemory: false });
    assert.ok(output().includes('20000') && output().endsWith('end'));
    assert.equal(output().length, 108_894 + 3);
  });

  it('takes all that it started with it, also what left its session', { skip: uid === undefined && 'only root has users to give' }, async (t) => {
    const mark = `50${process.pid}`;
    const dir = await makeTemp(t, 'slip-go-on-');
    await chmod(dir, 0o755);
    const { program } = await start(t, `setsid setsid sleep ${mark} >/dev/null 2>&1 & sleep ${mark} & until [ -e ${dir}/now ]; do sleep 0.1; done`);
    // The script, which names them too, is none of them.
    await until(() => listProcesses(`sleep ${mark}`).filter((line) => /^\d+ sleep \d+$/.test(line)).length === 2, { within, what: () => 'they run' });
    await writeFile(join(dir, 'now'), '');
    await program.exited;
    await until(() => listProcesses(`sleep ${mark}`).length === 0, { within, what: () => listProcesses(`sleep ${mark}`).join('\n') });
  });

  it('takes all of its user with it, also what never stands still', { skip: uid === undefined && 'only root has users to give' }, async (t) => {
    const dir = await makeTemp(t, 'slip-hopper-');
    const [hop, held] = [join(dir, 'hop'), join(dir, 'held')];
    await writeFile(hop, '#!/bin/sh\nsetsid "$0" &\n', { mode: 0o755 });
    execFileSync('mkfifo', ['-m', '666', held]);
    await chmod(dir, 0o755);
    t.after(() => endUser(uid ?? 0));
    // It ends when nobody holds the FIFO any more: whatever hops has inherited it.
    const reader = spawn('cat', [held]);
    t.after(() => { reader.kill(); });
    const { program } = await start(t, `exec 7>${held}; for i in $(seq 5); do ${hop} >/dev/null 2>&1; done; sleep 0.3`);
    await program.exited;
    await until(() => reader.exitCode !== null, { within, what: () => 'all have ended' });
  });

  it('has a limit of processes all the same', { skip: uid === undefined && 'only root has users to give' }, async (t) => {
    const { program, output } = await start(t, 'ulimit -u');
    await program.exited;
    assert.equal(output(), '4096\n');
  });

  it('tells the memory of all of its family', async (t) => {
    const { program } = await start(t, `${process.execPath} -e "globalThis.all = Buffer.alloc(100e6, 1); setInterval(() => 0, 1000)" & wait`);
    if (uid !== undefined && process.execPath.startsWith('/root/')) return;
    await until(() => program.rssBytes() > 100e6, { within, what: () => `${program.rssBytes()} bytes` });
    program.kill();
    assert.equal((await program.exited).code, 137);
    assert.equal(program.rssBytes(), 0);
  });

  it('that takes more memory than it may is ended', async (t) => {
    const { program } = await start(t, `${process.execPath} -e "globalThis.all = Buffer.alloc(100e6, 1); setInterval(() => 0, 1000)"`);
    const memory = watchMemory(program, null, 90e6);
    t.after(() => { memory.stop(); });
    assert.equal((await program.exited).code, 137);
    assert.ok(memory.exceeded());
  });

  it('tells its exit code on a full disk too', async (t) => {
    const disk = await mountSmallDisk(t, '1m');
    if (disk === null) { t.skip('this machine lets us mount no disk'); return; }
    const { program } = await start(t, `until [ -e ${disk}/full ]; do sleep 0.05; done; exit 7`, disk);
    assert.throws(() => { writeFileSync(join(disk, 'filler'), Buffer.alloc(2 * 1024 * 1024)); }, { code: 'ENOSPC' });
    mkdirSync(join(disk, 'full'));
    assert.equal((await program.exited).code, 7);
  });

  it('ends by the signal that it was told before it had begun', async (t) => {
    const { program } = await start(t, 'sleep 1000');
    program.drain(10);
    assert.equal((await program.exited).code, 143);
  });
});
