import { z } from 'zod';

/**
 * The bucket that blobs are in, and where uploads lie until they are whole. Credentials are the AWS SDK's to find: AWS_ACCESS_KEY_ID and
 * AWS_SECRET_ACCESS_KEY, a file (AWS_SHARED_CREDENTIALS_FILE), or a role of the pod's service account.
 */
export const bucketEnv = {
  SLIPWAY_S3_BUCKET: z.string({ error: 'must be set: the name of the bucket' }).regex(/^[a-z0-9][a-z0-9._-]{1,253}[a-z0-9]$/i, 'must be the name of a bucket alone, as my-bucket'),
  /** Of S3-compatible storage; requests then name the bucket in their path. Without it, it is AWS's for the region. */
  SLIPWAY_S3_ENDPOINT: z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL, without the bucket' }).optional(),
  SLIPWAY_S3_REGION: z.string().regex(/^[a-z0-9-]+$/i, 'must be the name of a region, as eu-central-1').default('us-east-1'),
  /** All keys begin with it. */
  SLIPWAY_S3_PREFIX: z.string().regex(/^(?!\/)(?!.*\/\/)[\w!.*'()/-]*$/, 'must be a path within the bucket, as slipway/')
    .refine((prefix) => !prefix.split('/').includes('..'), 'must be a path within the bucket, as slipway/')
    .transform((prefix) => prefix.replace(/([^/])$/, '$1/')).default(''),
};

/** The same, with what only the blob server needs. */
export const s3Env = {
  ...bucketEnv,
  SLIPWAY_S3_SCRATCH_DIR: z.string({ error: 'must be set: a directory for uploads until they are whole' }).min(1),
  SLIPWAY_S3_SCRATCH_MB: z.coerce.number().positive().default(8192),
  SLIPWAY_BLOB_DIR: z.never('must not be set beside SLIPWAY_S3_…: blobs are in one place').optional(),
};

export type BucketSettings = z.output<z.ZodObject<typeof bucketEnv>>;
export type S3Settings = z.output<z.ZodObject<typeof s3Env>>;
