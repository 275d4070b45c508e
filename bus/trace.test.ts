import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { activeTrace, newTrace, withTrace } from '../service/trace-context.ts';
import { startNats } from '../test/kit/nats.ts';
import { until } from '../test/kit/wait.ts';
import { eventsWritten } from './app.ts';
import { answer, ask, notify, onNotice } from './ask.ts';
import { buildQueued } from './build.ts';
import { logEnsure, logStreamName, logSubject } from './log.ts';
import { getLogBatch, makeLogStream, publishLogBatch } from './log-store.ts';
import { enqueue, ensureWork, takeWork } from './work.ts';

describe('a trace on the bus', () => {
  it('goes on in who answers, who hears and who takes the work, each in its own; without one there is none', async (t) => {
    const nats = await startNats({ after: (fn) => { t.after(fn); } });
    const [gateway, builder, controller, agent] = await Promise.all([nats.bus('gateway'), nats.bus('build'), nats.bus('controller'), nats.bus('log-agent')]);
    const seen: Record<string, (string | undefined)[]> = { answer: [], notice: [], work: [] };
    const note = (what: string): void => { seen[what]?.push(activeTrace()?.traceId); };
    const onError = (error: unknown): void => { throw error; };
    answer(gateway, logEnsure, async () => { await new Promise((resolve) => { setImmediate(resolve); }); note('answer'); return {}; }, onError);
    onNotice(controller, eventsWritten, () => { note('notice'); }, onError);
    await ensureWork(gateway.jsm, buildQueued);
    await Promise.all([gateway, controller].map(({ nc }) => nc.flush()));
    const stop = new AbortController();
    const taking = takeWork(builder, buildQueued, 2, async () => { note('work'); return 'done'; }, onError, stop.signal);
    const traces = [newTrace(), newTrace(), undefined];
    for (const trace of traces) {
      await withTrace(trace, async () => {
        const appId = randomUUID();
        await ask(agent, logEnsure, { appId });
        notify(gateway, eventsWritten, { appId, number: 1 });
        await enqueue(gateway, buildQueued, { buildId: randomUUID(), appId });
      });
    }
    await until(() => seen.notice?.length === 3 && seen.work?.length === 3, { within: 60_000, what: () => JSON.stringify(seen) });
    stop.abort();
    await taking;
    const ids = traces.map((trace) => trace?.traceId);
    assert.deepEqual([seen.answer, seen.notice, new Set(seen.work)], [ids, ids, new Set(ids)]);
  });

  it('is kept with a stored batch beside what the batch needs itself', async (t) => {
    const nats = await startNats({ after: (fn) => { t.after(fn); } });
    const gateway = await nats.bus('gateway');
    const agent = await nats.bus('log-agent');
    const appId = randomUUID();
    await makeLogStream(gateway, appId, 1_000_000);
    const trace = newTrace();
    const seq = await withTrace(trace, () => publishLogBatch(agent, logSubject(appId, 'APP', 'one'), '{}', 0));
    await assert.rejects(withTrace(trace, () => publishLogBatch(agent, logSubject(appId, 'APP', 'one'), '{}', 0)), /wrong last sequence/);
    assert.equal((await getLogBatch(gateway, appId, seq))?.seq, seq);
    const stored = await gateway.jsm.streams.getMessage(logStreamName(appId), { seq });
    assert.match(stored?.header.get('traceparent') ?? '', new RegExp(trace.traceId));
  });
});
