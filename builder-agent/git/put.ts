import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { traceHeaders } from '../../service/trace-context.ts';

/** A storage that takes nothing and says nothing for so long is away. */
const IDLE_MS = 60_000;

/** Uploads a stream at the pace that the other side takes it (`fetch` would hold all of it in memory). Rejects when either side breaks off. */
export function put(url: string, body: Readable): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const upload = (url.startsWith('https:') ? httpsRequest : httpRequest)(url, { method: 'PUT', agent: false, headers: traceHeaders() }, (response) => {
      // It may come before the end of the body: a refusal.
      text(response).then((answer) => { resolve({ status: response.statusCode ?? 0, text: answer }); }, reject).finally(() => { upload.destroy(); });
    });
    upload.setTimeout(IDLE_MS, () => { upload.destroy(new Error('the storage does not answer')); });
    upload.on('error', reject);
    body.on('error', (error) => { upload.destroy(error); });
    body.pipe(upload);
  });
}
