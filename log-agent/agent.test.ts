import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { appendFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import pino from 'pino';
import { answer } from '../bus/ask.ts';
import type { Bus } from '../bus/connect.ts';
import { logEnsure } from '../bus/log.ts';
import type { LogBatch } from '../bus/log.ts';
import { getLastLogBatch, makeLogStream } from '../bus/log-store.ts';
import { createLocalLogSources } from '../cluster/local/log-sources.ts';
import { openCriFile } from '../cri/cri-file.ts';
import type { CriFile, CriFileOptions } from '../cri/cri-file.ts';
import { childEnv } from '../test/kit/child-env.ts';
import { startNats } from '../test/kit/nats.ts';
import type { TestNats } from '../test/kit/nats.ts';
import { readStoredLog } from '../test/kit/stored-log.ts';
import { makeTemp } from '../test/kit/temp.ts';
import { until } from '../test/kit/wait.ts';
import { startLogAgent } from './agent.ts';

/** The machine may be busy with other tests. */
const within = 60_000;

interface World { nats: TestNats; gateway: Bus; dir: string; appId: string; retention: number; open(sourceId?: string, options?: CriFileOptions): CriFile; start(): Promise<{ stop(): Promise<void> }>; sourceDir(sourceId?: string): string }

async function createWorld(t: TestContext): Promise<World> {
  const nats = await startNats(t);
  const gateway = await nats.bus('gateway');
  const dir = await makeTemp(t, 'slip-logs-');
  const appId = randomUUID();
  const world: World = {
    nats, gateway, dir, appId, retention: 512 * 1024 * 1024,
    sourceDir: (sourceId = 'replica-1') => join(dir, appId, 'APP', sourceId),
    open: (sourceId = 'replica-1', options = {}) => openCriFile(world.sourceDir(sourceId), { appId, source: 'APP', sourceId, process: 'web', replica: 'web.1', release: 3, build: null }, options),
    start: async () => {
      const log = pino({ level: process.env.TEST_LOG ?? 'silent' });
      const agent = await startLogAgent({ bus: await nats.bus('log-agent'), sources: createLocalLogSources(dir, log), log });
      t.after(() => agent.stop());
      return agent;
    },
  };
  answer(gateway, logEnsure, async () => { await makeLogStream(gateway, appId, world.retention); return {}; }, (error) => { throw error; });
  await makeLogStream(gateway, appId, world.retention);
  await gateway.nc.flush();
  return world;
}

/** All that is in the stream. */
const readStream = ({ gateway, appId }: World): Promise<LogBatch[]> => readStoredLog(gateway, appId);
const texts = (batches: LogBatch[]): string[] => batches.flatMap((batch) => batch.lines.map((line) => line[3]));
async function untilLines(world: World, count: number): Promise<LogBatch[]> {
  let batches: LogBatch[] = [];
  await until(async () => { batches = await readStream(world); return texts(batches).length >= count; }, { within, what: () => `${count} lines have come; ${texts(batches).length} did` });
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
    await until(async () => (await readStream(world)).some((batch) => batch.end), { within, what: () => 'the end has come' });
    const own = batches.filter((batch) => texts([batch])[0] !== 'from before the agent');
    assert.deepEqual(own.flatMap((batch) => batch.lines.map((line) => line.slice(1))), [['o', 'i', 'one'], ['e', 'e', 'two'], ['o', 'w', '{"level":"warn"}'], ['o', 'i', 'half']]);
    assert.deepEqual({ ...own[0], lines: 0, position: 0 }, { source: 'APP', process: 'web', replica: 'web.1', release: 3, build: null, lines: 0, position: 0 });
    early.close(false);
  });

  it('keeps lines up to 64 KiB whole, splits and marks longer ones, and keeps what is not UTF-8 as replacement characters', async (t) => {
    const world = await createWorld(t);
    await world.start();
    const file = world.open();
    const whole = `${'ä'.repeat(32 * 1024 - 1)}zz`;
    const long = 'l'.repeat(64 * 1024 + 1);
    const endless = 'e'.repeat(300 * 1024);
    for (const text of [whole, long, endless]) file.write('stdout', Buffer.from(`${text}\n`));
    file.write('stdout', Buffer.from([0x61, 0xff, 0xc3, 0x62, 0x0a]));
    file.write('stdout', Buffer.from('\u001b[31mred\u0000\n\n'));
    file.line('stdout', 'last');
    let lines: LogBatch['lines'] = [];
    await until(async () => { lines = (await readStream(world)).flatMap((batch) => batch.lines); return lines.at(-1)?.[3] === 'last'; }, { within, what: () => 'the last line has come' });
    assert.ok(lines[0]?.[3] === whole && lines[0][4] === undefined);
    assert.deepEqual(lines.slice(1, 3).map((line) => [line[3].length, line[4]]), [[64 * 1024, 1], [1, undefined]]);
    const rest = lines.slice(3);
    const parts = rest.slice(0, rest.findIndex((line) => line[4] === undefined) + 1);
    assert.equal(parts.map((line) => line[3]).join(''), endless);
    assert.ok(parts.every((line) => line[3].length <= 64 * 1024));
    assert.deepEqual(rest.slice(parts.length).map((line) => line[3]), ['a\ufffd\ufffdb', '\u001b[31mred\u0000', '', 'last']);
  });

  it('joins the parts of lines of two streams that lie between each other, also when it starts anew in the middle', async (t) => {
    const world = await createWorld(t);
    const dir = world.sourceDir();
    world.open().close(false);
    const write = (text: string): Promise<void> => appendFile(join(dir, '0.log'), text);
    const at = '2026-11-24T12:00:00.000000000Z';
    await write(`${at} stdout P:0 one-\n${at} stderr F two\n${at} stderr P three-\n`);
    const first = await world.start();
    await untilLines(world, 1);
    await first.stop();
    await write(`${at} stdout F one\n${at} stdout F four\n`);
    const second = await world.start();
    await untilLines(world, 3);
    await second.stop();
    await write(`${at} stderr F three\n`);
    await world.start();
    assert.deepEqual(texts(await untilLines(world, 4)), ['two', 'one-one', 'four', 'three-three']);
  });

  it('reads on through rotations, and tells how many lines were rotated away unread', async (t) => {
    const world = await createWorld(t);
    const agent = await world.start();
    const file = world.open('replica-1', { maxBytes: 20_000, keep: 3 });
    let written = 0;
    const write = (count: number): void => { for (let i = 0; i < count; i++) file.line('stdout', `line ${written++}`.padEnd(100, '.')); };
    for (let i = 0; i < 20; i++) { write(100); await untilLines(world, written); }
    assert.equal((await readStream(world)).filter((batch) => batch.gap).length, 0);
    await agent.stop();
    write(2_000);
    await world.start();
    await until(async () => texts(await readStream(world)).at(-1)?.startsWith(`line ${written - 1}.`) === true, { within, what: () => 'the last line has come' });
    const batches = await readStream(world);
    const told = batches.flatMap((batch) => (batch.gap ? [batch.gap] : []));
    assert.deepEqual(told.map((gap) => gap.reason), ['ROTATED']);
    assert.equal(texts(batches).length + (told[0]?.lines ?? 0), written);
  });

  it('sends an end once, remembers it without the stream, and tells of a source whose files somebody deleted', async (t) => {
    const world = await createWorld(t);
    const agent = await world.start();
    const file = world.open('ends');
    file.line('stdout', 'bye');
    file.close(true);
    const lost = world.open('lost');
    lost.line('stdout', 'hello');
    await untilLines(world, 2);
    // The agent may write its position there just now.
    await rm(world.sourceDir('lost'), { recursive: true, maxRetries: 20, retryDelay: 50 });
    const ends = async (): Promise<LogBatch[]> => (await readStream(world)).filter((batch) => batch.end);
    await until(async () => (await ends()).length === 2, { within, what: () => 'both ends have come' });
    assert.deepEqual((await ends()).map((batch) => batch.gap), [undefined, { lines: null, reason: 'SOURCE_LOST' }]);
    await agent.stop();
    assert.ok((await readdir(world.sourceDir('ends'))).includes('position.json'));
    await world.gateway.jsm.streams.purge(`LOGS_${world.appId}`);
    await world.start();
    world.open('other').line('stdout', 'other');
    assert.deepEqual(texts(await untilLines(world, 1)), ['other']);
    assert.equal((await ends()).length, 0);
  });

  it('goes on where it was when retention dropped the last batch of a quiet source', async (t) => {
    const world = await createWorld(t);
    const first = await world.start();
    const file = world.open('quiet');
    file.line('stdout', 'one');
    await untilLines(world, 1);
    await world.gateway.jsm.streams.purge(`LOGS_${world.appId}`);
    file.line('stdout', 'two');
    assert.deepEqual(texts(await untilLines(world, 1)), ['two']);
    await first.stop();
    await world.gateway.jsm.streams.purge(`LOGS_${world.appId}`);
    file.line('stdout', 'three');
    await world.start();
    assert.deepEqual(texts(await untilLines(world, 1)), ['three']);
  });

  it('makes the stream anew where NATS lost it, and drops the lines of an app that is gone', async (t) => {
    const world = await createWorld(t);
    await world.start();
    const file = world.open();
    file.line('stdout', 'one');
    await untilLines(world, 1);
    await world.gateway.jsm.streams.delete(`LOGS_${world.appId}`);
    file.line('stdout', 'two');
    assert.deepEqual(texts(await untilLines(world, 1)), ['two']);
  });

  it('reads no source whose metadata is about another one', async (t) => {
    const world = await createWorld(t);
    await world.start();
    const dir = world.sourceDir('thief');
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, '0.log'), '2026-11-24T12:00:00.0Z stdout F:0 stolen\n');
    await writeFile(join(dir, 'meta.json'), JSON.stringify({ appId: randomUUID(), source: 'APP', sourceId: 'thief', process: null, replica: null, release: null, build: null }));
    world.open('good').line('stdout', 'good');
    assert.deepEqual(texts(await untilLines(world, 1)), ['good']);
  });

  it('lets no flooding source hold back the lines of others', async (t) => {
    const world = await createWorld(t);
    const flood = world.open('flood', { maxBytes: 100 * 1024 * 1024 });
    const line = `${'f'.repeat(200)}\n`.repeat(5_000);
    for (let i = 0; i < 20; i++) flood.write('stdout', Buffer.from(line));
    const quiet = world.open('quiet');
    quiet.line('stdout', 'quiet');
    await world.start();
    await untilLines(world, 1);
    await until(async () => texts(await readStream(world)).includes('quiet'), { within, what: () => 'the quiet line has come' });
    const before = texts(await readStream(world)).indexOf('quiet');
    assert.ok(before < 50_000, `${before} of 100,000 lines of the flood came first`);
  });

  it('sends no line twice where two agents follow the same files', async (t) => {
    const world = await createWorld(t);
    await world.start();
    await world.start();
    const file = world.open();
    for (let i = 0; i < 3_000; i++) {
      file.line('stdout', `line ${i}`);
      if (i % 300 === 299) await untilLines(world, i + 1);
    }
    assert.deepEqual(texts(await untilLines(world, 3_000)), Array.from({ length: 3_000 }, (_, index) => `line ${index}`));
  });

  it('killed again and again, and NATS with it, while files rotate: lines written are lines stored and told gaps, none twice, in order', async (t) => {
    const world = await createWorld(t);
    let agent = spawnAgent(world);
    t.after(async () => { await kill(agent); });
    const file = world.open('replica-1', { maxBytes: 100_000, keep: 5 });
    let written = 0;
    const burst = (): void => {
      const count = 200 + Math.floor(Math.random() * 2_000);
      let chunk = '';
      for (let i = 0; i < count; i++) chunk += `line ${written++} ${'x'.repeat(Math.floor(Math.random() * 200))}\n`;
      file.write('stdout', Buffer.from(chunk));
    };
    const writing = setInterval(burst, 20);
    t.after(async () => { clearInterval(writing); });
    let stored = 0;
    for (let round = 0; round < 10; round++) {
      const at = stored + 1 + Math.floor(Math.random() * 3_000);
      await until(async () => { stored = await lastLine(world); return stored >= at; }, { within, what: () => `line ${at} is stored; ${stored} is` });
      await kill(agent);
      if (round % 4 === 3) await world.nats.restart();
      agent = spawnAgent(world);
    }
    clearInterval(writing);
    file.close(true);
    await until(async () => (await lastBatch(world))?.end === true, { within: 120_000, what: () => 'the end has come' });
    const numbers = texts(await readStream(world)).map((text) => Number(text.split(' ')[1]));
    assert.equal(new Set(numbers).size, numbers.length, 'a line came twice');
    assert.deepEqual(numbers, numbers.toSorted((a, b) => a - b), 'lines came out of order');
    const told = (await readStream(world)).reduce((sum, batch) => sum + (batch.gap?.lines ?? 0), 0);
    assert.equal(numbers.length + told, written, `${numbers.length} stored, ${told} told, ${written} written`);
    assert.equal((await readStream(world)).filter((batch) => batch.end).length, 1);
    t.diagnostic(`${written} written, ${told} told`);
  });
});

async function lastBatch({ gateway, appId }: World): Promise<LogBatch | null> {
  const stored = await getLastLogBatch(gateway, appId, `logs.${appId}.APP.replica-1`).catch(() => null);
  return stored && JSON.parse(Buffer.from(stored.data).toString()) as LogBatch;
}

async function lastLine(world: World): Promise<number> {
  const last = await lastBatch(world);
  const text = last ? texts([last]).at(-1) : undefined;
  return Number(text?.split(' ')[1] ?? 0);
}

function spawnAgent({ nats, dir }: World): ChildProcess {
  return spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    stdio: ['ignore', 'ignore', 'inherit'], env: { ...childEnv(), NATS_URL: nats.url, SLIPWAY_NATS_SEED_FILE: nats.seedFile('log-agent'), SLIPWAY_LOG_DIR: dir },
  });
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => { child.once('exit', resolve); });
  child.kill('SIGKILL');
  await ended;
}
