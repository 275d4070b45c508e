import { spawnSync } from 'node:child_process';
import { chmod } from 'node:fs/promises';
import { makeTemp } from './temp.ts';
import type { Scope } from './temp.ts';

/** A directory on a disk of its own of this size ("64k", "10m"); null where this machine lets us mount none. */
export async function mountSmallDisk(scope: Scope, size: string): Promise<string | null> {
  let remove = (): Promise<void> => Promise.resolve();
  const dir = await makeTemp({ after: (fn) => { remove = fn; } }, 'disk-');
  const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', dir]).status === 0;
  scope.after(async () => {
    if (isMounted) spawnSync('umount', ['--lazy', dir]);
    await remove();
  });
  await chmod(dir, 0o755);
  return isMounted ? dir : null;
}
