import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { readEnv } from '../service/env.ts';

const port = z.coerce.number().int().min(1).max(65535);

/** The settings of a start on one machine; all mistakes are printed at once. */
export function readSettings(): Settings {
  const env = readEnv({
    SLIPWAY_HOME: z.string().default(join(homedir(), '.slipway')),
    SLIPWAY_PORT: port.default(4000),
    SLIPWAY_DOMAIN: z.string().regex(/^[a-z0-9.-]+$/, 'a domain name in lower case').default('localhost'),
    SLIPWAY_LISTEN: z.string().default('127.0.0.1'),
    SLIPWAY_URL: z.url().optional(),
    SLIPWAY_EMAIL: z.email().default('admin@localhost.localdomain'),
    DATABASE_URL: z.string().startsWith('postgres', 'a postgresql:// URL').optional(),
    NATS_URL: z.string().regex(/^(nats|tls):\/\//, 'a nats:// or tls:// URL').optional(),
    SLIPWAY_NATS_SEED_DIR: z.string().optional(),
  });
  if (env.NATS_URL && !env.SLIPWAY_NATS_SEED_DIR) {
    process.stderr.write('These settings are wrong:\n  SLIPWAY_NATS_SEED_DIR: with NATS_URL, name the directory with one nkey seed file a process (<process>.nk).\n');
    process.exit(1);
  }
  return {
    home: env.SLIPWAY_HOME, port: env.SLIPWAY_PORT, domain: env.SLIPWAY_DOMAIN, listen: env.SLIPWAY_LISTEN, email: env.SLIPWAY_EMAIL,
    url: env.SLIPWAY_URL ?? `http://${env.SLIPWAY_DOMAIN}:${env.SLIPWAY_PORT}`, databaseUrl: env.DATABASE_URL, natsUrl: env.NATS_URL, natsSeedDir: env.SLIPWAY_NATS_SEED_DIR,
  };
}

export interface Settings {
  home: string; port: number; domain: string; listen: string; email: string;
  /** The public origin. */
  url: string;
  databaseUrl: string | undefined; natsUrl: string | undefined; natsSeedDir: string | undefined;
}
