import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultPoint } from './fault-points.ts';

const dir = process.env.SLIPWAY_FAULT_DIR;

/**
 * Nothing, unless a fault run has put a file of the point's name, with a process id in it, into SLIPWAY_FAULT_DIR: then, once, that process
 * is ended by SIGKILL, and whoever came here goes on when it is gone.
 */
export function faultPoint(point: FaultPoint): void {
  if (dir === undefined) return;
  const armed = join(dir, point);
  // Of several that come here at once, one takes it.
  try { renameSync(armed, `${armed}.hit`); } catch { return; }
  const victim = Number(readFileSync(`${armed}.hit`, 'utf8'));
  try {
    process.kill(victim, 'SIGKILL');
    // Blocking: nothing of ours may happen before its end.
    for (const clock = new Int32Array(new SharedArrayBuffer(4)); process.kill(victim, 0);) Atomics.wait(clock, 0, 0, 1);
  } catch { /* it is gone */ }
}
