import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { createApp } from '../kit/app.ts';
import { SetConfig } from '../kit/documents.ts';
import { nodeForApps } from '../kit/repository.ts';
import { sampleApp } from '../kit/sample-app.ts';
import { startSlipway } from '../kit/slipway.ts';

describe('a config value', () => {
  it('is in no file of the platform: not in JetStream, logs, slugs, the database or the builder\'s cache', async (t) => {
    const slipway = await startSlipway(t);
    const node = await nodeForApps(t);
    const app = await createApp(t, slipway);
    const value = 'planted-83b1f0-value';
    await slipway.query(SetConfig, { app: app.name, set: [{ key: 'PLANTED', value }] });
    await app.repository.commit(sampleApp('one', node, {
      '.buildpacks': './pack\n',
      'pack/bin/detect': '#!/bin/sh\necho talkative\n',
      'pack/bin/compile': '#!/bin/sh\necho "the value is $(cat "$3/PLANTED")"; printf "%s" "$(cat "$3/PLANTED")" | base64\n',
    }));
    const push = await app.repository.push();
    assert.equal(push.code, 0, push.output);
    assert.match(push.output, /the value is /);
    assert.doesNotMatch(push.output, new RegExp(value));
    assert.doesNotMatch(push.output, new RegExp(Buffer.from(value).toString('base64').slice(0, 16)));
    assert.equal(await app.read('/env?key=PLANTED'), value);
    await slipway.stop();
    const found = execFileSync('sh', ['-c', 'grep -rlaF -- "$1" "$2" || true', 'sh', value, slipway.home], { encoding: 'utf8' });
    assert.equal(found, '');
    assert.doesNotMatch(slipway.output(), new RegExp(value));
  });
});
