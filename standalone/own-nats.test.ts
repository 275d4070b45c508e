import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { connectBus } from '../bus/connect.ts';
import { busProcesses } from '../bus/permissions.ts';
import { makeTemp } from '../test/kit/temp.ts';
import { endChild } from './children.ts';
import { findNatsServer } from './find-nats.ts';
import { checkOwnNats, seedFileIn } from './own-nats.ts';

/** A server as somebody else runs it, on a port of its own choice. */
async function startTheirs(t: TestContext, config: string, keys?: string): Promise<string> {
  const dir = await makeTemp(t, 'slip-theirs-');
  writeFileSync(join(dir, 'nats.conf'), `listen: 127.0.0.1:-1\n${config.replaceAll('STORE', join(dir, 'store'))}\n`);
  if (keys !== undefined) copyFileSync(join(keys, 'slipway.conf'), join(dir, 'slipway.conf'));
  const child = spawn(await findNatsServer(join(dir, 'bin'), () => undefined), ['-c', join(dir, 'nats.conf')], { stdio: ['ignore', 'ignore', 'pipe'] });
  t.after(() => endChild(child, { stopSignal: 'SIGKILL', stopSeconds: 20 }));
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const port = /client connections on 127\.0\.0\.1:(\d+)/.exec(said)?.[1];
      if (port !== undefined && said.includes('Server is ready')) resolve(`nats://127.0.0.1:${port}`);
    });
    child.once('exit', () => { reject(new Error(said)); });
  });
}

describe('a NATS server of one\'s own', () => {
  it('is given keys and rights at the first start, and then every process can log in', async (t) => {
    const keys = join(await makeTemp(t, 'slip-keys-'), 'new folder');
    await assert.rejects(checkOwnNats('nats://127.0.0.1:1', keys), /^Error: The keys for your NATS server are in .*new folder: copy slipway\.conf from there .*, and start again\.$/);
    assert.doesNotMatch(readFileSync(join(keys, 'slipway.conf'), 'utf8'), /\bSU[A-Z0-9]{20}/);
    const url = await startTheirs(t, 'jetstream { store_dir: STORE }\naccounts { SLIPWAY { jetstream: enabled, include slipway.conf } }', keys);
    await checkOwnNats(url, keys);
    for (const name of busProcesses) await (await connectBus({ url, process: name, seedFile: seedFileIn(keys, name) })).close();
  });

  it('is told of new rights when a newer Slipway needs others', async (t) => {
    const keys = await makeTemp(t, 'slip-keys-');
    await assert.rejects(checkOwnNats('nats://127.0.0.1:1', keys), /are in/);
    const rules = readFileSync(join(keys, 'slipway.conf'), 'utf8');
    writeFileSync(join(keys, 'slipway.conf'), 'of an older Slipway');
    await assert.rejects(checkOwnNats('nats://127.0.0.1:1', keys), /reload the server, and start again/);
    assert.equal(readFileSync(join(keys, 'slipway.conf'), 'utf8'), rules);
  });

  it('that cannot be used is told in a sentence: not there, other keys, no JetStream, too small messages', async (t) => {
    const keys = await makeTemp(t, 'slip-keys-');
    await assert.rejects(checkOwnNats('nats://127.0.0.1:1', keys), /are in/);
    const refused = (url: string, sentence: RegExp): Promise<void> => assert.rejects(checkOwnNats(url, keys), sentence);
    await refused('nats://127.0.0.1:1', /cannot be reached \(.*\): see "Another NATS" in docs\/operating\.md/);
    await refused(await startTheirs(t, 'jetstream { store_dir: STORE }\nauthorization { user: a, password: b }'), /does not know our keys/);
    await refused(await startTheirs(t, 'authorization { include slipway.conf }', keys), /gives us no JetStream/);
    await refused(await startTheirs(t, 'max_payload: 1000\njetstream { store_dir: STORE }\nauthorization { include slipway.conf }', keys), /takes messages of 1000 bytes, and Slipway sends up to 1048576/);
  });

  it('has its keys where they can be kept', async (t) => {
    const file = join(await makeTemp(t, 'slip-keys-'), 'file');
    writeFileSync(file, '');
    await assert.rejects(checkOwnNats('nats://127.0.0.1:1', join(file, 'keys')), /set SLIPWAY_NATS_SEED_DIR to a folder that can be written/);
    assert.ok(existsSync(file));
  });
});
