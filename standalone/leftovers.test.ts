import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { makeTemp } from '../test/kit/temp.ts';
import { until } from '../test/kit/wait.ts';
import { endLeftovers, recordProcesses } from './leftovers.ts';

function startProgram(t: TestContext, source: string): ChildProcess & { pid: number } {
  const child = spawn(process.execPath, ['-e', `${source}; setInterval(() => {}, 1000); process.stdout.write('up')`], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => { child.kill('SIGKILL'); });
  return child as ChildProcess & { pid: number };
}

const untilUp = (child: ChildProcess): Promise<void> => new Promise((resolve) => { child.stdout?.once('data', () => { resolve(); }); });
const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

describe('what a killed supervisor leaves behind', () => {
  it('is ended: ours first, then NATS, then PostgreSQL by the signal that shuts it down fast', async (t) => {
    const dir = await makeTemp(t, 'slip-left-');
    const log = join(dir, 'log');
    const noting = (name: string): string => `for (const s of ['SIGTERM', 'SIGINT']) process.on(s, () => { require('fs').appendFileSync(${JSON.stringify(log)}, '${name} ' + s + '\\n'); process.exit() })`;
    const [postgres, gateway, nats] = ['postgres', 'gateway', 'nats'].map((name) => startProgram(t, noting(name)));
    assert.ok(postgres && gateway && nats);
    await Promise.all([postgres, gateway, nats].map(untilUp));
    const file = join(dir, 'processes.json');
    assert.equal(recordProcesses(file, new Map([['postgres', postgres.pid], ['gateway', gateway.pid], ['nats', nats.pid]])), true);
    assert.deepEqual((await endLeftovers(file)).sort(), ['gateway', 'nats', 'postgres']);
    assert.equal(readFileSync(log, 'utf8'), 'gateway SIGTERM\nnats SIGTERM\npostgres SIGINT\n');
    await until(() => [postgres, gateway, nats].every(hasEnded), { within: 60_000, what: () => 'all have ended' });
  });

  it('does not touch a process that has got an old one\'s number', async (t) => {
    const dir = await makeTemp(t, 'slip-left-');
    const stranger = startProgram(t, '');
    await untilUp(stranger);
    writeFileSync(join(dir, 'processes.json'), JSON.stringify({ gateway: { pid: stranger.pid, started: 'another time' } }));
    assert.deepEqual(await endLeftovers(join(dir, 'processes.json')), []);
    assert.equal(hasEnded(stranger), false);
  });

  it('is nothing after a clean stop, and a record that is cut off is as none', async (t) => {
    const dir = await makeTemp(t, 'slip-left-');
    assert.deepEqual(await endLeftovers(join(dir, 'processes.json')), []);
    writeFileSync(join(dir, 'processes.json'), '{"gateway":{"pi');
    assert.deepEqual(await endLeftovers(join(dir, 'processes.json')), []);
  });

  it('cannot be written down on a full disk, which ends nothing that runs', async (t) => {
    const dir = await makeTemp(t, 'slip-left-');
    assert.equal(recordProcesses(join(dir, 'missing/processes.json'), new Map()), false);
  });
});
