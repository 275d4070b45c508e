import { copyFile, mkdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { SlugDescription } from '../../bus/build.ts';
import { BuildFailure } from '../lifecycle/failure.ts';
import { packForImage } from '../lifecycle/slug.ts';

/** Where Kaniko finds what it builds: `context`, which holds nothing else, and the Dockerfile beside it. */
interface ImagePlace { context: string; dockerfile: string }

async function makePlace(dir: string): Promise<ImagePlace> {
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  return { context: join(dir, 'context'), dockerfile: join(dir, 'Dockerfile') };
}

/** For a compiled app: the slug's files on the base, which is the stack image, or `scratch` where `publish` lays them on that. The app's directory is used up. */
export async function makeSlugContext(build: string, dir: string, slug: SlugDescription, base: string): Promise<void> {
  const { context, dockerfile } = await makePlace(dir);
  await mkdir(context);
  await packForImage(build, join(context, 'app.tar'));
  await rm(build, { recursive: true });
  await writeFile(dockerfile, slugDockerfile(base, slug.digest));
}

/** A tarball is unpacked with the owners and times that it names; files that are copied would get today's. */
export const slugDockerfile = (base: string, slugDigest: string): string => `FROM ${base}\nADD app.tar /\nLABEL "slipway.dev/slug"="${slugDigest}"\n`;

/** For an app with a Dockerfile of its own: its source as it is. */
export async function makeSourceContext(build: string, dir: string, dockerfilePath: string): Promise<void> {
  const found = await insideOf(build, dockerfilePath);
  const { context, dockerfile } = await makePlace(dir);
  await copyFile(found, dockerfile);
  await rename(build, context);
}

async function insideOf(root: string, path: string): Promise<string> {
  const missing = new BuildFailure('SOURCE_INVALID', `The Dockerfile "${path}" that slipway.toml asks for is not in the repository.`, 'Name it relative to the repository: dockerfile = "docker/Dockerfile".');
  const base = await realpath(root);
  const found = await realpath(join(base, path)).catch(() => { throw missing; });
  if (relative(base, found).split('/')[0] === '..' || !(await stat(found)).isFile()) throw missing;
  return found;
}
