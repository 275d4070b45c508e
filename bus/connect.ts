import { readFileSync } from 'node:fs';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import { connect, nkeyAuthenticator, PermissionViolationError } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';
import type { z } from 'zod';
import type { busEnv } from '../service/env.ts';
import type { BusProcess } from './permissions.ts';

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
  /** A file with the certificate that the server must show. */
  caFile?: string | undefined;
}

/** A process's connection from the settings that each process has. */
export function busOptions(process: BusProcess, env: z.output<z.ZodObject<typeof busEnv>>): BusOptions {
  return { url: env.NATS_URL, process, seedFile: env.SLIPWAY_NATS_SEED_FILE, caFile: env.SLIPWAY_NATS_CA_FILE };
}

/** Connects, and reconnects for ever; fails only when the first connection does. */
export async function connectBus({ url, process, seedFile, caFile }: BusOptions): Promise<Bus> {
  const seed = new TextEncoder().encode(readFileSync(seedFile, 'utf8').trim());
  const nc = await connect({
    servers: url,
    name: process,
    inboxPrefix: `_INBOX.${process}`,
    authenticator: nkeyAuthenticator(seed),
    tls: caFile === undefined ? null : { caFile },
    maxReconnectAttempts: -1,
    reconnectTimeWait: 200,
    reconnectJitter: 100,
    waitOnFirstConnect: true,
    pingInterval: 5_000,
    maxPingOut: 2,
  });
  void endWhereRefused(nc);
  return {
    nc,
    js: jetstream(nc, { timeout: 5_000 }),
    jsm: await jetstreamManager(nc, { checkAPI: false, timeout: 5_000 }),
    close: async () => { await nc.drain().catch(() => nc.close()); },
  };
}

/**
 * A server whose rules are older than this process lets it not hear what it must, and would not later either: then it ends (the rejection
 * is nobody's), and whoever starts it again does so until the server has the new rules.
 */
async function endWhereRefused(nc: NatsConnection): Promise<void> {
  for await (const status of nc.status()) {
    if (status.type === 'error' && status.error instanceof PermissionViolationError && status.error.operation === 'subscription') throw status.error;
  }
}
