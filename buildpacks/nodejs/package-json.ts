import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { PackError } from '../node-runtime.ts';

const dependencies = z.record(z.string(), z.unknown()).nullish().transform((value) => Object.keys(value ?? {}));

const packageJson = z.object({
  engines: z.object({ node: z.string().nullish(), npm: z.string().nullish() }).nullish(),
  scripts: z.record(z.string(), z.unknown()).nullish().transform((value) => value ?? {}),
  dependencies, devDependencies: dependencies, optionalDependencies: dependencies, peerDependencies: dependencies,
  workspaces: z.unknown().optional(),
});
export type PackageJson = z.infer<typeof packageJson>;

/** The parts of the app's package.json that a build looks at. */
export async function readPackageJson(dir: string): Promise<PackageJson> {
  const text = (await readFile(join(dir, 'package.json'), 'utf8')).replace(/^\uFEFF/, '');
  try {
    return packageJson.parse(JSON.parse(text));
  } catch (error) {
    throw new PackError(`package.json cannot be read: ${error instanceof z.ZodError ? z.prettifyError(error) : String(error)}`, { cause: error });
  }
}

export const hasScript = ({ scripts }: PackageJson, name: string): boolean => typeof scripts[name] === 'string' && scripts[name] !== '';
