import { request } from 'node:http';
import type { Settings } from './settings.ts';

/** Resolves when the public port says that database, messages and API are ready; the processes are up by then, so this is a matter of moments. */
export async function untilAnswers(settings: Settings, signal: AbortSignal): Promise<void> {
  while (!await answers(settings)) {
    signal.throwIfAborted();
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
}

function answers({ listen, port, domain }: Settings): Promise<boolean> {
  const host = listen === '0.0.0.0' || listen === '::' ? '127.0.0.1' : listen;
  return new Promise((resolve) => {
    const sent = request({ host, port, path: '/readyz', headers: { host: `${domain}:${port}` }, timeout: 2_000, agent: false }, (response) => {
      response.resume();
      response.once('end', () => { resolve(response.statusCode === 200); });
      response.once('error', () => { resolve(false); });
    });
    sent.once('error', () => { resolve(false); });
    sent.once('timeout', () => { sent.destroy(); });
    sent.end();
  });
}
