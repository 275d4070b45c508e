import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { createApp } from '../kit/app.ts';
import { kubectlJson } from '../kit/cluster/kubectl.ts';
import { SetConfig } from '../kit/documents.ts';
import { sampleApp } from '../kit/sample-app.ts';
import { startSlipway } from '../kit/slipway.ts';

interface Volumes { items: { spec: { claimRef?: { namespace: string; name: string }; hostPath?: { path: string }; local?: { path: string } } }[] }

describe('a config value on Kubernetes', () => {
  it('is on no volume of the platform, in no image and in no log: not in JetStream, the database, slugs, repositories or the registry', async (t) => {
    const slipway = await startSlipway(t);
    const app = await createApp(t, slipway);
    const value = `planted-${process.pid}-value`;
    const encoded = Buffer.from(value).toString('base64').slice(0, 16);
    await slipway.query(SetConfig, { app: app.name, set: [{ key: 'PLANTED', value }] });
    await app.repository.commit(sampleApp('one', 'node', {
      '.buildpacks': './pack\n', 'pack/bin/detect': '#!/bin/sh\necho talkative\n',
      'pack/bin/compile': '#!/bin/sh\necho "the value is $(cat "$3/PLANTED")"; printf "%s" "$(cat "$3/PLANTED")" | base64\n',
    }));
    const push = await app.repository.push();
    assert.equal(push.code, 0, push.output);
    assert.match(push.output, /the value is /);
    assert.equal(await app.read('/env?key=PLANTED'), value);
    const { items } = await kubectlJson<Volumes>('get', 'persistentvolumes');
    const volumes = items.filter(({ spec }) => spec.claimRef?.namespace === 'slipway').map(({ spec }) => spec.hostPath?.path ?? spec.local?.path ?? '').filter((path) => existsSync(path));
    if (volumes.length === 0) { t.diagnostic('The volumes are not on this machine: only the output was looked at.'); return; }
    assert.ok(volumes.length >= 4, volumes.join(', '));
    const registry = ['/var/lib/slipway-cluster/registry'].filter((path) => existsSync(path));
    for (const form of [value, encoded]) {
      assert.ok(!push.output.includes(form), push.output);
      // 1: nothing found; 2: a file went away meanwhile.
      const found = await promisify(execFile)('grep', ['-rlaF', '--', form, ...volumes, ...registry, '/var/log/pods']).then(({ stdout }) => stdout, (error: { stdout?: string }) => error.stdout ?? '');
      assert.equal(found, '');
    }
  });
});
