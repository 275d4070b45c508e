import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { answer, BusError, notify } from '../../bus/ask.ts';
import { buildCanceled, buildClaim, buildFinished, buildHeartbeat, buildHeld, buildQueued, buildStepsReported } from '../../bus/build.ts';
import type { BuildContext, BuildOutcome, BuildStep } from '../../bus/build.ts';
import type { Bus } from '../../bus/connect.ts';
import { nodeJobChanged, nodeJobForget, nodeJobStart, nodeJobState, nodeJobStop } from '../../bus/node.ts';
import type { JobState } from '../../bus/node.ts';
import { enqueue, ensureWork } from '../../bus/work.ts';
import { startNats } from '../../test/kit/nats.ts';
import type { TestNats } from '../../test/kit/nats.ts';
import { until } from '../../test/kit/wait.ts';

/** A gateway and a node that do as they are told, on the real bus. */
const world = {
  jobs: new Map<string, JobState>(), starts: [] as string[], stops: [] as string[], forgotten: [] as string[],
  steps: [] as { buildId: string; index: number; status: string }[], finished: new Map<string, BuildOutcome[]>(), claims: [] as string[], held: [] as string[],
  busy: new Set<string>(), unknown: new Set<string>(), lost: new Set<string>(), canceled: new Set<string>(),
};

const context = (buildId: string): BuildContext => ({
  buildId, appId: randomUUID(), appName: 'blog', number: 1, commit: 'c0ffee', clean: false, sourceUrl: 'http://127.0.0.1/source', sourceDigest: 'aa', slugPutUrl: 'http://127.0.0.1/slug', cacheUrl: null, cachePutUrl: 'http://127.0.0.1/cache',
  config: [], limits: { seconds: 1, memoryBytes: 1, diskBytes: 1, outputBytes: 1, slugBytes: 1 },
});
const step = (index: number, status: BuildStep['status']): BuildStep => ({ index, kind: 'FETCH', name: `step ${index}`, status, cacheHit: null, startedAt: new Date().toISOString(), endedAt: status === 'RUNNING' ? null : new Date().toISOString() });
const success: BuildOutcome = { status: 'SUCCEEDED', slug: { digest: 'ab'.repeat(32), size: 1, stack: 's', buildpacks: [], processTypes: [], image: null }, cacheDigest: null };

function answerAsWorld(gateway: Bus, node: Bus): void {
  const fail = (error: unknown): void => { throw error; };
  answer(gateway, buildClaim, async ({ buildId }) => {
    world.claims.push(buildId);
    if (world.busy.has(buildId)) throw new BusError('APP_BUSY', 'busy');
    if (world.unknown.has(buildId)) throw new BusError('NOT_CLAIMABLE', 'gone');
    return context(buildId);
  }, fail);
  answer(gateway, buildHeld, async () => ({ buildIds: world.held }), fail);
  answer(gateway, buildHeartbeat, async ({ buildId }) => ({ canceled: world.canceled.has(buildId), lost: world.lost.has(buildId) }), fail);
  // Who hears no answer in time tells the same once more, which the real gateway takes for once: only what differs from the last is another report.
  let lastReport = '';
  answer(gateway, buildStepsReported, async (report) => {
    if (JSON.stringify(report) === lastReport) return {};
    lastReport = JSON.stringify(report);
    for (const { index, status } of report.steps) world.steps.push({ buildId: report.buildId, index, status });
    return {};
  }, fail);
  answer(gateway, buildFinished, async ({ buildId, outcome }) => {
    const told = world.finished.get(buildId) ?? [];
    if (!isDeepStrictEqual(told.at(-1), outcome)) world.finished.set(buildId, [...told, outcome]);
    return {};
  }, fail);
  const job = (id: string): JobState => { const found = world.jobs.get(id); if (!found) throw new BusError('NOT_FOUND', id); return found; };
  answer(node, nodeJobStart, async ({ id }) => {
    world.starts.push(id);
    if (!world.jobs.has(id)) world.jobs.set(id, { id, status: 'RUNNING', exitCode: null, exitReason: null, lastLines: [], outcome: null, steps: [] });
    return job(id);
  }, fail);
  answer(node, nodeJobState, async ({ id }) => job(id), fail);
  answer(node, nodeJobForget, async ({ id }) => { job(id); world.forgotten.push(id); world.jobs.delete(id); return {}; }, fail);
  answer(node, nodeJobStop, async ({ id }) => { job(id); world.stops.push(id); change(node, id, { status: 'ENDED', outcome: { status: 'CANCELED' } }); return {}; }, fail);
}

