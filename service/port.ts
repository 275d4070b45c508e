import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

const TRIES = 200;

/** Whether nobody listens on a port now: of this address, else of any. */
export function isPortFree(port: number, host?: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => { resolve(false); });
    probe.listen({ port, host }, () => { probe.close(() => { resolve(true); }); });
  });
}

/** Any port from `first` to `last` - 1 on which nobody listens now; null: none was found. */
export async function findFreePort(first: number, last: number, host?: string): Promise<number | null> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const port = randomInt(first, last);
    if (await isPortFree(port, host)) return port;
  }
  return null;
}
