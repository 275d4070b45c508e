import { access, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expectExecutable } from './buildpack.ts';
import type { Buildpack } from './buildpack.ts';
import { runCommand } from './command.ts';
import { explainCommand } from './failure.ts';
import type { Workplace } from './workplace.ts';

/** Sources the exports of earlier buildpacks ($1 of them), then becomes the program. */
const withExports = 'count=$1; shift; for ((i = 0; i < count; i++)); do . "$1"; shift; done; exec "$@"';

/** Runs bin/compile with what the buildpacks before it exported. Answers whether it found its things in the cache (null: it did not say). */
export async function compile(pack: Buildpack, before: readonly Buildpack[], place: Workplace): Promise<{ cacheHit: boolean | null }> {
  const program = join(pack.dir, 'bin/compile');
  await expectExecutable(program, pack);
  await rm(place.report, { force: true });
  const exports: string[] = [];
  for (const { exportFile } of before) if (await access(exportFile).then(() => true, () => false)) exports.push(exportFile);
  const ended = await runCommand('bash', ['-c', withExports, 'bash', String(exports.length), ...exports, program, place.build, place.cache, place.envDir], {
    cwd: place.build, env: { ...place.env, SLIPWAY_EXPORT: pack.exportFile }, output: place.output,
  });
  if (ended.code !== 0) throw explainCommand(`The buildpack ${pack.name}`, ended, place.output.lastLines());
  const report = await readFile(place.report, 'utf8').catch(() => '');
  return { cacheHit: report === '' ? null : report.trim() === 'hit' };
}
