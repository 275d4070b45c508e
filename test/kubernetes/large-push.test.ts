import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { createApp } from '../kit/app.ts';
import { sampleApp } from '../kit/sample-app.ts';
import { startSlipway } from '../kit/slipway.ts';

const BYTES = 40 * 1024 * 1024;

describe('a large push through the Ingress controller', () => {
  it('arrives whole: the git server begins its answer long before it has all', async (t) => {
    const slipway = await startSlipway(t);
    const app = await createApp(t, slipway);
    await app.repository.commit({ ...sampleApp('one', 'node'), 'large.bin': randomBytes(BYTES) });
    const { code, output } = await app.repository.push('main:refs/heads/large');
    assert.equal(code, 0, output);
    assert.match(await app.repository.git('ls-remote', 'slipway', 'refs/heads/large'), /refs\/heads\/large/);
  });
});
