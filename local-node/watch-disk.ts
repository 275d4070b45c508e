import { spawn } from 'node:child_process';

/** A fast disk takes a gigabyte in this time: a limit is a limit give or take one. */
const LOOK_MS = 1_000;

/** Samples what directories and files hold: no file system here knows a quota for a directory. A look never begins before three times the last one's duration has passed. */
export function watchDisk(paths: string[], limitBytes: number, onFull: () => void): () => void {
  let timer: NodeJS.Timeout;
  let stopped = false;
  const look = (): void => {
    const began = performance.now();
    const du = spawn('du', ['-sk', ...paths], { stdio: ['ignore', 'pipe', 'ignore'], env: { PATH: process.env.PATH, LC_ALL: 'C' } });
    let text = '';
    du.stdout.on('data', (chunk: Buffer) => { text += chunk.toString(); });
    let over = false;
    const done = (): void => {
      if (over || stopped) return;
      over = true;
      const kilobytes = text.split('\n').reduce((sum, line) => sum + (Number(line.split('\t')[0]) || 0), 0);
      if (kilobytes * 1024 > limitBytes) onFull();
      else timer = setTimeout(look, Math.max(LOOK_MS, 3 * (performance.now() - began)));
    };
    du.once('error', done);
    du.once('close', done);
  };
  timer = setTimeout(look, LOOK_MS);
  return () => { stopped = true; clearTimeout(timer); };
}
