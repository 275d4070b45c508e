import { z } from 'zod';
import { blobEnv } from '../blobs/open-store.ts';
import { PASSWORD_COST } from './account/password.ts';
import type { PlatformSettings } from './platform.ts';

const MB = 1024 * 1024;
const megabytes = (byDefault: number) => z.coerce.number().positive().default(byDefault);

/** Settings of every process that has a database; spread into its readEnv. */
export const platformEnv = {
  DATABASE_URL: z.string().min(1),
  SLIPWAY_KEY_FILE: z.string().min(1),
  ...blobEnv,
  SLIPWAY_URL: z.url(),
  /** Where repositories are, as <this>/<app>.git, if not at /git of SLIPWAY_URL. */
  SLIPWAY_GIT_URL: z.url().optional(),
  SLIPWAY_DOMAIN: z.string(),
  SLIPWAY_PORT: z.coerce.number().int(),
  SLIPWAY_INTERNAL_URL: z.url(),
  SLIPWAY_BUILD_SECONDS: z.coerce.number().int().positive().default(900),
  SLIPWAY_BUILD_MEMORY_MB: megabytes(2048),
  SLIPWAY_BUILD_DISK_MB: megabytes(4096),
  SLIPWAY_BUILD_OUTPUT_MB: megabytes(16),
  SLIPWAY_SLUG_MB: megabytes(1024),
  SLIPWAY_REGISTRATION: z.enum(['open', 'invitation', 'closed'], 'must be open, invitation or closed').default('invitation'),
  SLIPWAY_LOG_RETENTION_MB: megabytes(64),
  SLIPWAY_LOG_ARCHIVE_MB: megabytes(1024),
};

/** The platform's settings from the environment's. */
export function platformSettings(env: z.output<z.ZodObject<typeof platformEnv>>): PlatformSettings {
  return {
    url: env.SLIPWAY_URL.replace(/\/$/, ''), gitUrl: (env.SLIPWAY_GIT_URL ?? `${env.SLIPWAY_URL.replace(/\/$/, '')}/git`).replace(/\/$/, ''), domain: env.SLIPWAY_DOMAIN, port: env.SLIPWAY_PORT, internalUrl: env.SLIPWAY_INTERNAL_URL.replace(/\/$/, ''),
    buildLimits: {
      seconds: env.SLIPWAY_BUILD_SECONDS, memoryBytes: env.SLIPWAY_BUILD_MEMORY_MB * MB, diskBytes: env.SLIPWAY_BUILD_DISK_MB * MB,
      outputBytes: Math.round(env.SLIPWAY_BUILD_OUTPUT_MB * MB), slugBytes: env.SLIPWAY_SLUG_MB * MB,
    },
    registration: env.SLIPWAY_REGISTRATION, passwordCost: PASSWORD_COST,
    logRetentionBytes: env.SLIPWAY_LOG_RETENTION_MB * MB, logArchiveBytes: env.SLIPWAY_LOG_ARCHIVE_MB * MB,
  };
}
