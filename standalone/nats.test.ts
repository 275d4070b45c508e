import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { connectBus } from '../bus/connect.ts';
import type { Bus } from '../bus/connect.ts';
import { logSubject } from '../bus/log.ts';
import { getLogBatch, listLogStreamStates, makeLogStream, publishLogBatch } from '../bus/log-store.ts';
import { busProcesses } from '../bus/permissions.ts';
import { makeTemp } from '../test/kit/temp.ts';
import { endChild } from './children.ts';
import { findNatsServer } from './find-nats.ts';
import { natsSeedFile, startNats } from './nats.ts';
import type { Nats, NatsOptions } from './nats.ts';
import { countUids } from './uid-block.ts';

async function makeOptions(t: TestContext): Promise<NatsOptions> {
  const dir = await makeTemp(t, 'slip-nats-');
  await chmod(dir, 0o711);
  const server = await findNatsServer(join(dir, 'bin'), () => undefined);
  return { server, dir: join(dir, 'nats'), keyDir: join(dir, 'keys'), uid: process.getuid?.() === 0 ? Math.min(820_000_000, countUids() - 900) : undefined };
}

async function start(t: TestContext, options: NatsOptions): Promise<Nats> {
  let child: ChildProcess | undefined;
  t.after(async () => { if (child) await endChild(child, { stopSignal: 'SIGKILL', stopSeconds: 20 }); });
  return startNats({ ...options, spawned: (its) => { child = its; } }, () => undefined);
}

describe('the NATS server of one machine', () => {
  it('lets in whoever has the key of a process, and nobody else', async (t) => {
    const options = await makeOptions(t);
    const { url } = await start(t, options);
    for (const name of busProcesses) {
      const bus = await connectBus({ url, process: name, seedFile: natsSeedFile(options.keyDir, name) });
      await bus.close();
      assert.equal(statSync(natsSeedFile(options.keyDir, name)).mode & 0o777, 0o600);
    }
    const stranger = natsSeedFile(join(options.keyDir, 'others'), 'gateway');
    await assert.rejects(connectBus({ url, process: 'gateway', seedFile: stranger }), /authorization/i);
  });

  it('lets the controller see all logs that the gateway made, and read them', async (t) => {
    const options = await makeOptions(t);
    const { url } = await start(t, options);
    const connect = async (process: 'gateway' | 'controller'): Promise<Bus> => {
      const bus = await connectBus({ url, process, seedFile: natsSeedFile(options.keyDir, process) });
      t.after(() => bus.close());
      return bus;
    };
    const [gateway, controller] = [await connect('gateway'), await connect('controller')];
    const apps = [randomUUID(), randomUUID()];
    for (const appId of apps) await makeLogStream(gateway, appId, 1_000_000);
    await publishLogBatch(gateway, logSubject(apps[0] ?? '', 'APP', 'web'), 'a batch', 0);
    const listed = await Array.fromAsync(listLogStreamStates(controller));
    assert.deepEqual(Object.fromEntries(listed.map(({ appId, state }) => [appId, state.messages])), Object.fromEntries(apps.map((appId, index) => [appId, index === 0 ? 1 : 0])));
    assert.equal(new TextDecoder().decode((await getLogBatch(controller, apps[0] ?? '', 1))?.data), 'a batch');
  });

  it('keeps its files from other users, its rules from itself, and is no root', async (t) => {
    const options = await makeOptions(t);
    await start(t, options);
    assert.equal(statSync(join(options.dir, 'jetstream')).mode & 0o777, 0o700);
    const config = statSync(join(options.dir, 'nats.conf'));
    assert.equal(config.mode & 0o007, 0);
    assert.equal(config.uid, process.getuid?.());
    assert.equal(statSync(join(options.dir, 'jetstream')).uid, options.uid ?? process.getuid?.());
  });

  it('comes back at its place after kill -9, and moves when a next start finds it taken', async (t) => {
    const options = await makeOptions(t);
    const first = await start(t, options);
    await endChild(first.child, { stopSignal: 'SIGKILL', stopSeconds: 20 });
    const second = await start(t, { ...options, port: first.port });
    assert.equal(second.url, first.url);
    await endChild(second.child, { stopSignal: 'SIGTERM', stopSeconds: 20 });
    const squatter = createServer();
    await new Promise<void>((resolve) => { squatter.listen(first.port, '127.0.0.1', resolve); });
    t.after(() => { squatter.close(); });
    await assert.rejects(start(t, { ...options, port: first.port }), /nats-server ended with code 1/);
    assert.notEqual((await start(t, options)).port, first.port);
  });

  it('is not one that is too old or does not run; where there is none, a sentence says what to run', async (t) => {
    const dir = await makeTemp(t, 'slip-nats-');
    const fake = (name: string, script: string): string => {
      const file = join(dir, name);
      writeFileSync(file, `#!/bin/sh\n${script}\n`);
      chmodSync(file, 0o755);
      return file;
    };
    const path = process.env.PATH;
    t.after(() => { process.env.PATH = path; });
    process.env.PATH = dir;
    const find = (): Promise<string> => findNatsServer(join(dir, 'bin'), () => undefined, [dir]);
    await assert.rejects(find(), /^Error: Slipway needs nats-server 2\.9\.0 or newer: (run|put) .*start again\.$/);
    fake('nats-server', 'echo nats-server: v2.7.4');
    await assert.rejects(find(), /Slipway needs/);
    fake('nats-server', 'exit 1');
    await assert.rejects(find(), /Slipway needs/);
    const file = fake('nats-server', 'echo nats-server: v2.10.1');
    assert.equal(await find(), file);
  });
});
