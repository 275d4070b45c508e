import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { z } from 'zod';
import { BuildFailure } from './failure.ts';

const buildFile = z.strictObject({
  build: z.strictObject({ builder: z.enum(['buildpacks', 'dockerfile']).default('buildpacks'), dockerfile: z.string().min(1).default('Dockerfile') }).prefault({}),
});

export type BuildFile = z.infer<typeof buildFile>['build'];

/** How `slipway.toml` of a repository asks to be built; without one, by buildpacks. Throws SOURCE_INVALID. */
export async function readBuildFile(dir: string): Promise<BuildFile> {
  const text = await readFile(join(dir, 'slipway.toml'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw wrong(`it cannot be read: ${error.code}.`);
  });
  return parseBuildFile(text);
}

export function parseBuildFile(text: string): BuildFile {
  let content: unknown;
  try {
    content = parse(text);
  } catch (error) {
    throw wrong(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
  }
  const parsed = buildFile.safeParse(content);
  if (!parsed.success) throw wrong(parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'slipway.toml'}: ${message}`).join('; '));
  return parsed.data.build;
}

const wrong = (what: string): BuildFailure => new BuildFailure('SOURCE_INVALID', `slipway.toml: ${what}`, 'It may have a table [build] with builder = "buildpacks" or "dockerfile", and dockerfile = "path/of/the/Dockerfile".');
