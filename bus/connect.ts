import { readFileSync } from 'node:fs';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';

/** One process's connection to NATS. */
export interface Bus {
  nc: NatsConnection;
  js: JetStreamClient;
  jsm: JetStreamManager;
  /** Sends what is buffered, then closes. */
  close(): Promise<void>;
}

export interface BusOptions {
  url: string;
  /** Also the inbox prefix, `_INBOX.<process>`: no process can read another's answers. */
  process: string;
  /** A file with the nkey seed of the process. */
  seedFile: string;
}

/** Connects, and reconnects for ever; fails only when the first connection does. */
export async function connectBus({ url, process, seedFile }: BusOptions): Promise<Bus> {
  const seed = new TextEncoder().encode(readFileSync(seedFile, 'utf8').trim());
  const nc = await connect({
    servers: url,
    name: process,
    inboxPrefix: `_INBOX.${process}`,
    authenticator: nkeyAuthenticator(seed),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 200,
    reconnectJitter: 100,
    waitOnFirstConnect: true,
    pingInterval: 5_000,
    maxPingOut: 2,
  });
  return {
    nc,
    js: jetstream(nc, { timeout: 5_000 }),
    jsm: await jetstreamManager(nc, { checkAPI: false, timeout: 5_000 }),
    close: async () => { await nc.drain().catch(() => nc.close()); },
  };
}
