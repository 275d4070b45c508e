import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { notify } from '../bus/ask.ts';
import { appChanged } from '../bus/app.ts';
import { logSubject } from '../bus/log.ts';
import type { LogBatch } from '../bus/log.ts';
import { LogConflict, publishLogBatch, removeLogStream } from '../bus/log-store.ts';
import { startGateway } from '../test/kit/gateway.ts';
import type { TestGateway } from '../test/kit/gateway.ts';
import { until } from '../test/kit/wait.ts';
import { archiveAppLog } from './log-archive.ts';
import { requireBuildLog } from './log-build.ts';
import { decodeLogCursor, encodeLogCursor } from './log-cursor.ts';
import { logHubs } from './log-hubs.ts';
import { readLogPage } from './log-page.ts';
import { followLog } from './log-read.ts';
import type { LogEvent, LogRequest } from './log-read.ts';
import { ensureLogStream } from './log-stream.ts';
import type { Platform } from './platform.ts';

interface World { gateway: TestGateway; platform: Platform; appId: string; ownerId: string }

const closers: (() => Promise<void>)[] = [];
let gateway: TestGateway;
before(async () => { gateway = await startGateway({ after: (close) => { closers.push(close); } }); });
after(async () => { for (const close of closers.toReversed()) await close(); });

/** An app of its own; database and NATS are shared. */
async function createWorld(): Promise<World> {
  const { actor } = await gateway.createUser();
  const app = await gateway.platform.db.app.create({ data: { name: `app-${randomUUID().slice(0, 8)}`, ownerId: actor.userId } });
  return { gateway, platform: gateway.platform, appId: app.id, ownerId: actor.userId };
}

interface Source { write(lines: string[], more?: Partial<LogBatch>): Promise<void> }

/** A source as the log agent would send it; `count` lines before its first were lost where it is not 0. */
function createSource({ platform, appId }: World, source: LogBatch['source'] = 'APP', sourceId = 'replica-1', meta: Partial<LogBatch> = {}): Source {
  let [seq, n] = [0, 0];
  return {
    async write(lines, more = {}) {
      await ensureLogStream(platform, appId);
      const position = { s: n, n: n + lines.length + (more.gap?.lines ?? 0) };
      n = position.n;
      const batch: LogBatch = { source, process: 'web', replica: 'web.1', release: 1, build: null, position, lines: lines.map((text, index) => [1_000_000 + index, 'o', 'i', text]), ...meta, ...more };
      const publish = (expected: number): Promise<number> => publishLogBatch(platform.bus, logSubject(appId, source, sourceId), JSON.stringify(batch), expected);
      seq = await publish(seq).catch((error: unknown) => {
        // Retention dropped the subject's last batch.
        if (error instanceof LogConflict) return publish(0);
        throw error;
      });
    },
  };
}

interface Read { events: LogEvent[]; lines(): string[]; gaps(): [number | null, string][]; until(done: (read: Read) => boolean, what?: string): Promise<void>; stop(): Promise<void> }

/** Reads until stopped; a consumer that takes one event after the other. */
async function read(t: TestContext, { platform, appId }: World, request: Partial<LogRequest> = {}): Promise<Read> {
  const iterator = await followLog(platform, { appId, signal: new AbortController().signal, isRestart: () => true, ...request });
  const self: Read = {
    events: [],
    lines: () => self.events.flatMap((event) => (event.type === 'LogBatch' ? event.lines.map((line) => line.text) : [])),
    gaps: () => self.events.flatMap((event): [number | null, string][] => (event.type === 'LogGap' ? [[event.lines, event.reason]] : [])),
    until: (done, what = 'the events have come') => until(() => done(self), { within: 15_000, what: () => `${what}; there are ${JSON.stringify(self.events.map((event) => event.type === 'LogBatch' ? [event.lines.length, event.lines.at(-1)?.text.slice(0, 60)] : event)).slice(0, 2_000)}` }),
    stop: async () => { await iterator.return?.(); await loop; },
  };
  const loop = (async () => { for await (const event of iterator) self.events.push(event); })();
  loop.catch(() => undefined);
  t.after(() => self.stop());
  return self;
}
const caughtUp = (self: Read): boolean => self.events.some((event) => event.type === 'LogCaughtUp');
const ended = (self: Read): boolean => self.events.some((event) => event.type === 'LogEnd');
const numbered = (from: number, to: number, more = ''): string[] => Array.from({ length: to - from }, (_, index) => `line ${from + index}${more}`);

