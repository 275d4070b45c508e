import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { notify } from '../../bus/ask.ts';
import { appChanged } from '../../bus/app.ts';
import { startGateway } from '../../test/kit/gateway.ts';
import type { TestGateway } from '../../test/kit/gateway.ts';
import { caughtUp, createLogSource, createLogWorld, ended, numbered, readLog } from '../../test/kit/log-world.ts';
import { until } from '../../test/kit/wait.ts';
import { requireBuildLog } from './build.ts';
import { decodeLogCursor } from './cursor.ts';
import type { LogEvent } from './event.ts';
import { logHubs } from './hubs.ts';
import { followLog } from './read.ts';

const closers: (() => Promise<void>)[] = [];
let gateway: TestGateway;
before(async () => { gateway = await startGateway({ after: (close) => { closers.push(close); } }); });
after(async () => { for (const close of closers.toReversed()) await close(); });

describe('reading a log', () => {
  it('gives what is stored, says so, and goes on with what comes', async (t) => {
    const world = await createLogWorld(gateway);
    const source = createLogSource(world);
    await source.write(['one', 'two']);
    const reader = await readLog(t, world);
    await reader.until(caughtUp);
    await source.write(['three']);
    await reader.until((self) => self.lines().length === 3);
    assert.deepEqual(reader.lines(), ['one', 'two', 'three']);
    assert.deepEqual(reader.events.map((event) => event.type), ['LogBatch', 'LogCaughtUp', 'LogBatch']);
  });

  it('waits where nothing was ever written, and frees all when its last reader leaves', async (t) => {
    const world = await createLogWorld(gateway);
    const [first, second] = [await readLog(t, world), await readLog(t, world)];
    await first.until(caughtUp);
    await createLogSource(world).write(['hello']);
    await first.until((self) => self.lines().length === 1);
    await second.until((self) => self.lines().length === 1);
    assert.equal(logHubs(world.platform).size(), 1);
    await first.stop();
    assert.equal(logHubs(world.platform).size(), 1);
    await second.stop();
    assert.equal(logHubs(world.platform).size(), 0);
  });

  it('resumed at any cursor gives the same lines as one uninterrupted read, gaps among them', async (t) => {
    const world = await createLogWorld(gateway);
    const [a, b] = [createLogSource(world, 'APP', 'a'), createLogSource(world, 'ROUTER', 'b')];
    await a.write(['a0', 'a1', 'a2']);
    await b.write(['b0'], { gap: { lines: 5, reason: 'ROTATED' } });
    await a.write([], { gap: { lines: 1, reason: 'RATE' } });
    await b.write(['b1', 'b2', 'b3']);
    await a.write(['a3']);
    const flat = (events: LogEvent[]): [string, string][] => events.flatMap((event): [string, string][] => {
      if (event.type === 'LogBatch') return event.lines.map((line) => [line.cursor, line.text]);
      return event.type === 'LogGap' ? [[event.cursor, `gap ${event.lines}`]] : [];
    });
    const whole = await readLog(t, world, { last: 1_000 });
    await whole.until(caughtUp);
    const all = flat(whole.events);
    assert.deepEqual(all.map(([, what]) => what), ['a0', 'a1', 'a2', 'gap 5', 'b0', 'gap 1', 'b1', 'b2', 'b3', 'a3']);
    for (const [index, [cursor]] of all.entries()) {
      const resumed = await readLog(t, world, { after: decodeLogCursor(cursor) });
      await resumed.until(caughtUp);
      assert.deepEqual(flat(resumed.events), all.slice(index + 1), `after entry ${index}`);
    }
    for (const event of whole.events) {
      if (event.type === 'LogEnd') continue;
      const resumed = await readLog(t, world, { after: decodeLogCursor(event.cursor) });
      await resumed.until(caughtUp);
      const seen = flat(whole.events.slice(0, whole.events.indexOf(event) + 1)).length;
      assert.deepEqual(flat(resumed.events), all.slice(seen), `after event ${event.type}`);
    }
  });

  it('begins with the last lines that match, or with those since a time', async (t) => {
    const world = await createLogWorld(gateway);
    const [web, worker] = [createLogSource(world, 'APP', 'a', { process: 'web' }), createLogSource(world, 'APP', 'b', { process: 'worker' })];
    for (let i = 0; i < 50; i++) { await web.write(numbered(i * 3, i * 3 + 3)); await worker.write([`work ${i}`]); }
    const last = await readLog(t, world, { last: 4 });
    await last.until(caughtUp);
    assert.deepEqual(last.lines(), ['line 147', 'line 148', 'line 149', 'work 49']);
    const filtered = await readLog(t, world, { last: 40, filter: { processes: ['worker'] } });
    await filtered.until(caughtUp);
    assert.deepEqual(filtered.lines(), Array.from({ length: 40 }, (_, index) => `work ${index + 10}`));
    const searched = await readLog(t, world, { last: 2, filter: { search: 'LINE 1', sources: ['APP'] } });
    await searched.until(caughtUp);
    assert.deepEqual(searched.lines(), ['line 148', 'line 149']);
    const since = new Date();
    await web.write(['after'], { lines: [[since.getTime() - 5, 'o', 'i', 'before'], [since.getTime() + 1, 'o', 'i', 'after']] });
    const recent = await readLog(t, world, { since });
    await recent.until(caughtUp);
    assert.deepEqual(recent.lines(), ['after']);
  });

  it('ends a build\'s log with its end, also where the subscription came first', async (t) => {
    const world = await createLogWorld(gateway);
    const build = await world.platform.db.build.create({ data: { appId: world.appId, number: 1, commit: 'c'.repeat(40), branch: 'main', sourceDigest: 'd', requestedById: world.ownerId } });
    const { build: log } = await requireBuildLog(world.platform, { userId: world.ownerId, email: '', apiKeyId: '', sessionId: null, scopes: ['ADMIN'], appId: null, administrator: false }, build.id);
    const early = await readLog(t, world, { build: log });
    await early.until(caughtUp);
    const [own, other] = [createLogSource(world, 'BUILD', build.id, { build: build.id }), createLogSource(world)];
    await other.write(['noise']);
    await own.write(['Building']);
    await other.write(['noise']);
    await own.write(['Done'], { end: true });
    await early.until(ended);
    assert.deepEqual(early.lines(), ['Building', 'Done']);
    assert.deepEqual(early.events.at(-1), { type: 'LogEnd', reason: 'COMPLETE' });
    const late = await readLog(t, world, { build: log });
    await late.until(ended);
    assert.deepEqual(late.lines(), ['Building', 'Done']);
    assert.deepEqual(late.gaps(), []);
  });

  it('ends when the app is deleted, and when the server stops', async (t) => {
    const world = await createLogWorld(gateway);
    const stop = new AbortController();
    const [reader, stopped] = [await readLog(t, world), await readLog(t, world, { signal: stop.signal })];
    await reader.until(caughtUp);
    stop.abort();
    await stopped.until(ended);
    assert.deepEqual(stopped.events.at(-1), { type: 'LogEnd', reason: 'SERVER_RESTARTS' });
    await world.platform.db.app.update({ where: { id: world.appId }, data: { deletedAt: new Date() } });
    notify(world.platform.bus, appChanged, { appId: world.appId });
    await reader.until(ended);
    assert.deepEqual(reader.events.at(-1), { type: 'LogEnd', reason: 'APP_DELETED' });
  });

  it('holds nothing for a slow reader, who then gets every line that is still there, in order', async (t) => {
    const world = await createLogWorld(gateway);
    const source = createLogSource(world);
    await source.write(['line 0']);
    const iterator = await followLog(world.platform, { appId: world.appId, signal: new AbortController().signal, isRestart: () => false });
    t.after(async () => { await iterator.return?.(); });
    assert.equal((await iterator.next()).value?.type, 'LogBatch');
    for (let i = 0; i < 80; i++) await source.write(numbered(i * 10 + 1, i * 10 + 11, 'x'.repeat(5_000)));
    const seen: number[] = [];
    let gaps = 0;
    while (seen.at(-1) !== 800) {
      const { value } = await iterator.next() as { value: LogEvent };
      if (value.type === 'LogGap') gaps++;
      if (value.type === 'LogBatch') {
        assert.ok(value.lines.length <= 4_000);
        seen.push(...value.lines.map((line) => Number(/\d+/.exec(line.text)?.[0])));
      }
    }
    assert.equal(gaps, 1);
    assert.deepEqual(seen, Array.from({ length: 800 - (seen[0] as number) + 1 }, (_, index) => (seen[0] as number) + index));
  });

  it('goes on by itself after NATS was killed and came back', async (t) => {
    const world = await createLogWorld(gateway);
    const source = createLogSource(world);
    await source.write(['before']);
    const reader = await readLog(t, world);
    await reader.until(caughtUp);
    await world.gateway.nats.restart();
    await until(async () => { await source.write(['after']); return true; }, { within: 20_000, what: () => 'NATS takes batches again' });
    await reader.until((self) => self.lines().includes('after'));
    assert.deepEqual(reader.lines(), ['before', 'after']);
    assert.deepEqual(reader.gaps(), []);
  });
});
