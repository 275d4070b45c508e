import { openSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { BuildOutcome } from '../../bus/build.ts';
import { BuildFailure, toFailure } from '../lifecycle/failure.ts';
import { endStep, reportOutcome, reportTo } from '../lifecycle/report.ts';
import { uploadSlug } from '../lifecycle/slug.ts';
import { CONTAINER_STACK } from '../stack.ts';
import { imagePlan } from './image-plan.ts';
import type { ImagePlan } from './image-plan.ts';
import { openRepository } from './registry-repository.ts';
import type { Manifest } from './registry-repository.ts';
import { makeSlugImage } from './slug-image.ts';

/**
 * The last part of a build on Kubernetes: checks that the registry has the image whose digest Kaniko wrote, makes the app's of it where it is a slug's
 * (`--stack`: the repository of the stack image in the same registry; `--stack-reference`: its tag or digest), and reports the verdict.
 */
const { values } = parseArgs({ options: {
  report: { type: 'string', default: '/report' }, digest: { type: 'string', default: '/result/digest' }, registry: { type: 'string', default: '127.0.0.1:5000' }, name: { type: 'string', default: '' }, repository: { type: 'string', default: '' },
  tag: { type: 'string', default: '' }, stack: { type: 'string' }, 'stack-reference': { type: 'string', default: 'latest' },
} });
const say = (text: string): void => { process.stdout.write(`${text}\n`); };

reportTo(openSync(join(values.report, 'events'), 'a', 0o600));
try {
  const plan = imagePlan.parse(JSON.parse(await readFile(join(values.report, 'plan.json'), 'utf8')));
  const outcome = await publish(plan, (await readFile(values.digest, 'utf8')).trim());
  endStep(plan.step, 'SUCCEEDED');
  reportOutcome(outcome);
} catch (error) {
  const { reason, message, hint } = toFailure(error);
  say(` !     ${message}`);
  reportOutcome({ status: 'FAILED', reason, message, hint, lines: [message] });
  process.exitCode = 1;
}

async function publish(plan: ImagePlan, digest: string): Promise<BuildOutcome> {
  // The steps of a Dockerfile could have written something else there.
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw new BuildFailure('IMAGE_BUILD_FAILED', 'The image has no digest.', 'A step of the Dockerfile may have written over it.');
  const repository = openRepository(values.registry, values.repository);
  const built = await repository.manifest(digest);
  if (built === null) throw new BuildFailure('INTERNAL', `The registry has no image ${digest}, though it was pushed.`, 'Push again; if it stays, tell the operator.');
  const stack = values.stack === undefined ? null : { repository: openRepository(values.registry, values.stack), reference: values['stack-reference'] };
  const image = plan.slug === null ? built : await makeSlugImage(repository, built, stack);
  // What Kaniko pushed has no tag any more: the registry's next clean-up takes it.
  if (image !== built) await repository.tag(values.tag, image);
  const reference = `${values.name}@${image.digest}`;
  say(`       Image ${image.digest.slice(0, 19)}`);
  const slug = plan.slug ?? { ...await manifestAsSlug(plan, image), stack: CONTAINER_STACK, buildpacks: ['dockerfile'], processTypes: plan.processTypes };
  return { status: 'SUCCEEDED', slug: { ...slug, image: reference }, cacheDigest: plan.cacheDigest };
}

/** The slug of a Dockerfile is its image: what is stored under the slug's digest is the image's manifest. */
async function manifestAsSlug(plan: ImagePlan, image: Manifest): Promise<{ digest: string; size: number }> {
  const digest = image.digest.replace(/^sha256:/, '');
  const file = join(values.report, 'manifest.json');
  await writeFile(file, image.bytes);
  await uploadSlug(plan.slugPutUrl, file, digest);
  await rm(file);
  return { digest, size: image.layers.reduce((sum, { size }) => sum + size, 0) };
}
