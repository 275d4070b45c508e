import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export interface S3Account { accessKeyId: string; secretAccessKey: string; region: string }
export interface S3Refusal { status: number; code: string; more?: string }

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();
const escaped = (text: string): string => encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** Why a request is not signed by this account (AWS Signature Version 4, in headers); null: it is. The body's SHA-256 must be in the signature. */
export function refuseUnsigned({ method = '', url = '', headers }: IncomingMessage, body: Buffer, account: S3Account): S3Refusal | null {
  const [, keyId, date, region, signedHeaders = '', signature] = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(headers.authorization ?? '') ?? [];
  if (keyId === undefined || date === undefined) return { status: 403, code: 'AccessDenied' };
  if (keyId !== account.accessKeyId) return { status: 403, code: 'InvalidAccessKeyId' };
  if (region !== account.region) return { status: 400, code: 'AuthorizationHeaderMalformed', more: `<Region>${account.region}</Region>` };
  const { pathname, searchParams } = new URL(url, 'http://s3');
  const query = [...searchParams].map(([name, value]) => `${escaped(name)}=${escaped(value)}`).sort().join('&');
  const canonicalHeaders = signedHeaders.split(';').map((name) => `${name}:${String(headers[name] ?? '').trim()}\n`).join('');
  const claimed = String(headers['x-amz-content-sha256']);
  const request = [method, pathname, query, canonicalHeaders, signedHeaders, claimed].join('\n');
  const scope = `${date}/${region}/s3/aws4_request`;
  const signingKey = ['s3', 'aws4_request'].reduce((key, part) => hmac(key, part), hmac(hmac(`AWS4${account.secretAccessKey}`, date), region));
  const expected = hmac(signingKey, ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(request)].join('\n')).toString('hex');
  if (expected !== signature) return { status: 403, code: 'SignatureDoesNotMatch' };
  return claimed === sha256(body) ? null : { status: 400, code: 'XAmzContentSHA256Mismatch' };
}
