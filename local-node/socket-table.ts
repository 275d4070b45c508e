import { readFileSync } from 'node:fs';

interface TableSocket { local: number; remote: number; state: string; uid: number; inode: string }

const LISTEN = '0A';
const ESTABLISHED = '01';

/** The user that listens on a local port; null: nobody, or this system does not say. */
export function listenerUid(port: number): number | null {
  return readSockets().find(({ state, local }) => state === LISTEN && local === port)?.uid ?? null;
}

/** Whether a program has taken the connection from our port `from` to its port `to`, or it still waits in the queue; null: this system does not say (any more). */
export function isTaken(from: number, to: number): boolean | null {
  const theirs = readSockets().find(({ state, local, remote }) => state === ESTABLISHED && local === to && remote === from);
  // What no program has taken yet belongs to no file.
  return theirs === undefined ? null : theirs.inode !== '0';
}

function readSockets(): TableSocket[] {
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => {
    let table = '';
    try { table = readFileSync(file, 'latin1'); } catch { return []; }
    return table.split('\n').slice(1).filter((line) => line !== '').map((line) => {
      const [, local = '', remote = '', state = '', , , , uid = '', , inode = ''] = line.trim().split(/\s+/);
      return { local: portOf(local), remote: portOf(remote), state, uid: Number(uid), inode };
    });
  });
}

const portOf = (address: string): number => Number.parseInt(address.slice(address.lastIndexOf(':') + 1), 16);