function change(node: Bus, id: string, state: Partial<JobState>): void {
  const known = world.jobs.get(id);
  assert.ok(known, 'the job was started');
  world.jobs.set(id, { ...known, ...state });
  notify(node, nodeJobChanged, { id, appId: randomUUID() });
}

describe('the builder', () => {
  const cleanups: (() => Promise<void>)[] = [];
  let nats: TestNats;
  let gateway: Bus;
  let node: Bus;
  let builder: ChildProcess;
  let buildId = '';

  const startBuilder = async (): Promise<void> => {
    builder = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
      env: { ...process.env, NATS_URL: nats.url, SLIPWAY_NATS_SEED_FILE: nats.seedFile('build'), SLIPWAY_BUILDERS: '2', SLIPWAY_HEARTBEAT_MS: '100' }, stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    await new Promise((resolve, reject) => { builder.once('message', resolve).once('exit', reject); });
  };
  const endBuilder = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (builder.exitCode !== null || builder.signalCode !== null) return builder.exitCode;
    const ended = new Promise<number | null>((resolve) => { builder.once('exit', (code) => { resolve(code); }); });
    builder.kill(signal);
    return ended;
  };
  const outcomes = (): BuildOutcome[] => world.finished.get(buildId) ?? [];
  const wait = (what: string, condition: () => boolean): Promise<void> => until(condition, { within: 60_000, what: () => what });
  const queue = (): Promise<void> => enqueue(gateway, buildQueued, { buildId, appId: randomUUID() });
  const queued = async (): Promise<number> => (await gateway.jsm.streams.info('BUILDS')).state.messages;
  const started = async (): Promise<void> => { await queue(); await wait('the job starts', () => world.jobs.has(buildId)); };

  before(async () => {
    nats = await startNats({ after: (fn) => { cleanups.push(fn); } });
    gateway = await nats.bus('gateway');
    node = await nats.bus('local-node');
    await ensureWork(gateway.jsm, buildQueued);
    answerAsWorld(gateway, node);
    await startBuilder();
  });
  after(async () => {
    await endBuilder('SIGKILL');
    for (const cleanup of cleanups.reverse()) await cleanup();
  });
  beforeEach(() => { buildId = randomUUID(); });

  it('takes a queued build to its verdict, reporting each step once and in order, and frees the job', async () => {
    await started();
    change(node, buildId, { steps: [step(0, 'RUNNING')] });
    await wait('the first step is reported', () => world.steps.some((one) => one.buildId === buildId));
    change(node, buildId, { steps: [step(0, 'SUCCEEDED'), step(1, 'SUCCEEDED')], status: 'ENDED', outcome: success });
    await wait('the job is forgotten', () => world.forgotten.includes(buildId));
    assert.deepEqual(world.steps.filter((one) => one.buildId === buildId).map(({ index, status }) => [index, status]), [[0, 'RUNNING'], [0, 'SUCCEEDED'], [1, 'SUCCEEDED']]);
    assert.deepEqual(outcomes(), [success]);
    await until(async () => await queued() === 0, { within: 60_000, what: () => 'the work is acknowledged' });
  });

  it('drops a build that is not to be built any more', async () => {
    world.unknown.add(buildId);
    await queue();
    await until(async () => world.claims.includes(buildId) && await queued() === 0, { within: 60_000, what: () => 'the work is acknowledged' });
    assert.equal(world.jobs.has(buildId), false);
  });

  it('comes back to a build whose app is busy', async () => {
    world.busy.add(buildId);
    await queue();
    await wait('it asks again', () => world.claims.filter((id) => id === buildId).length >= 2);
    world.busy.delete(buildId);
    await wait('the job starts', () => world.jobs.has(buildId));
    change(node, buildId, { status: 'ENDED', outcome: success });
    await wait('it is reported', () => outcomes().length > 0);
  });

  it('ends the job of a cancelled build as soon as it hears, or at the next heartbeat', async () => {
    await started();
    notify(gateway, buildCanceled, { buildId });
    await wait('it is reported', () => outcomes().length > 0);
    assert.deepEqual(outcomes(), [{ status: 'CANCELED' }]);

    buildId = randomUUID();
    await started();
    world.canceled.add(buildId);
    await wait('it is reported', () => outcomes().length > 0);
    assert.deepEqual(outcomes(), [{ status: 'CANCELED' }]);
  });

  it('reports nothing of a build that it lost, and does not end its job', async () => {
    await started();
    world.lost.add(buildId);
    await until(async () => await queued() === 0, { within: 60_000, what: () => 'the work is acknowledged' });
    change(node, buildId, { status: 'ENDED', outcome: success });
    const lostId = buildId;
    // When a later build has gone its whole way, the lost one had all the time to be reported.
    buildId = randomUUID();
    await started();
    change(node, buildId, { status: 'ENDED', outcome: success });
    await wait('the later one is reported', () => outcomes().length > 0);
    assert.equal(world.finished.has(lostId), false);
    assert.deepEqual(world.stops.filter((id) => id === lostId), []);
  });

  it('starts a build again that the node has lost, and says so when that happens again and again', async () => {
    await started();
    for (let losses = 1; losses < 3; losses++) {
      world.jobs.delete(buildId);
      await wait('it is started again', () => world.jobs.has(buildId));
    }
    assert.deepEqual(outcomes(), []);
    world.jobs.delete(buildId);
    await wait('it is reported', () => outcomes().length > 0);
    const [outcome] = outcomes();
    assert.equal(outcome?.status === 'FAILED' && outcome.reason, 'BUILDER_LOST');
  });

  it('leaves its builds running when it stops, and takes them up when it is back', async () => {
    await started();
    assert.equal(await endBuilder('SIGTERM'), 0);
    assert.deepEqual(world.stops.filter((id) => id === buildId), []);
    await startBuilder();
    await wait('it finds the job', () => world.starts.filter((id) => id === buildId).length >= 2);
    change(node, buildId, { status: 'ENDED', outcome: success });
    await wait('it is reported', () => outcomes().length > 0);
    assert.deepEqual(outcomes(), [success]);
  });

  it('loses nothing when it is killed: whoever claims the build next finds its job', async () => {
    await started();
    await endBuilder('SIGKILL');
    change(node, buildId, { status: 'ENDED', outcome: success });
    await startBuilder();
    // As the sweep does when the lease has run out.
    await queue();
    await wait('it is reported', () => outcomes().length > 0);
    assert.ok(world.starts.filter((id) => id === buildId).length >= 2);
    await wait('the job is forgotten', () => world.forgotten.includes(buildId));
  });

  it('takes up at its start what it held, without waiting for its message', async () => {
    await endBuilder('SIGKILL');
    world.held.push(buildId);
    await startBuilder();
    await wait('the job starts', () => world.jobs.has(buildId));
    change(node, buildId, { status: 'ENDED', outcome: success });
    await wait('it is reported', () => outcomes().length > 0);
    world.held.length = 0;
  });

  it('goes on when NATS was restarted in the middle of a build', async () => {
    await started();
    await nats.restart();
    await until(() => gateway.nc.flush().then(() => true), { within: 60_000, what: () => 'NATS is back' });
    change(node, buildId, { steps: [step(0, 'SUCCEEDED')], status: 'ENDED', outcome: success });
    await wait('it is reported', () => outcomes().length > 0);
    assert.deepEqual(outcomes(), [success]);
    buildId = randomUUID();
    await until(() => queue().then(() => true), { within: 60_000, what: () => 'the queue is back' });
    await wait('the next job starts', () => world.jobs.has(buildId));
    change(node, buildId, { status: 'ENDED', outcome: success });
    await wait('the next is reported', () => outcomes().length > 0);
  });
});
