import type { BlobStore } from '../blobs/store.ts';
import type { Bus } from '../bus/connect.ts';
import type { BuildLimits } from '../bus/build.ts';
import type { Prisma, PrismaClient } from '../prisma/client.ts';
import type { Logger } from '../service/log.ts';
import type { PasswordCost } from './account/password.ts';
import type { SecretBox } from './encryption/secret-box.ts';

/** All that a use case works with; made once by each process that has a database. */
export interface Platform {
  db: PrismaClient;
  bus: Bus;
  box: SecretBox;
  blobs: BlobStore;
  log: Logger;
  settings: PlatformSettings;
}

/** Who may sign up. */
export type Registration = 'open' | 'invitation' | 'closed';

export interface PlatformSettings {
  registration: Registration;
  /** Of new passwords; each that is stored says its own. */
  passwordCost: PasswordCost;
  /** The public origin, without a slash at its end. */
  url: string;
  /** Where repositories are: `<this>/<app>.git`. */
  gitUrl: string;
  /** Apps are its subdomains. */
  domain: string;
  port: number;
  /** How processes and jobs of this machine reach `/blobs`. */
  internalUrl: string;
  buildLimits: BuildLimits;
  /** Bytes of each app's hot log tail. */
  logRetentionBytes: number;
  /** Bytes of each app's archived log, compressed; the oldest are deleted beyond. */
  logArchiveBytes: number;
}

/** A transaction of Prisma: use cases take numbers and write events inside one. */
export type Transaction = Prisma.TransactionClient;
