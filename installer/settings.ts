import { z } from 'zod';
import { bucketEnv } from '../blobs/s3/settings.ts';
import { kubernetesEnv } from '../cluster/kubernetes/settings.ts';
import { platformEnv } from '../platform/settings.ts';
import { readEnv } from '../service/env.ts';

const origin = z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' });

/** Every setting of the platform, so that all mistakes in them are told at once, by one process. */
const shape = {
  ...platformEnv, ...kubernetesEnv,
  // Only where blobs are in a bucket; the blob server is where one must be named.
  ...z.object(bucketEnv).partial().shape,
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, 'must be a postgresql:// URL'),
  SLIPWAY_URL: origin,
  SLIPWAY_GIT_URL: origin,
  SLIPWAY_EMAIL: z.email('must be the e-mail address of the first user'),
  SLIPWAY_LOGS_NAMESPACE: z.string().min(1),
  // The installer needs no key, and each process is told where its own is.
  SLIPWAY_KEY_FILE: z.string().optional(),
  SLIPWAY_DOMAIN: z.string().optional(),
};

export type InstallerSettings = ReturnType<typeof readSettings>;

/** The settings of an installation; mistakes end the process after all of them were printed. */
export const readSettings = (source: NodeJS.ProcessEnv = process.env) => readEnv(shape, source);
