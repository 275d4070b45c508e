import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { z } from 'zod';
import { readEnv } from '../service/env.ts';
import { hostPort, listenOnPort } from '../service/listen.ts';
import { run } from '../service/run.ts';
import { createDirectoryStore, sweepUploads } from './directory.ts';
import { createBlobHandler } from './http.ts';

/** Transfers that are under way may take this long when the server stops. */
const FINISH_MS = 25_000;

/** The blob server of a cluster: the one process that has the volume (or the account of the object storage), and nothing but signed URLs for all others. */
run('blobs', async ({ log, onStop }) => {
  const env = readEnv({ SLIPWAY_LISTEN: hostPort, SLIPWAY_BLOB_KEY_FILE: z.string().min(1), SLIPWAY_BLOB_DIR: z.string().min(1) });
  const key = Buffer.from(readFileSync(env.SLIPWAY_BLOB_KEY_FILE, 'utf8').trim(), 'base64');
  const store = createDirectoryStore({ dir: env.SLIPWAY_BLOB_DIR, key });
  await sweepUploads(env.SLIPWAY_BLOB_DIR);
  const handle = createBlobHandler({ store, key, onError: (error) => { log.error({ error }, 'a transfer failed'); } });
  const server = createServer({ requestTimeout: 0, headersTimeout: 30_000, keepAliveTimeout: 75_000 }, (request, response) => { void handle(request, response); });
  await listenOnPort(server, env.SLIPWAY_LISTEN);
  onStop(async () => {
    const closed = new Promise<void>((resolve) => { server.close(() => { resolve(); }); });
    server.closeIdleConnections();
    const timer = setTimeout(() => { server.closeAllConnections(); }, FINISH_MS);
    await closed;
    clearTimeout(timer);
  });
}, 35);
