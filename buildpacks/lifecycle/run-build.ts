import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildContext, SlugDescription } from '../../bus/build.ts';
import { STACK } from '../stack.ts';
import { chooseBuildpacks } from './buildpack.ts';
import { tidyCache } from './cache.ts';
import { compile } from './compile.ts';
import type { Output } from './output.ts';
import { readProcfile, release } from './release.ts';
import { runStep } from './report.ts';
import { packSlug, uploadSlug } from './slug.ts';
import { fetchSource } from './source.ts';
import { createWorkplace } from './workplace.ts';

const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MB`;

/** One build from source to stored slug, in the current directory. Throws BuildFailure. */
export async function runBuild(context: BuildContext, cacheDir: string, output: Output): Promise<SlugDescription> {
  const place = await createWorkplace(process.cwd(), cacheDir, context, output);
  output.say(`-----> Building ${context.commit.slice(0, 8)} of ${context.appName}${context.clean ? ' without the cache' : ''}`);
  await runStep('FETCH', 'source', () => fetchSource(context.sourceUrl, context.sourceDigest, place.build));

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
  await runStep('CACHE', 'cache', () => tidyCache(cacheDir, context.limits.diskBytes / 2, output));
  return { digest: slug.digest, size: slug.size, stack: STACK, buildpacks: packs.map(({ name }) => name), processTypes, image: null };
}
