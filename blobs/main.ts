import { createServer } from 'node:http';
import { z } from 'zod';
import { readEnv } from '../service/env.ts';
import { inServerSpan } from '../service/http-trace.ts';
import { hostPort, listenOnPort } from '../service/listen.ts';
import { run } from '../service/run.ts';
import { withoutQuery } from '../service/without-query.ts';
import { createDirectoryStore, sweepDirectory } from './directory.ts';
import { createBlobHandler } from './http.ts';
import { watchBlobKeys } from './key-file.ts';
import { s3Env } from './s3/settings.ts';

/** Transfers that are under way may take this long when the server stops. */
const FINISH_MS = 25_000;

const serverEnv = { SLIPWAY_LISTEN: hostPort, SLIPWAY_BLOB_KEY_FILE: z.string().min(1) };
const directoryEnv = { SLIPWAY_BLOB_DIR: z.string({ error: 'must be set, to a directory for blobs; or SLIPWAY_S3_BUCKET, to a bucket for them' }).min(1) };
const isInBucket = Object.entries(process.env).some(([name, value]) => name.startsWith('SLIPWAY_S3_') && value !== '');

/**
 * The blob server of a cluster: the one process that has the volume, or the credentials of the bucket. All others have signed URLs, and it holds
 * them to what no bucket's own signed URL could: a largest size, one use, and a name that is the content's digest.
 */
run('blobs', async ({ log, signal, onStop }) => {
  const env = isInBucket ? readEnv({ ...serverEnv, ...s3Env }) : readEnv({ ...serverEnv, ...directoryEnv });
  const { keys: key, stop } = watchBlobKeys(env.SLIPWAY_BLOB_KEY_FILE, log);
  onStop(stop);
  const openDirectory = async (dir: string) => { await sweepDirectory(dir); return { store: createDirectoryStore({ dir, key }), close: () => undefined }; };
  // Only who has a bucket pays for its library.
  const { store, close } = 'SLIPWAY_S3_BUCKET' in env ? await (await import('./s3/open.ts')).openS3Store(env, key, log, signal) : await openDirectory(env.SLIPWAY_BLOB_DIR);
  onStop(close);
  const handle = createBlobHandler({ store, key, onError: (error) => { log.error({ error }, 'a transfer failed'); } });
  const server = createServer({ requestTimeout: 0, headersTimeout: 30_000, keepAliveTimeout: 75_000 }, (request, response) => {
    inServerSpan(request, response, { route: '/blobs', path: withoutQuery(request.url) }, () => { void handle(request, response); });
  });
  await listenOnPort(server, env.SLIPWAY_LISTEN);
  onStop(async () => {
    const closed = new Promise<void>((resolve) => { server.close(() => { resolve(); }); });
    server.closeIdleConnections();
    const timer = setTimeout(() => { server.closeAllConnections(); }, FINISH_MS);
    await closed;
    clearTimeout(timer);
  });
}, 35);