describe('reading a log', () => {
  it('gives what is stored, says so, and goes on with what comes', async (t) => {
    const world = await createWorld();
    const source = createSource(world);
    await source.write(['one', 'two']);
    const reader = await read(t, world);
    await reader.until(caughtUp);
    await source.write(['three']);
    await reader.until((self) => self.lines().length === 3);
    assert.deepEqual(reader.lines(), ['one', 'two', 'three']);
    assert.deepEqual(reader.events.map((event) => event.type), ['LogBatch', 'LogCaughtUp', 'LogBatch']);
  });

  it('waits where nothing was ever written, and frees all when its last reader leaves', async (t) => {
    const world = await createWorld();
    const [first, second] = [await read(t, world), await read(t, world)];
    await first.until(caughtUp);
    await createSource(world).write(['hello']);
    await first.until((self) => self.lines().length === 1);
    await second.until((self) => self.lines().length === 1);
    assert.equal(logHubs(world.platform).size(), 1);
    await first.stop();
    assert.equal(logHubs(world.platform).size(), 1);
    await second.stop();
    assert.equal(logHubs(world.platform).size(), 0);
  });

  it('resumed at any cursor gives the same lines as one uninterrupted read, gaps among them', async (t) => {
    const world = await createWorld();
    const [a, b] = [createSource(world, 'APP', 'a'), createSource(world, 'ROUTER', 'b')];
    await a.write(['a0', 'a1', 'a2']);
    await b.write(['b0'], { gap: { lines: 5, reason: 'ROTATED' } });
    await a.write([], { gap: { lines: 1, reason: 'RATE' } });
    await b.write(['b1', 'b2', 'b3']);
    await a.write(['a3']);
    const flat = (events: LogEvent[]): [string, string][] => events.flatMap((event): [string, string][] => {
      if (event.type === 'LogBatch') return event.lines.map((line) => [line.cursor, line.text]);
      return event.type === 'LogGap' ? [[event.cursor, `gap ${event.lines}`]] : [];
    });
    const whole = await read(t, world, { last: 1_000 });
    await whole.until(caughtUp);
    const all = flat(whole.events);
    assert.deepEqual(all.map(([, what]) => what), ['a0', 'a1', 'a2', 'gap 5', 'b0', 'gap 1', 'b1', 'b2', 'b3', 'a3']);
    for (const [index, [cursor]] of all.entries()) {
      const resumed = await read(t, world, { after: decodeLogCursor(cursor) });
      await resumed.until(caughtUp);
      assert.deepEqual(flat(resumed.events), all.slice(index + 1), `after entry ${index}`);
    }
    for (const event of whole.events) {
      if (event.type === 'LogEnd') continue;
      const resumed = await read(t, world, { after: decodeLogCursor(event.cursor) });
      await resumed.until(caughtUp);
      const seen = flat(whole.events.slice(0, whole.events.indexOf(event) + 1)).length;
      assert.deepEqual(flat(resumed.events), all.slice(seen), `after event ${event.type}`);
    }
  });

  it('begins with the last lines that match, or with those since a time', async (t) => {
    const world = await createWorld();
    const [web, worker] = [createSource(world, 'APP', 'a', { process: 'web' }), createSource(world, 'APP', 'b', { process: 'worker' })];
    for (let i = 0; i < 50; i++) { await web.write(numbered(i * 3, i * 3 + 3)); await worker.write([`work ${i}`]); }
    const last = await read(t, world, { last: 4 });
    await last.until(caughtUp);
    assert.deepEqual(last.lines(), ['line 147', 'line 148', 'line 149', 'work 49']);
    const filtered = await read(t, world, { last: 40, filter: { processes: ['worker'] } });
    await filtered.until(caughtUp);
    assert.deepEqual(filtered.lines(), Array.from({ length: 40 }, (_, index) => `work ${index + 10}`));
    const searched = await read(t, world, { last: 2, filter: { search: 'LINE 1', sources: ['APP'] } });
    await searched.until(caughtUp);
    assert.deepEqual(searched.lines(), ['line 148', 'line 149']);
    const since = new Date();
    await web.write(['after'], { lines: [[since.getTime() - 5, 'o', 'i', 'before'], [since.getTime() + 1, 'o', 'i', 'after']] });
    const recent = await read(t, world, { since });
    await recent.until(caughtUp);
    assert.deepEqual(recent.lines(), ['after']);
  });

  it('tells a gap where retention dropped lines, with where it begins and ends', async (t) => {
    const world = await createWorld();
    const source = createSource(world);
    await source.write(['first']);
    const first = await read(t, world);
    await first.until(caughtUp);
    await first.stop();
    const { cursor } = first.events[0] as { cursor: string };
    for (let i = 0; i < 40; i++) await source.write(numbered(i * 10, i * 10 + 10, 'x'.repeat(5_000)));
    const resumed = await read(t, world, { after: decodeLogCursor(cursor) });
    await resumed.until(caughtUp);
    assert.deepEqual(resumed.gaps(), [[null, 'RETENTION']]);
    const gap = resumed.events[0];
    assert.ok(gap?.type === 'LogGap' && gap.from === cursor && gap.to === gap.cursor);
    const lines = resumed.lines().map((text) => Number(/\d+/.exec(text)?.[0]));
    assert.equal(lines.at(-1), 399);
    assert.deepEqual(lines, numbered(lines[0] as number, 400).map((text) => Number(text.slice(5))), 'no line is missing after the gap');
    assert.ok((lines[0] as number) > 0);
  });

  it('answers a cursor of an unknown epoch, or of a lost store, with a gap and the lines there are', async (t) => {
    const world = await createWorld();
    const source = createSource(world);
    await source.write(['old']);
    const live = await read(t, world);
    await live.until(caughtUp);
    const old = decodeLogCursor((live.events[0] as { cursor: string }).cursor);
    await removeLogStream(world.platform.bus, world.appId);
    const anew = createSource(world);
    await anew.write(['new']);
    await live.until((self) => self.lines().includes('new'), 'a live reader goes over to the new stream');
    assert.deepEqual(live.gaps(), [[null, 'LOG_STORE_LOST']]);
    for (const after of [old, { ...old, epoch: 1 }, { ...old, epoch: old.epoch + 1e9 }]) {
      const reader = await read(t, world, { after });
      await reader.until(caughtUp);
      assert.deepEqual(reader.gaps(), [[null, 'LOG_STORE_LOST']], encodeLogCursor(after));
      assert.deepEqual(reader.lines(), ['new']);
    }
  });

  it('crosses from the archive to the stream without loss or repeat, at every cursor', async (t) => {
    const world = await createWorld();
    const source = createSource(world);
    for (let i = 0; i < 60; i++) {
      await source.write(numbered(i * 10, i * 10 + 10, 'x'.repeat(5_000)));
      if (i % 5 === 0) await archiveAppLog(world.platform, world.appId);
    }
    assert.ok(await world.platform.db.logSegment.count({ where: { appId: world.appId } }) >= 3);
    const whole = await read(t, world, { last: 100_000 });
    await whole.until(caughtUp);
    const texts = whole.lines();
    assert.deepEqual(texts.map((text) => /^line \d+/.exec(text)?.[0]), numbered(0, 600));
    assert.deepEqual(whole.gaps(), []);
    const cursors = whole.events.flatMap((event) => (event.type === 'LogBatch' ? event.lines.map((line) => line.cursor) : []));
    for (let index = 0; index < cursors.length; index += 23) {
      const resumed = await read(t, world, { after: decodeLogCursor(cursors[index] as string) });
      await resumed.until(caughtUp);
      assert.deepEqual(resumed.gaps(), []);
      assert.deepEqual(resumed.lines(), texts.slice(index + 1));
      await resumed.stop();
    }
    const page = await readLogPage(world.platform, { appId: world.appId, before: cursors[300] ?? null, last: 7 });
    assert.deepEqual(page.lines.map((line) => line.text.split('x')[0]), numbered(293, 300));
    assert.deepEqual([page.hasPreviousPage, page.hasNextPage], [true, true]);
  });

  it('pages through what is stored by the cursors of lines, forward and back', async (t) => {
    const world = await createWorld();
    const source = createSource(world);
    for (let i = 0; i < 5; i++) await source.write(numbered(i * 10, i * 10 + 10));
    const forward: string[] = [];
    for (let after: string | null = null, more = true; more;) {
      const page = await readLogPage(world.platform, { appId: world.appId, first: 7, after });
      forward.push(...page.lines.map((line) => line.text));
      after = page.lines.at(-1)?.cursor ?? after;
      more = page.hasNextPage;
    }
    assert.deepEqual(forward, numbered(0, 50));
    const back: string[] = [];
    for (let before: string | null = null, more = true; more;) {
      const page = await readLogPage(world.platform, { appId: world.appId, last: 7, before });
      back.unshift(...page.lines.map((line) => line.text));
      before = page.lines[0]?.cursor ?? before;
      more = page.hasPreviousPage;
    }
    assert.deepEqual(back, numbered(0, 50));
  });

  it('ends a build\'s log with its end, also where the subscription came first', async (t) => {
    const world = await createWorld();
    const build = await world.platform.db.build.create({ data: { appId: world.appId, number: 1, commit: 'c'.repeat(40), branch: 'main', sourceDigest: 'd', requestedById: world.ownerId } });
    const { build: log } = await requireBuildLog(world.platform, { userId: world.ownerId, email: '', apiKeyId: '', scopes: ['ADMIN'], appId: null }, build.id);
    const early = await read(t, world, { build: log });
    await early.until(caughtUp);
    const [own, other] = [createSource(world, 'BUILD', build.id, { build: build.id }), createSource(world)];
    await other.write(['noise']);
    await own.write(['Building']);
    await other.write(['noise']);
    await own.write(['Done'], { end: true });
    await early.until(ended);
    assert.deepEqual(early.lines(), ['Building', 'Done']);
    assert.deepEqual(early.events.at(-1), { type: 'LogEnd', reason: 'COMPLETE' });
    const late = await read(t, world, { build: log });
    await late.until(ended);
    assert.deepEqual(late.lines(), ['Building', 'Done']);
    assert.deepEqual(late.gaps(), []);
  });

  it('tells how many of a build\'s lines retention dropped, and ends the log of a build that never ran', async (t) => {
    const world = await createWorld();
    const { db } = world.platform;
    const actor = { userId: world.ownerId, email: '', apiKeyId: '', scopes: ['ADMIN' as const], appId: null };
    const row = { appId: world.appId, commit: 'c'.repeat(40), branch: 'main', sourceDigest: 'd', requestedById: world.ownerId };
    const [build, canceled] = [await db.build.create({ data: { ...row, number: 1 } }), await db.build.create({ data: { ...row, number: 2, status: 'CANCELED', endedAt: new Date() } })];
    const [own, other] = [createSource(world, 'BUILD', build.id), createSource(world)];
    await own.write(['one', 'two', 'three']);
    for (let i = 0; i < 30; i++) await other.write(numbered(0, 10, 'x'.repeat(5_000)));
    await own.write(['four'], { end: true });
    const reader = await read(t, world, { build: (await requireBuildLog(world.platform, actor, build.id)).build });
    await reader.until(ended);
    assert.deepEqual(reader.gaps(), [[3, 'RETENTION']]);
    assert.deepEqual(reader.lines(), ['four']);
    const never = await read(t, world, { build: (await requireBuildLog(world.platform, actor, canceled.id)).build });
    await never.until(ended);
    assert.deepEqual([never.lines(), never.gaps()], [[], []]);
  });

  it('ends when the app is deleted, and when the server stops', async (t) => {
    const world = await createWorld();
    const stop = new AbortController();
    const [reader, stopped] = [await read(t, world), await read(t, world, { signal: stop.signal })];
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
    const world = await createWorld();
    const source = createSource(world);
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
    const world = await createWorld();
    const source = createSource(world);
    await source.write(['before']);
    const reader = await read(t, world);
    await reader.until(caughtUp);
    await world.gateway.nats.restart();
    await until(async () => { await source.write(['after']); return true; }, { within: 20_000, what: () => 'NATS takes batches again' });
    await reader.until((self) => self.lines().includes('after'));
    assert.deepEqual(reader.lines(), ['before', 'after']);
    assert.deepEqual(reader.gaps(), []);
  });
});
