import { request } from 'node:http';
import type { Settings } from './settings.ts';
import { StartError } from './start-error.ts';

/** The processes are up by then, so it is a matter of moments; this is for a machine that does much else. */
const PATIENCE_SECONDS = 120;

/** Resolves when the public port says that database, messages and API are ready. */
export async function untilAnswers(settings: Settings, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + PATIENCE_SECONDS * 1000;
  while (!await answers(settings)) {
    signal.throwIfAborted();
    if (Date.now() > deadline) throw new StartError(`The platform did not become ready in ${PATIENCE_SECONDS} s: see what its processes said above, or start with "npm start -- --json" to see all of it.`);
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
