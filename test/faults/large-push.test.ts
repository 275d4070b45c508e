import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { createApp } from '../kit/app.ts';
import { nodeForApps } from '../kit/repository.ts';
import { sampleApp } from '../kit/sample-app.ts';
import { startSlipway } from '../kit/slipway.ts';

const MB = 2 ** 20;

describe('a push of 500 MB', () => {
  it('is deployed, and no process holds it in memory', async (t) => {
    const slipway = await startSlipway(t);
    const app = await createApp(t, slipway);
    // Nothing in them can be made smaller.
    const assets = Object.fromEntries(Array.from({ length: 5 }, (_, index) => [`asset-${index}`, randomBytes(100 * MB)]));
    await app.repository.commit({ ...sampleApp('large', await nodeForApps(t)), ...assets });
    const { code, output } = await app.repository.push();
    assert.equal(code, 0, output);
    assert.equal(await app.read(), 'version large ');
    if (process.platform !== 'linux') return;
    for (const name of ['git', 'gateway', 'build', 'local-node', 'router']) {
      const peakKb = Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${slipway.pid(name)}/status`, 'utf8'))?.[1]);
      assert.ok(peakKb * 1024 < 400 * MB, `${name} held ${Math.round(peakKb / 1024)} MiB at its peak`);
    }
  });
});
