import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnv } from './child-env.ts';
import { freePort } from './free-port.ts';
import type { TestGateway } from './gateway.ts';
import { endChild } from './processes.ts';
import { makeTemp } from './temp.ts';
import type { Scope } from './temp.ts';
import { until } from './wait.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The gateway's own program at one address, on the database and NATS server of one in this process. */
export interface GatewayProgram {
  /** Of its WebSockets. */
  url: string;
  memoryMB(): number;
  /** Ends it by this signal, and starts the next at the same address; resolves when that is ready. */
  restart(signal: NodeJS.Signals): Promise<void>;
  log(): string;
}

export async function startGatewayProgram(scope: Scope, beside: TestGateway): Promise<GatewayProgram> {
  const dir = await makeTemp(scope, 'slip-gwp-');
  const keyFile = join(dir, 'key');
  await writeFile(keyFile, beside.keys.map((key) => key.toString('base64')).join('\n'));
  await mkdir(join(dir, 'blobs'));
  const address = `127.0.0.1:${await freePort()}`;
  const env = {
    ...childEnv(), NATS_URL: beside.nats.url, SLIPWAY_NATS_SEED_FILE: beside.nats.seedFile('gateway'), DATABASE_URL: beside.database.url,
    SLIPWAY_KEY_FILE: keyFile, SLIPWAY_BLOB_DIR: join(dir, 'blobs'), SLIPWAY_LISTEN: address,
    SLIPWAY_URL: `http://${address}`, SLIPWAY_INTERNAL_URL: `http://${address}`, SLIPWAY_DOMAIN: 'localhost', SLIPWAY_PORT: address.split(':')[1],
  };
  let child: ChildProcess | undefined;
  let log = '';
  const start = async (): Promise<void> => {
    const started = spawn(process.execPath, [join(root, 'gateway/main.ts')], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    child = started;
    for (const stream of [started.stdout, started.stderr]) stream.on('data', (chunk: Buffer) => { log += chunk.toString(); });
    await until(async () => (await fetch(`http://${address}/readyz`)).status === 200, { within: 60_000, what: () => `the gateway is ready\n${log.slice(-3_000)}` });
  };
  scope.after(() => endChild(child, 'SIGKILL'));
  await start();
  return {
    url: `ws://${address}/graphql`, log: () => log,
    memoryMB: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child?.pid}/status`, 'utf8'))?.[1]) / 1024,
    restart: async (signal) => { await endChild(child, signal); await start(); },
  };
}
