import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { freePort } from './free-port.ts';
import { refuseUnsigned } from './fake-s3-signature.ts';
import type { S3Account, S3Refusal } from './fake-s3-signature.ts';
import type { Scope } from './temp.ts';

/** What is asked for, by S3's name for it. */
export type S3Operation = 'ListObjectsV2' | 'ListMultipartUploads' | 'HeadObject' | 'GetObject' | 'PutObject' | 'DeleteObject' | 'CreateMultipartUpload' | 'UploadPart' | 'CompleteMultipartUpload' | 'AbortMultipartUpload';
export interface S3Request { operation: S3Operation; key: string; query: URLSearchParams; range: string | undefined }
/** Instead of the right answer: another one, the connection's end within the body of the request or of the answer, or the answer lost, or later. */
export type S3Fault = S3Refusal | { cut: 'request' | 'answer' } | { loseAnswer: true } | { until: Promise<void> };

interface PartialUpload { key: string; parts: Map<number, Buffer>; initiated: Date }

/** S3 without a cloud, spoken to over HTTP by the real client: one bucket in memory; it checks each request's signature and body, and the parts of what is uploaded in parts. */
export interface FakeS3 {
  account: S3Account;
  /** As the blob server has it in its environment. */
  env: Record<'SLIPWAY_S3_ENDPOINT' | 'SLIPWAY_S3_BUCKET' | 'SLIPWAY_S3_REGION' | 'AWS_ACCESS_KEY_ID' | 'AWS_SECRET_ACCESS_KEY', string>;
  objects: Map<string, Buffer>;
  uploads: Map<string, PartialUpload>;
  requests: S3Request[];
  /** Of one answer. */
  pageSize: number;
  /** While set, asked of each request before its body is read. */
  intercept: ((request: S3Request) => S3Fault | null) | null;
  /** Nothing listens any more; or again, at the same port. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

const BUCKET = 'blobs';
const MIN_PART_BYTES = 5 * 1024 * 1024;

export async function startFakeS3(scope: Scope): Promise<FakeS3> {
  const account = { accessKeyId: `AK${randomBytes(6).toString('hex')}`, secretAccessKey: randomBytes(16).toString('base64'), region: 'test-1' };
  const port = await freePort();
  const server = createServer((request, response) => { answer(fake, request, response).catch(() => { response.destroy(); }); });
  const fake: FakeS3 = {
    account, objects: new Map(), uploads: new Map(), requests: [], pageSize: 1000, intercept: null,
    env: { SLIPWAY_S3_ENDPOINT: `http://127.0.0.1:${port}`, SLIPWAY_S3_BUCKET: BUCKET, SLIPWAY_S3_REGION: account.region, AWS_ACCESS_KEY_ID: account.accessKeyId, AWS_SECRET_ACCESS_KEY: account.secretAccessKey },
    stop: async () => {
      const closed = new Promise<void>((resolve) => { server.close(() => { resolve(); }); });
      server.closeAllConnections();
      await closed;
    },
    start: () => new Promise((resolve, reject) => { server.once('error', reject).listen(port, '127.0.0.1', () => { resolve(); }); }),
  };
  await fake.start();
  scope.after(() => fake.stop());
  return fake;
}

async function answer(fake: FakeS3, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://s3');
  const [, bucket, ...rest] = decodeURIComponent(pathname).split('/');
  const asked: S3Request = { operation: operationOf(request.method ?? '', rest.join('/'), query), key: rest.join('/'), query, range: request.headers.range };
  fake.requests.push(asked);
  const fault = fake.intercept?.(asked) ?? null;
  if (fault && 'cut' in fault && fault.cut === 'request') { for (const event of ['data', 'end']) request.once(event, () => { request.socket.destroy(); }); return; }
  const body = await read(request);
  if (fault && 'until' in fault) await fault.until;
  if (response.destroyed) return;
  const refusal = refuseUnsigned(request, body, fake.account) ?? (fault && 'status' in fault ? fault : null) ?? (bucket === BUCKET ? null : { status: 404, code: 'NoSuchBucket' });
  if (refusal) { refuse(response, refusal); return; }
  if (fault && 'cut' in fault) {
    const content = fake.objects.get(asked.key) ?? Buffer.alloc(0);
    const [start, end] = bytesOf(asked.range, content.length);
    response.writeHead(asked.range ? 206 : 200, { 'content-length': end - start + 1, ...(asked.range ? { 'content-range': `bytes ${start}-${end}/${content.length}` } : {}) });
    response.write(content.subarray(start, start + Math.ceil((end - start) / 2)), () => { response.destroy(); });
    return;
  }
  const lost = fault && 'loseAnswer' in fault;
  operations[asked.operation](fake, asked, body, lost ? { reply: () => { response.destroy(); } } : { reply: (status, headers, content) => { response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : content); } });
}

function operationOf(method: string, key: string, query: URLSearchParams): S3Operation {
  if (method === 'GET') return query.has('uploads') ? 'ListMultipartUploads' : key === '' ? 'ListObjectsV2' : 'GetObject';
  if (method === 'HEAD') return 'HeadObject';
  if (method === 'POST') return query.has('uploads') ? 'CreateMultipartUpload' : 'CompleteMultipartUpload';
  if (method === 'PUT') return query.has('uploadId') ? 'UploadPart' : 'PutObject';
  return query.has('uploadId') ? 'AbortMultipartUpload' : 'DeleteObject';
}

interface Reply { reply(status: number, headers?: Record<string, string | number>, content?: Buffer | string): void }
type Operation = (fake: FakeS3, request: S3Request, body: Buffer, out: Reply) => void;

const etagOf = (content: Buffer): string => `"${createHash('md5').update(content).digest('hex')}"`;
const xml = (name: string, content: string): string => `<?xml version="1.0" encoding="UTF-8"?>\n<${name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${content}</${name}>`;
const errorXml = (code: string, more = ''): string => `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${code}</Message>${more}</Error>`;
const missing = (out: Reply, code: string): void => { out.reply(404, {}, errorXml(code)); };

const operations: Record<S3Operation, Operation> = {
  ListObjectsV2: ({ objects }, { query }, _body, out) => {
    const keys = [...objects.keys()].filter((key) => key.startsWith(query.get('prefix') ?? '')).sort().slice(0, Number(query.get('max-keys') ?? 1000));
    out.reply(200, {}, xml('ListBucketResult', `<Name>${BUCKET}</Name><KeyCount>${keys.length}</KeyCount><IsTruncated>false</IsTruncated>${keys.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('')}`));
  },
  ListMultipartUploads: ({ uploads, pageSize }, { query }, _body, out) => {
    const after = query.get('upload-id-marker') ?? '';
    const all = [...uploads].filter(([id, { key }]) => key.startsWith(query.get('prefix') ?? '') && id > after).sort(([a], [b]) => (a < b ? -1 : 1));
    const page = all.slice(0, pageSize);
    const next = page.at(-1);
    const more = all.length > page.length && next ? `<NextKeyMarker>${next[1].key}</NextKeyMarker><NextUploadIdMarker>${next[0]}</NextUploadIdMarker>` : '';
    out.reply(200, {}, xml('ListMultipartUploadsResult', `<Bucket>${BUCKET}</Bucket><IsTruncated>${more !== ''}</IsTruncated>${more}`
      + page.map(([id, { key, initiated }]) => `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${initiated.toISOString()}</Initiated></Upload>`).join('')));
  },
  HeadObject: ({ objects }, { key }, _body, out) => {
    const content = objects.get(key);
    if (content) out.reply(200, { 'content-length': content.length, etag: etagOf(content) }); else out.reply(404);
  },
  GetObject: ({ objects }, { key, range }, _body, out) => {
    const content = objects.get(key);
    if (!content) { missing(out, 'NoSuchKey'); return; }
    const [start, end] = bytesOf(range, content.length);
    if (range !== undefined && start >= content.length) { out.reply(416, {}, errorXml('InvalidRange')); return; }
    out.reply(range ? 206 : 200, { etag: etagOf(content), 'content-length': end - start + 1, ...(range ? { 'content-range': `bytes ${start}-${end}/${content.length}` } : {}) }, content.subarray(start, end + 1));
  },
  PutObject: ({ objects }, { key }, body, out) => { objects.set(key, body); out.reply(200, { etag: etagOf(body) }); },
  DeleteObject: ({ objects }, { key }, _body, out) => { objects.delete(key); out.reply(204); },
  CreateMultipartUpload: ({ uploads }, { key }, _body, out) => {
    const id = randomUUID();
    uploads.set(id, { key, parts: new Map(), initiated: new Date() });
    out.reply(200, {}, xml('InitiateMultipartUploadResult', `<Bucket>${BUCKET}</Bucket><Key>${key}</Key><UploadId>${id}</UploadId>`));
  },
  UploadPart: ({ uploads }, { query }, body, out) => {
    const upload = uploads.get(query.get('uploadId') ?? '');
    if (!upload) { missing(out, 'NoSuchUpload'); return; }
    upload.parts.set(Number(query.get('partNumber')), body);
    out.reply(200, { etag: etagOf(body) });
  },
  CompleteMultipartUpload: ({ uploads, objects }, { key, query }, body, out) => {
    const id = query.get('uploadId') ?? '';
    const upload = uploads.get(id);
    if (!upload) { missing(out, 'NoSuchUpload'); return; }
    const named = [...body.toString().matchAll(/<Part>(.*?)<\/Part>/gs)].map(([, part = '']) => ({ number: Number(/<PartNumber>(\d+)</.exec(part)?.[1]), etag: /<ETag>([^<]+)</.exec(part)?.[1]?.replaceAll('&quot;', '"') }));
    const parts = named.map(({ number, etag }) => { const part = upload.parts.get(number); return part && etagOf(part) === etag ? part : null; });
    if (named.length === 0 || parts.includes(null) || named.some(({ number }, index) => number !== index + 1)) { out.reply(400, {}, errorXml('InvalidPart')); return; }
    if (parts.slice(0, -1).some((part) => part !== null && part.length < MIN_PART_BYTES)) { out.reply(400, {}, errorXml('EntityTooSmall')); return; }
    objects.set(key, Buffer.concat(parts.filter((part) => part !== null)));
    uploads.delete(id);
    out.reply(200, {}, xml('CompleteMultipartUploadResult', `<Bucket>${BUCKET}</Bucket><Key>${key}</Key><ETag>"${id}-${parts.length}"</ETag>`));
  },
  AbortMultipartUpload: ({ uploads }, { query }, _body, out) => { if (uploads.delete(query.get('uploadId') ?? '')) out.reply(204); else missing(out, 'NoSuchUpload'); },
};

function bytesOf(range: string | undefined, size: number): [number, number] {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
  return [Number(from ?? 0), to === undefined || to === '' ? size - 1 : Math.min(Number(to), size - 1)];
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function refuse(response: ServerResponse, { status, code, more }: S3Refusal): void {
  response.writeHead(status, { 'content-type': 'application/xml' }).end(response.req.method === 'HEAD' ? undefined : errorXml(code, more));
}
