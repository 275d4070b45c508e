import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { BlobStore } from '../../blobs/store.ts';
import { getLogStreamState, removeLogStream } from '../../bus/log-store.ts';
import { startGateway } from '../../test/kit/gateway.ts';
import type { TestGateway } from '../../test/kit/gateway.ts';
import { caughtUp, createLogSource, createLogWorld, ended, numbered, readLog } from '../../test/kit/log-world.ts';
import type { LogWorld } from '../../test/kit/log-world.ts';
import { archiveAppLog, archiveLogs, deleteLogSegments } from './archive.ts';
import { requireBuildLog } from './build.ts';
import { decodeLogCursor, encodeLogCursor, startOf } from './cursor.ts';
import { readLogPage } from './page.ts';
import type { LogPage, LogPageRequest } from './page.ts';
import { findArchiveStarts } from './segments.ts';
import { ensureLogStream } from './stream.ts';
import { sweepLogStreams } from './sweep.ts';

const closers: (() => Promise<void>)[] = [];
let gateway: TestGateway;
before(async () => { gateway = await startGateway({ after: (close) => { closers.push(close); } }); });
after(async () => { for (const close of closers.toReversed()) await close(); });

const readPage = async ({ platform, appId }: LogWorld, page: Pick<LogPageRequest, 'first' | 'last' | 'after' | 'before'>): Promise<LogPage> =>
  readLogPage(platform, { appId, ...page, archiveStart: (await findArchiveStarts(platform, [appId]))[0] ?? null });

/** Ten lines, 50 kB: some twenty of these parts are a stream full. */
const largePart = (i: number): string[] => numbered(i * 10, i * 10 + 10, 'x'.repeat(5_000));

