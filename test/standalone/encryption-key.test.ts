import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createApp } from '../kit/app.ts';
import { nodeForApps } from '../kit/repository.ts';
import { sampleApp } from '../kit/sample-app.ts';
import { runCommand, startSlipway } from '../kit/slipway.ts';
import { until } from '../kit/wait.ts';

const root = new URL('../..', import.meta.url).pathname;

interface Rotation { keyId: string; entriesLeft: number; waitsFor: string[]; done: boolean }

describe('a new encryption key on one machine', () => {
  it('is taken while the platform runs, whoever is killed meanwhile: no replica restarts, and the old key can go', async (t) => {
    const slipway = await startSlipway(t);
    const node = await nodeForApps(t);
    const app = await createApp(t, slipway, 'sealed');
    const key = slipway.encryptionKey;
    const slip = async (...args: string[]): Promise<string> => {
      const { code, out, err } = await runCommand(slipway.home, join(root, 'bin/slipway'), ...args);
      assert.equal(code, 0, out + err);
      return out;
    };
    const rotation = async (): Promise<Rotation> => JSON.parse(await slip('encryption-key', '--json')) as Rotation;
    const keyFile = join(slipway.home, 'keys/master.key');

    await slip('config:set', '--sealed', 'MODE=secret', '-a', app.name);
    await app.repository.commit(sampleApp('one', node));
    assert.equal((await app.repository.push()).code, 0);
    const pid = await app.read('/pid');
    const before = readFileSync(keyFile, 'utf8');
    assert.match((await key('remove-old')).err, /one key only/);
    assert.match((await key('frobnicate')).err, /none of its commands: frobnicate[^]*remove-old/);

    const added = await key('add');
    const keyId = /The key ([0-9a-f]{8}) is in /.exec(added.out)?.[1] ?? assert.fail(added.err);
    assert.equal(readFileSync(keyFile, 'utf8').split('\n').slice(1).join('\n'), before);
    assert.match((await key('add')).err, /There are 2 keys already/);
    assert.match((await key('remove-old', '--now')).err, /rotate to it first/);
    await slip('encryption-key:rotate', keyId);
    await slipway.kill('controller', 'SIGKILL');
    await until(async () => (await rotation()).done, { within: 120_000, what: () => 'everything is under the new key' });
    const { keyId: used, entriesLeft, waitsFor } = await rotation();
    assert.deepEqual([used, entriesLeft, waitsFor], [keyId, 0, []]);
    assert.match((await key('remove-old')).err, /good until /);
    assert.equal((await key('remove-old', '--now')).code, 0);
    assert.equal(readFileSync(keyFile, 'utf8').trim().split('\n').length, 1);

    assert.equal(await app.read('/pid'), pid, 'the replica is the same');
    await slip('restart', '-a', app.name);
    await until(async () => await app.read('/pid') !== pid, { within: 60_000, what: () => 'another replica has got its config' });
    assert.equal(await app.read('/env?key=MODE'), 'secret');
    await slipway.stop();
    await slipway.start();
    await slip('config:set', 'OTHER=1', '-a', app.name);
    await until(async () => await app.read('/env?key=MODE') === 'secret', { within: 60_000, what: () => 'the app serves again' });
  });
});
