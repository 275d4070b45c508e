import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultPoint } from './fault-points.ts';

const wanted = process.env.SLIPWAY_FAULT;

/** Does nothing, unless a fault test named this point: then the process notes that it was here and kills itself with SIGKILL, once. */
export function faultPoint(point: FaultPoint): void {
  if (wanted !== point) return;
  const note = join(process.env.SLIPWAY_FAULT_DIR ?? '.', `${point}.hit`);
  if (existsSync(note)) return;
  writeFileSync(note, '');
  process.kill(process.pid, 'SIGKILL');
}