describe('what is stored of a log', () => {
  it('tells a gap where retention dropped lines, with where it begins and ends', async (t) => {
    const world = await createLogWorld(gateway);
    const source = createLogSource(world);
    await source.write(['first']);
    const first = await readLog(t, world);
    await first.until(caughtUp);
    await first.stop();
    const { cursor } = first.events[0] as { cursor: string };
    for (let i = 0; i < 40; i++) await source.write(largePart(i));
    const resumed = await readLog(t, world, { after: decodeLogCursor(cursor) });
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
    const world = await createLogWorld(gateway);
    const source = createLogSource(world);
    await source.write(['old']);
    const live = await readLog(t, world);
    await live.until(caughtUp);
    const old = decodeLogCursor((live.events[0] as { cursor: string }).cursor);
    await removeLogStream(world.platform.bus, world.appId);
    const anew = createLogSource(world);
    await anew.write(['new']);
    await live.until((self) => self.lines().includes('new'), 'a live reader goes over to the new stream');
    assert.deepEqual(live.gaps(), [[null, 'LOG_STORE_LOST']]);
    for (const after of [old, { ...old, epoch: 1 }, { ...old, epoch: old.epoch + 1e9 }]) {
      const reader = await readLog(t, world, { after });
      await reader.until(caughtUp);
      assert.deepEqual(reader.gaps(), [[null, 'LOG_STORE_LOST']], encodeLogCursor(after));
      assert.deepEqual(reader.lines(), ['new']);
    }
  });

  it('crosses from the archive to the stream without loss or repeat, at every cursor', async (t) => {
    const world = await createLogWorld(gateway);
    const source = createLogSource(world);
    for (let i = 0; i < 60; i++) {
      await source.write(largePart(i));
      if (i % 5 === 0) await archiveAppLog(world.platform, world.appId);
    }
    assert.ok(await world.platform.db.logSegment.count({ where: { appId: world.appId } }) >= 3);
    const whole = await readLog(t, world, { last: 100_000 });
    await whole.until(caughtUp);
    const texts = whole.lines();
    assert.deepEqual(texts.map((text) => /^line \d+/.exec(text)?.[0]), numbered(0, 600));
    assert.deepEqual(whole.gaps(), []);
    const cursors = whole.events.flatMap((event) => (event.type === 'LogBatch' ? event.lines.map((line) => line.cursor) : []));
    for (let index = 0; index < cursors.length; index += 23) {
      const resumed = await readLog(t, world, { after: decodeLogCursor(cursors[index] as string) });
      await resumed.until(caughtUp);
      assert.deepEqual(resumed.gaps(), []);
      assert.deepEqual(resumed.lines(), texts.slice(index + 1));
      await resumed.stop();
    }
    const page = await readPage(world, { before: cursors[300] ?? null, last: 7 });
    assert.deepEqual(page.lines.map((line) => line.text.split('x')[0]), numbered(293, 300));
    assert.deepEqual([page.hasPreviousPage, page.hasNextPage], [true, true]);
  });

  it('pages through what is stored by the cursors of lines, forward and back', async () => {
    const world = await createLogWorld(gateway);
    const source = createLogSource(world);
    for (let i = 0; i < 5; i++) await source.write(numbered(i * 10, i * 10 + 10));
    const forward: string[] = [];
    for (let after: string | null = null, more = true; more;) {
      const page = await readPage(world, { first: 7, after });
      forward.push(...page.lines.map((line) => line.text));
      after = page.lines.at(-1)?.cursor ?? after;
      more = page.hasNextPage;
    }
    assert.deepEqual(forward, numbered(0, 50));
    const back: string[] = [];
    for (let before: string | null = null, more = true; more;) {
      const page = await readPage(world, { last: 7, before });
      back.unshift(...page.lines.map((line) => line.text));
      before = page.lines[0]?.cursor ?? before;
      more = page.hasPreviousPage;
    }
    assert.deepEqual(back, numbered(0, 50));
  });

  it('tells how many of a build\'s lines retention dropped, and ends the log of a build that never ran', async (t) => {
    const world = await createLogWorld(gateway);
    const { db } = world.platform;
    const actor = { userId: world.ownerId, email: '', apiKeyId: '', sessionId: null, scopes: ['ADMIN' as const], appId: null, administrator: false };
    const row = { appId: world.appId, commit: 'c'.repeat(40), branch: 'main', sourceDigest: 'd', requestedById: world.ownerId };
    const [build, canceled] = [await db.build.create({ data: { ...row, number: 1 } }), await db.build.create({ data: { ...row, number: 2, status: 'CANCELED', endedAt: new Date() } })];
    const [own, other] = [createLogSource(world, 'BUILD', build.id), createLogSource(world)];
    await own.write(['one', 'two', 'three']);
    for (let i = 0; i < 30; i++) await other.write(numbered(0, 10, 'x'.repeat(5_000)));
    await own.write(['four'], { end: true });
    const reader = await readLog(t, world, { build: (await requireBuildLog(world.platform, actor, build.id)).build });
    await reader.until(ended);
    assert.deepEqual(reader.gaps(), [[3, 'RETENTION']]);
    assert.deepEqual(reader.lines(), ['four']);
    const never = await readLog(t, world, { build: (await requireBuildLog(world.platform, actor, canceled.id)).build });
    await never.until(ended);
    assert.deepEqual([never.lines(), never.gaps()], [[], []]);
  });

  it('keeps an archive within its bounds, oldest out first, and tells what is gone', async (t) => {
    const world = await createLogWorld(gateway);
    const { platform, appId } = world;
    const source = createLogSource(world);
    const small = { ...platform, settings: { ...platform.settings, logArchiveBytes: 1 } };
    for (let i = 0; i < 40; i++) {
      await source.write(largePart(i));
      await archiveAppLog(small, appId);
    }
    assert.equal(await platform.db.logSegment.count({ where: { appId } }), 0);
    const whole = await readLog(t, world, { last: 100_000 });
    await whole.until(caughtUp);
    assert.ok(whole.lines().length < 400 && whole.lines().at(-1)?.startsWith('line 399'));
    const { epoch } = await ensureLogStream(platform, appId);
    const fromStart = await readLog(t, world, { after: startOf(epoch) });
    await fromStart.until(caughtUp);
    assert.deepEqual(fromStart.gaps(), [[null, 'RETENTION']]);
    assert.deepEqual(fromStart.lines(), whole.lines());
  });

  it('is archived where streams are filling, whatever becomes of another app\'s', async () => {
    const [full, another, quiet, gone] = [await createLogWorld(gateway), await createLogWorld(gateway), await createLogWorld(gateway), await createLogWorld(gateway)];
    for (const world of [full, another, gone]) {
      const source = createLogSource(world);
      for (let i = 0; i < 20; i++) await source.write(largePart(i));
    }
    await createLogSource(quiet).write(['quiet']);
    const { platform } = full;
    await platform.db.app.update({ where: { id: gone.appId }, data: { deletedAt: new Date() } });
    const archived = async (): Promise<string[]> => (await platform.db.logSegment.groupBy({ by: ['appId'], where: { appId: { in: [full, another, quiet, gone].map(({ appId }) => appId) } } })).map(({ appId }) => appId).sort();
    const both = [full.appId, another.appId].sort();

    const failed: string[] = [];
    const warn = ({ appId }: { appId: string }): void => { failed.push(appId); };
    const put: BlobStore['put'] = (...given) => (failed.length === 0 ? Promise.reject(new Error('no room')) : platform.blobs.put(...given));
    await archiveLogs({ ...platform, log: { warn } as never, blobs: { ...platform.blobs, put } });
    assert.equal(failed.length, 1);
    assert.deepEqual(await archived(), both.filter((appId) => !failed.includes(appId)));
    await archiveLogs(platform);
    assert.deepEqual(await archived(), both);
  });

  it('goes when its app goes: segments, blobs and stream', async () => {
    const [gone, stays] = [await createLogWorld(gateway), await createLogWorld(gateway)];
    const { platform, appId } = gone;
    const source = createLogSource(gone);
    for (let i = 0; i < 20; i++) await source.write(largePart(i));
    await archiveAppLog(platform, appId);
    const segment = await platform.db.logSegment.findFirstOrThrow({ where: { appId } });
    await deleteLogSegments(platform, appId);
    assert.equal(await platform.blobs.has('logs', segment.key), null);
    await createLogSource(stays).write(['stays']);
    await platform.db.app.update({ where: { id: appId }, data: { deletedAt: new Date() } });
    await sweepLogStreams(platform);
    assert.equal(await getLogStreamState(platform.bus, appId), null);
    assert.equal((await getLogStreamState(platform.bus, stays.appId))?.lastSeq, 1);
  });
});
