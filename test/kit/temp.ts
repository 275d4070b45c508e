import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whatever calls back at its end: a test's context, or a list of a `describe`. */
export interface Scope { after(fn: () => Promise<void>): void }

/** A directory of this test's own; removed when the scope ends. Short, because unix sockets live in it. */
export async function makeTemp(scope: Scope, prefix: string, under = tmpdir()): Promise<string> {
  const dir = await realpath(await mkdtemp(join(under, prefix)));
  scope.after(() => rm(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  return dir;
}
