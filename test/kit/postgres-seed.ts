import { execFile } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { endChild } from '../../standalone/children.ts';
import { startPostgres } from '../../standalone/postgres.ts';

const run = promisify(execFile);

/** PostgreSQL as its first start leaves it, in `dir`: what `initdb` and the copying of its programs take is taken once in a run of tests. */
export async function makePostgresSeed(dir: string, uid: number | undefined, spawned: (child: ChildProcess) => void): Promise<void> {
  await mkdir(dir);
  const { child } = await startPostgres({ dataDir: join(dir, 'data'), socketDir: join(dir, 's'), passwordFile: join(dir, 'password'), uid, spawned }, () => undefined);
  await endChild(child, { stopSignal: 'SIGINT', stopSeconds: 20 });
}

/** Makes it what a server on this data directory finds, which takes it over as its own; the programs are the same files. */
export async function plantPostgres(seed: string, { dataDir, passwordFile }: { dataDir: string; passwordFile: string }): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o711 });
  for (const name of await readdir(join(seed, 'data'))) {
    await run('cp', [name.startsWith('native-') ? '-al' : '-a', join(seed, 'data', name), join(dataDir, name)]);
  }
  await run('cp', ['-a', join(seed, 'password'), passwordFile]);
}

/** The same for the directory of a platform that is not started yet; where the run has no seed it is left to make its own. */
export async function plantInHome(home: string): Promise<void> {
  const seed = process.env.SLIPWAY_TEST_POSTGRES_SEED;
  if (seed === undefined || existsSync(join(home, 'postgres'))) return;
  await mkdir(join(home, 'keys'), { mode: 0o700 });
  await plantPostgres(seed, { dataDir: join(home, 'postgres'), passwordFile: join(home, 'keys/postgres.password') });
}
