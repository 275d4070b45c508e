import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createApp } from '../kit/app.ts';
import { KeyRotation, Restart, RotateEncryptionKey, SetConfig } from '../kit/documents.ts';
import { sampleApp } from '../kit/sample-app.ts';
import { startSlipway } from '../kit/slipway.ts';
import { until } from '../kit/wait.ts';

/** A kubelet looks at a Secret again within a minute or two. */
const SECRETS_ARRIVE_MS = 300_000;

describe('a new encryption key on Kubernetes', () => {
  it('is taken from its Secrets while everything runs, beside all other tests: no replica restarts, config goes on, and the old key is kept while URLs signed by it are good', async (t) => {
    const slipway = await startSlipway(t);
    const app = await createApp(t, slipway, 'sealed');
    await slipway.query(SetConfig, { app: app.name, set: [{ key: 'MODE', value: 'secret', sealed: true }] });
    await app.repository.commit(sampleApp('one', 'node'));
    const push = await app.repository.push();
    assert.equal(push.code, 0, push.output);
    const instance = await app.read('/instance');

    const { out, err } = await slipway.encryptionKey('add');
    const keyId = /The key ([0-9a-f]{8}) is in /.exec(out)?.[1] ?? assert.fail(out + err);
    const { rotateEncryptionKey } = await slipway.query(RotateEncryptionKey, { keyId });
    assert.equal(rotateEncryptionKey.__typename, 'RotateEncryptionKeyPayload', JSON.stringify(rotateEncryptionKey));
    let last: unknown;
    await until(async () => {
      const { keyRotation } = await slipway.query(KeyRotation, {});
      last = keyRotation;
      return keyRotation?.keyId === keyId && keyRotation.done;
    }, { within: SECRETS_ARRIVE_MS, what: () => `everything is under the new key; it is ${JSON.stringify(last)}` });
    assert.match((await slipway.encryptionKey('remove-old')).err, /good until /);

    assert.equal(await app.read('/instance'), instance, 'the replica is the same');
    await slipway.query(Restart, { app: app.name });
    await until(async () => await app.read('/instance') !== instance, { within: 180_000, what: () => 'another replica has got its config' });
    assert.equal(await app.read(), 'version one secret');
  });
});
