import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { readEnv } from '../service/env.ts';
import { readTraceEnv } from '../service/trace-env.ts';

const PORT = 'must be a port from 1 to 65535';

const shape = {
  SLIPWAY_HOME: z.string().default(join(homedir(), '.slipway')),
  SLIPWAY_PORT: z.coerce.number(PORT).int(PORT).min(1, PORT).max(65535, PORT).default(4000),
  SLIPWAY_DOMAIN: z.string().regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'must be a domain name in lower case').default('localhost'),
  SLIPWAY_LISTEN: z.union([z.ipv4(), z.ipv6(), z.literal('localhost')], 'must be an IP address of this machine').default('127.0.0.1'),
  SLIPWAY_URL: z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' }).optional(),
  SLIPWAY_EMAIL: z.email('must be an e-mail address').default('admin@localhost.localdomain'),
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, 'must be a postgresql:// URL').optional(),
  NATS_URL: z.string().regex(/^(nats|tls):\/\//, 'must be a nats:// or tls:// URL').optional(),
  SLIPWAY_NATS_SEED_DIR: z.string().optional(),
};

export interface Settings {
  home: string; port: number; domain: string; listen: string; email: string;
  /** The public origin. */
  url: string;
  databaseUrl: string | undefined; natsUrl: string | undefined; natsSeedDir: string | undefined;
}

/** The settings of a start on one machine; all mistakes are printed at once, and the process ends. */
export function readSettings(source: NodeJS.ProcessEnv = process.env): Settings {
  // With a NATS server of somebody else's, its keys are theirs to make.
  const seeds = source.NATS_URL ? z.string('must be set with NATS_URL: the folder for the keys by which our processes log in to it') : shape.SLIPWAY_NATS_SEED_DIR;
  const env = readEnv({ ...shape, SLIPWAY_NATS_SEED_DIR: seeds }, source);
  // Each process reads them; a mistake in them is told here, once.
  readTraceEnv(source);
  return {
    home: env.SLIPWAY_HOME, port: env.SLIPWAY_PORT, domain: env.SLIPWAY_DOMAIN, listen: env.SLIPWAY_LISTEN, email: env.SLIPWAY_EMAIL,
    url: env.SLIPWAY_URL ?? `http://${env.SLIPWAY_DOMAIN}:${env.SLIPWAY_PORT}`, databaseUrl: env.DATABASE_URL, natsUrl: env.NATS_URL, natsSeedDir: env.SLIPWAY_NATS_SEED_DIR,
  };
}
