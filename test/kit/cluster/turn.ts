import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from '../processes.ts';
import type { Scope } from '../temp.ts';
import { until } from '../wait.ts';

const PATIENCE_MS = 900_000;
const ALONE = 'alone';
const TOGETHER = 'together';

/** A directory for the turns of one run's tests. */
export function makeTurns(): string {
  const made = mkdtempSync(join(tmpdir(), 'slip-turns-'));
  mkdirSync(join(made, TOGETHER));
  return made;
}

/** The run's, where its test files, a process each, say whose turn it is. */
const dir = process.env.SLIPWAY_TEST_TURNS ?? '';
let isAlone = false;

const holder = (): number | null => {
  const file = join(dir, ALONE);
  const pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  return pid !== 0 && isAlive(pid) ? pid : null;
};
const others = (): string[] => readdirSync(join(dir, TOGETHER)).filter((pid) => pid !== String(process.pid) && isAlive(Number(pid)));

/** Until the end of the scope no test has the cluster alone. */
export async function takeTurn(scope: Scope): Promise<void> {
  if (isAlone || dir === '') return;
  const own = join(dir, TOGETHER, String(process.pid));
  await until(() => {
    if (holder() !== null) return false;
    writeFileSync(own, '');
    if (holder() === null) return true;
    rmSync(own);
    return false;
  }, { within: PATIENCE_MS, what: () => 'no other test has the cluster alone' });
  scope.after(async () => { rmSync(own, { force: true }); });
}

/** Until the end of the scope no other test uses the cluster: this one stops what all of them need. */
export async function takeTurnAlone(scope: Scope): Promise<void> {
  if (dir === '') return;
  await until(() => {
    if (holder() !== null) return false;
    rmSync(join(dir, ALONE), { force: true });
    try { writeFileSync(join(dir, ALONE), String(process.pid), { flag: 'wx' }); return true; } catch { return false; }
  }, { within: PATIENCE_MS, what: () => 'no other test has the cluster alone' });
  isAlone = true;
  scope.after(async () => { rmSync(join(dir, ALONE), { force: true }); });
  await until(() => others().length === 0, { within: PATIENCE_MS, what: () => `no other test uses the cluster: ${others().join(', ')}` });
}
