import { execFile } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { promisify } from 'node:util';

export type OnOutput = (stream: 'stdout' | 'stderr', chunk: Uint8Array) => void;

export interface Fifos {
  /** Reads what is left once nobody can write any more, and closes. */
  release(): Promise<void>;
}

/** What is still in a FIFO when all who wrote have ended takes no longer than this to read. */
const LAST_OUTPUT_MS = 2_000;

export const makeFifos = async (...files: string[]): Promise<void> => { await promisify(execFile)('mkfifo', ['-m', '600', ...files]); };

/** Reads two FIFOs as output comes. A writer of our own keeps them from ending before the program has opened them. */
export function openFifos(files: Record<'stdout' | 'stderr', string>, onOutput: OnOutput): Fifos {
  const readers = (['stdout', 'stderr'] as const).map((stream) => {
    const holder = openSync(files[stream], constants.O_RDWR | constants.O_NONBLOCK);
    const socket = new Socket({ fd: openSync(files[stream], constants.O_RDONLY | constants.O_NONBLOCK), readable: true, writable: false });
    socket.on('data', (chunk: Uint8Array) => { onOutput(stream, chunk); });
    socket.on('error', () => { socket.destroy(); });
    return { holder, socket, closed: new Promise<void>((resolve) => { socket.once('close', () => { resolve(); }); }) };
  });
  return {
    release: async () => {
      for (const { holder } of readers) closeSync(holder);
      // After another look: a process that stood still has not read yet what is there.
      const timer = setTimeout(() => { setImmediate(() => { for (const { socket } of readers) socket.destroy(); }); }, LAST_OUTPUT_MS);
      await Promise.all(readers.map(({ closed }) => closed));
      clearTimeout(timer);
    },
  };
}
