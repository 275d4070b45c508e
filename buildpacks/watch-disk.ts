import { spawn } from 'node:child_process';
import { statfs } from 'node:fs/promises';

/** A fast disk takes a gigabyte in this time: a limit is a limit give or take one. */
const LOOK_MS = 1_000;
/** How much room is left costs one system call. */
const LOOK_ROOM_MS = 200;
/** What is left to those who must go on writing: database, messages, logs. */
export const RESERVE_BYTES = 128 * 1024 * 1024;

/** `used`: the directories hold more than they may. `left`: the disk they are on has no more to give. */
export type DiskEnd = 'used' | 'left';

/** Samples what directories and files hold, and what their disk has left: no file system here knows a quota for a directory. Calls back once; answers how to stop. */
export function watchDisk(paths: [string, ...string[]], limitBytes: number, onFull: (why: DiskEnd) => void): () => void {
  let stopped = false;
  const full = (why: DiskEnd): void => {
    if (stopped) return;
    stop();
    onFull(why);
  };
  const stopUsed = repeatSoon(async () => { if (await usedBytes(paths) > limitBytes) full('used'); }, LOOK_MS);
  const stopLeft = repeatSoon(async () => {
    const { bavail, bsize } = await statfs(paths[0]);
    if (bavail * bsize < RESERVE_BYTES) full('left');
  }, LOOK_ROOM_MS);
  const stop = (): void => { stopped = true; stopUsed(); stopLeft(); };
  return stop;
}

/** A look never begins before three times the last one's duration has passed; one that fails says nothing. */
function repeatSoon(look: () => Promise<void>, everyMs: number): () => void {
  let timer: NodeJS.Timeout;
  let stopped = false;
  const run = async (): Promise<void> => {
    const began = performance.now();
    await look().catch(() => undefined);
    if (!stopped) timer = setTimeout(() => { void run(); }, Math.max(everyMs, 3 * (performance.now() - began)));
  };
  timer = setTimeout(() => { void run(); }, everyMs);
  return () => { stopped = true; clearTimeout(timer); };
}

function usedBytes(paths: string[]): Promise<number> {
  const du = spawn('du', ['-sk', ...paths], { stdio: ['ignore', 'pipe', 'ignore'], env: { PATH: process.env.PATH, LC_ALL: 'C' } });
  let text = '';
  du.stdout.on('data', (chunk: Buffer) => { text += chunk.toString(); });
  return new Promise((resolve, reject) => {
    du.once('error', reject);
    du.once('close', () => { resolve(text.split('\n').reduce((sum, line) => sum + (Number(line.split('\t')[0]) || 0), 0) * 1024); });
  });
}
