import { linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identify, isAlive } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { StartError } from './start-error.ts';

interface Holder extends ProcessIdentity { stopping: boolean }

export interface HomeLock {
  /** Tells a start that comes now to wait for our end instead of giving up. */
  announceStop(): void;
}

/** How long a start waits for the last one to stop. */
const STOP_SECONDS = 90;

/**
 * Takes the data directory for this process until it ends, or throws StartError that says who has it.
 * Holders have numbers, and the highest counts: taking over from a dead one makes the next number, which only one of two can.
 */
export async function lockHome(dir: string, home: string, onWait: (pid: number) => void): Promise<HomeLock> {
  const mine = join(dir, `lock.${process.pid}.new`);
  const write = (stopping: boolean): void => { writeFileSync(mine, JSON.stringify({ ...identify(process.pid), stopping } satisfies Holder), { mode: 0o600 }); };
  write(false);
  try {
    for (;;) {
      const last = numbers(dir).at(-1) ?? 0;
      const holder = readHolder(dir, last);
      if (holder && isAlive(holder)) {
        if (!holder.stopping) throw new StartError(`Slipway already runs on ${home} (process ${holder.pid}): stop it first, or set SLIPWAY_HOME to another directory.`);
        onWait(holder.pid);
        await untilGone(holder);
      }
      if (!tryLink(mine, lockFile(dir, last + 1))) continue;
      // Who read the numbers long ago may have made one that has come and gone.
      if (numbers(dir).at(-1) !== last + 1) continue;
      for (const number of numbers(dir)) if (number < last) rmSync(lockFile(dir, number), { force: true });
      return {
        announceStop: () => {
          write(true);
          renameSync(mine, lockFile(dir, last + 1));
        },
      };
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

const lockFile = (dir: string, number: number): string => join(dir, `lock.${number}`);

const numbers = (dir: string): number[] => readdirSync(dir).flatMap((name) => (/^lock\.\d+$/.test(name) ? [Number(name.slice(5))] : [])).sort((a, b) => a - b);

function readHolder(dir: string, number: number): Holder | null {
  try { return JSON.parse(readFileSync(lockFile(dir, number), 'utf8')) as Holder; } catch { return null; }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function untilGone(holder: Holder): Promise<void> {
  const deadline = Date.now() + STOP_SECONDS * 1000;
  while (isAlive(holder)) {
    if (Date.now() > deadline) throw new StartError(`The last start (process ${holder.pid}) has not stopped for ${STOP_SECONDS} s: end it and start again.`);
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
}
