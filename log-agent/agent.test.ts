import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import pino from 'pino';
import { answer } from '../bus/ask.ts';
import type { Bus } from '../bus/connect.ts';
import { logEnsure } from '../bus/log.ts';
import type { LogBatch } from '../bus/log.ts';
import { getLogBatch, makeLogStream } from '../bus/log-store.ts';
import { openCriFile } from '../cri/cri-file.ts';
import type { CriFile, CriFileOptions } from '../cri/cri-file.ts';
import { startNats } from '../test/kit/nats.ts';
import type { TestNats } from '../test/kit/nats.ts';
import { makeTemp } from '../test/kit/temp.ts';
import { until } from '../test/kit/wait.ts';
import { startLogAgent } from './agent.ts';

interface World { nats: TestNats; gateway: Bus; dir: string; appId: string; retention: number; open(sourceId?: string, options?: CriFileOptions): CriFile; start(): Promise<{ stop(): Promise<void> }>; sourceDir(sourceId?: string): string }

async function createWorld(t: TestContext): Promise<World> {
  const nats = await startNats(t);
  const gateway = await nats.bus('gateway');
  const dir = await makeTemp(t, 'slip-logs-');
  const appId = randomUUID();
  const world: World = {
    nats, gateway, dir, appId, retention: 64 * 1024 * 1024,
    sourceDir: (sourceId = 'replica-1') => join(dir, appId, 'APP', sourceId),
    open: (sourceId = 'replica-1', options = {}) => openCriFile(world.sourceDir(sourceId), { appId, source: 'APP', sourceId, process: 'web', replica: 'web.1', release: 3, build: null }, options),
    start: async () => {
      const agent = await startLogAgent({ bus: await nats.bus('log-agent'), dir, log: pino({ level: process.env.TEST_LOG ?? 'silent' }) });
      t.after(() => agent.stop());
      return agent;
    },
  };
  answer(gateway, logEnsure, async () => { await makeLogStream(gateway, appId, world.retention); return {}; }, (error) => { throw error; });
  await gateway.nc.flush();
  return world;
}

/** All that is in the stream. */
async function readStream({ gateway, appId }: World, from = 1): Promise<LogBatch[]> {
  const batches: LogBatch[] = [];
  for (let seq = from; ;) {
    const stored = await getLogBatch(gateway, appId, seq).catch(() => null);
    if (!stored) return batches;
    batches.push(JSON.parse(Buffer.from(stored.data).toString()) as LogBatch);
    seq = stored.seq + 1;
  }
}
const texts = (batches: LogBatch[]): string[] => batches.flatMap((batch) => batch.lines.map((line) => line[3]));
async function untilLines(world: World, count: number): Promise<LogBatch[]> {
  let batches: LogBatch[] = [];
  await until(async () => { batches = await readStream(world); return texts(batches).length >= count; }, { within: 20_000, what: () => `${count} lines have come; ${texts(batches).length} did` });
  return batches;
}

describe('the log agent', () => {
  it('sends what sources write, with what their metadata says, and their end', async (t) => {
    const world = await createWorld(t);
    const early = world.open('before');
    early.line('stdout', 'from before the agent');
    await world.start();
    const file = world.open('replica-1');
    file.line('stdout', 'one');
    file.line('stderr', 'two');
    file.write('stdout', Buffer.from('{"level":"warn"}\nhalf'));
    await untilLines(world, 4);
    file.close(true);
    const batches = await untilLines(world, 5);
    await until(async () => (await readStream(world)).some((batch) => batch.end), { within: 10_000, what: () => 'the end has come' });
    const own = batches.filter((batch) => texts([batch])[0] !== 'from before the agent');
    assert.deepEqual(own.flatMap((batch) => batch.lines.map((line) => line.slice(1))), [['o', 'i', 'one'], ['e', 'e', 'two'], ['o', 'w', '{"level":"warn"}'], ['o', 'i', 'half']]);
    assert.deepEqual({ ...own[0], lines: 0, position: 0 }, { source: 'APP', process: 'web', replica: 'web.1', release: 3, build: null, lines: 0, position: 0 });
    early.close(false);
  });
});
