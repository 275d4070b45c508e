import { connect } from 'node:net';
import { findFreePort } from '../service/port.ts';
import { isTaken, listenerUid } from './socket-table.ts';

/** Below the ranges from which systems give ports to outgoing connections (Linux 32768, macOS 49152). */
const FIRST = 20_000;
const LAST = 32_000;

/** A port that nobody listens on now, at no address: an app that listens on one of them would be in the way. */
export async function freePort(): Promise<number> {
  const port = await findFreePort(FIRST, LAST);
  if (port === null) throw new Error('No free port was found for a replica.');
  return port;
}

/** The loopback address at which the port takes connections; null: none, or somebody else's: another app may not catch a port that is not its own. */
export async function listeningHost(port: number, uid: number | undefined): Promise<string | null> {
  for (const host of ['127.0.0.1', '::1']) {
    if (!await accepts(host, port)) continue;
    const owner = uid === undefined ? null : listenerUid(port);
    return owner === null || owner === uid ? host : null;
  }
  return null;
}

/** How long a connection may wait for a program to take it, before another look. */
const PATIENCE_MS = 1_000;
const LOOK_MS = 5;
/** Where the system does not say who has it: what ends just now has cut it by then. */
const HOLD_MS = 250;

/** Whether a program takes a connection: the system alone completes it for one that listens, and may crash before it serves. */
function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host });
    let look: NodeJS.Timeout | undefined;
    const answer = (taken: boolean): void => { clearTimeout(look); clearTimeout(patience); socket.destroy(); resolve(taken); };
    const patience = setTimeout(() => { answer(false); }, PATIENCE_MS);
    const ask = (): void => {
      const taken = isTaken(socket.localPort ?? 0, port);
      if (taken === true) answer(true);
      else look = taken === null ? setTimeout(() => { answer(true); }, HOLD_MS) : setTimeout(ask, LOOK_MS);
    };
    socket.once('connect', ask);
    // Cut is not taken; closed in order is.
    socket.once('error', () => { answer(false); });
    socket.once('end', () => { answer(true); }).resume();
  });
}
