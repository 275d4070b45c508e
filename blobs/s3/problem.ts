import type { S3ServiceException } from '@aws-sdk/client-s3';
import { BlobStoreUnavailable } from '../store.ts';

const RIGHTS = 'the credentials may not do this: they need s3:ListBucket and s3:ListBucketMultipartUploads for the bucket, and s3:GetObject, s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload for what is in it';
const REGION = 'it is in another region: correct SLIPWAY_S3_REGION';

/** What waiting does not mend, by S3's code for it. */
const mistakes: Record<string, string> = {
  NoSuchBucket: 'there is none of this name: create it, or correct SLIPWAY_S3_BUCKET',
  InvalidBucketName: 'there can be none of this name: correct SLIPWAY_S3_BUCKET',
  InvalidAccessKeyId: 'the access key is not known there: correct AWS_ACCESS_KEY_ID',
  SignatureDoesNotMatch: 'the secret key does not belong to the access key: correct AWS_SECRET_ACCESS_KEY',
  ExpiredToken: 'the credentials have expired', InvalidToken: 'the session token is not valid',
  CredentialsProviderError: 'there are no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the service account a role',
  RequestTimeTooSkewed: 'the clock of this machine is wrong',
  AccessDenied: RIGHTS, Forbidden: RIGHTS, AllAccessDisabled: RIGHTS,
  PermanentRedirect: REGION, AuthorizationHeaderMalformed: REGION,
};

/** No room for more, as the makers of S3-compatible storage call it. */
const full = new Set(['QuotaExceeded', 'XMinioStorageFull', 'XMinioAdminBucketQuotaExceeded', 'InsufficientStorage']);
const INSUFFICIENT_STORAGE = 507;

/** The storage can be reached, and what it says will be the same until someone changes a setting. */
export class BucketMistake extends BlobStoreUnavailable {}

type S3Error = Error & Partial<S3ServiceException> & { code?: string; Region?: string };

/** What was said by the SDK, as the errors that a BlobStore throws: ENOSPC where there is no room, BlobStoreUnavailable for all else. Each says what to do. */
export function storeError(thrown: unknown, bucket: string): Error {
  if (thrown instanceof BlobStoreUnavailable) return thrown;
  const error = thrown as S3Error;
  const status = error.$metadata?.httpStatusCode;
  if (full.has(error.name) || status === INSUFFICIENT_STORAGE) return Object.assign(new Error(`The bucket "${bucket}" has no room for more (${error.name}).`, { cause: error }), { code: 'ENOSPC' });
  const mistake = mistakes[error.name] ?? (status === 403 ? RIGHTS : status === 301 ? REGION : undefined);
  if (mistake !== undefined) return new BucketMistake(`The bucket "${bucket}" cannot be used: ${mistake}${error.Region === undefined ? '' : `, to ${error.Region}`} (${error.name}).`, { cause: error });
  if (isRefusal(error.name, status)) return new BucketMistake(`The bucket "${bucket}" refuses what was asked (${error.name}, HTTP ${status}).`, { cause: error });
  return new BlobStoreUnavailable(`The bucket "${bucket}" does not answer as it should: ${status === undefined ? error.code ?? error.name : `${error.name}, HTTP ${status}`}.`, { cause: error });
}

/** That the answer will be the same next time; busy storage answers 503, or one of these. */
const isRefusal = (code: string, status = 0): boolean => status >= 400 && status < 500 && status !== 408 && status !== 429 && code !== 'RequestTimeout';

/** S3 has no object, or no upload, of this name. */
export const isMissing = (error: unknown): boolean => ['NoSuchKey', 'NotFound', 'NoSuchUpload'].includes((error as Error).name);
