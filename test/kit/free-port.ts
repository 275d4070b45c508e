import { isPortFree } from '../../service/port.ts';

/** Below the ports that the system gives to whoever asks for any, and those that local-node gives to apps: nobody else comes to have one, also while its owner restarts. */
const FIRST = 10_000;
const LAST = 20_000;
/** Of each process: test files run several at a time. */
const OWN = 100;

let next = 0;

/** A port of loopback nobody listens on; this process gets it once only, unless it asks for very many. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 1_000; tries++) {
    const port = FIRST + (process.pid * OWN + next++) % (LAST - FIRST);
    if (await isPortFree(port, '127.0.0.1')) return port;
  }
  throw new Error('no port');
}
