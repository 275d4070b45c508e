import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createApp } from '../kit/app.ts';
import { Scale } from '../kit/documents.ts';
import { nodeForApps } from '../kit/repository.ts';
import { sampleApp } from '../kit/sample-app.ts';
import { startSlipwayAlone } from '../kit/slipway.ts';
import { startTraffic } from '../kit/traffic.ts';
import { until } from '../kit/wait.ts';

describe('a platform whose NATS has lost its data', () => {
  it('serves on without a failed request, and builds, deploys and scales as before', async (t) => {
    const slipway = await startSlipwayAlone(t);
    const node = await nodeForApps(t);
    const app = await createApp(t, slipway);
    await app.repository.commit(sampleApp('one', node));
    const first = await app.repository.push();
    assert.equal(first.code, 0, first.output);
    const traffic = startTraffic(slipway, app.name, 2);
    await slipway.loseMessages();
    await app.repository.commit({ 'version.txt': 'two\n' });
    let push = await app.repository.push();
    // While NATS is not back yet, a push is refused and says so.
    if (push.output.includes('not ready')) await until(async () => { push = await app.repository.push(); return !push.output.includes('not ready'); }, { within: 120_000, what: () => `NATS is back: ${push.output}` });
    assert.equal(push.code, 0, push.output);
    assert.equal(await app.read(), 'version two ');
    await slipway.query(Scale, { app: app.name, processes: [{ type: 'web', quantity: 2 }] });
    await app.untilState('two are up', (state) => state.processes[0]?.replicas.filter((replica) => replica.status === 'UP').length === 2);
    await traffic.stop();
    assert.deepEqual(traffic.failures, []);
  });
});
