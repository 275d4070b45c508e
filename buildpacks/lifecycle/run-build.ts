import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildContext, SlugDescription } from '../../bus/build.ts';
import { STACK } from '../stack.ts';
import { readBuildFile } from './build-file.ts';
import { chooseBuildpacks } from './buildpack.ts';
import { tidyCache } from './cache.ts';
import { compile } from './compile.ts';
import { BuildFailure } from './failure.ts';
import type { Output } from './output.ts';
import { readProcfile, release } from './release.ts';
import { runStep } from './report.ts';
import { packSlug, uploadSlug } from './slug.ts';
import { fetchSource } from './source.ts';
import { createWorkplace } from './workplace.ts';
import type { Workplace } from './workplace.ts';

const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MB`;

/** One build from source to stored slug, in the current directory. Throws BuildFailure. */
export async function runBuild(context: BuildContext, cacheDir: string, output: Output): Promise<SlugDescription> {
  const place = await createWorkplace(process.cwd(), cacheDir, context, output);
  await beginBuild(place, context);
  if ((await readBuildFile(place.build)).builder === 'dockerfile') {
    throw new BuildFailure('DOCKERFILE_NEEDS_KUBERNETES', 'slipway.toml asks for the Dockerfile; Dockerfiles are built on Kubernetes only.', 'Remove builder = "dockerfile" from slipway.toml, or move to a Slipway on Kubernetes.');
  }
  const slug = await buildSlug(place, context);
  await runStep('CACHE', 'cache', () => tidyCache(cacheDir, context.limits.diskBytes / 2, output));
  return slug;
}

/** Gets the source of what is built. */
export async function beginBuild(place: Workplace, { clean, sourceUrl, sourceDigest }: BuildContext): Promise<void> {
  if (clean) place.output.say('-----> Building without the cache');
  await runStep('FETCH', 'source', () => fetchSource(sourceUrl, sourceDigest, place.build));
}

/** From unpacked source to stored slug, by buildpacks. */
export async function buildSlug(place: Workplace, context: BuildContext): Promise<SlugDescription> {
  const { output } = place;
  const { packs } = await runStep('DETECT', 'buildpacks', async () => {
    // A wrong Procfile should not cost a whole build first.
    await readProcfile(place.build);
    return chooseBuildpacks(place);
  });
  for (const [index, pack] of packs.entries()) {
    output.say(`-----> ${pack.title} app detected`);
    await runStep('COMPILE', pack.name, () => compile(pack, packs.slice(0, index), place));
  }
  const { processTypes } = await runStep('RELEASE', 'process types', async () => ({ processTypes: await release(packs, place) }));

  const slug = await runStep('SLUG', 'slug', async () => {
    output.say('-----> Packing the slug');
    const file = join(place.work, 'slug.tar.zst');
    const packed = await packSlug(place.build, file, context.limits.slugBytes);
    await uploadSlug(context.slugPutUrl, file, packed.digest);
    await rm(file);
    output.say(`       ${packed.files} files, ${megabytes(packed.size)}`);
    return packed;
  });
  return { digest: slug.digest, size: slug.size, stack: STACK, buildpacks: packs.map(({ name }) => name), processTypes, image: null };
}
