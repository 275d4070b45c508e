import { openSync, writeFileSync, writeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { BuildContext } from '../../bus/build.ts';
import { passedOn } from '../build-environment.ts';
import { readBuildFile } from '../lifecycle/build-file.ts';
import { tidyCache } from '../lifecycle/cache.ts';
import { BuildFailure } from '../lifecycle/failure.ts';
import { createOutput } from '../lifecycle/output.ts';
import type { Output } from '../lifecycle/output.ts';
import { readProcfile } from '../lifecycle/release.ts';
import { reportFailure } from '../lifecycle/report-failure.ts';
import { beginStep, reportTo, runStep, send } from '../lifecycle/report.ts';
import { beginBuild, buildSlug } from '../lifecycle/run-build.ts';
import { createWorkplace } from '../lifecycle/workplace.ts';
import type { Workplace } from '../lifecycle/workplace.ts';
import { watchDisk } from '../watch-disk.ts';
import type { DiskEnd } from '../watch-disk.ts';
import { fingerprint, restoreCache, saveCache } from './cache-archive.ts';
import { makeSlugContext, makeSourceContext } from './image-context.ts';
import type { ImagePlan } from './image-plan.ts';
import { receiveContext } from './receive-context.ts';

/**
 * The first part of a build on Kubernetes: takes the BuildContext on stdin, builds the slug, leaves the image's context for Kaniko and the
 * plan for `publish`. `--base`: what the slug's image is built on. Config is in memory and in `--env`, a directory that no other container has.
 */
const { values } = parseArgs({ options: {
  work: { type: 'string', default: '/workspace' }, env: { type: 'string', default: '/env' }, report: { type: 'string', default: '/report' }, base: { type: 'string', default: 'scratch' },
} });
const passes = (name: string): boolean => passedOn.includes(name) || name.startsWith('npm_config_') || ['PATH', 'HOME', 'LANG', 'TMPDIR', 'SHELL'].includes(name);
// What the image and Kubernetes set is not the app's business (NODE_ENV would change how it is built).
for (const name of Object.keys(process.env)) if (!passes(name)) delete process.env[name];

process.once('SIGTERM', () => { process.exit(143); });
reportTo(openSync(join(values.report, 'events'), 'a', 0o600));
const tooMuch: Record<DiskEnd, [string, string]> = {
  used: ['The build used more disk than it may.', 'Let it write less, or ask the operator for more (SLIPWAY_BUILD_DISK_MB).'],
  left: ['The disk of the node was almost full, and the build was ended.', 'Push again; if it stays, tell the operator.'],
};
const context = await receiveContext(process.stdin);
send({ type: 'received' });

const output = createOutput(context.config.map(({ value }) => Buffer.from(value, 'base64')), context.limits.outputBytes, (bytes) => { for (let written = 0; written < bytes.length;) written += writeSync(1, bytes, written); });
// The kubelet looks only now and then: until then such a build could fill the node.
watchDisk([values.work], context.limits.diskBytes, (why) => { end(new BuildFailure('DISK_FULL', ...tooMuch[why])); });
try {
  writeFileSync(join(values.report, 'plan.json'), JSON.stringify(await prepare(context, output)), { mode: 0o600 });
  process.exitCode = 0;
} catch (error) {
  end(error);
}
process.exit();

/** With this process all of its container ends. */
function end(error: unknown): void {
  reportFailure(error, output);
  process.exit(1);
}

async function prepare(build: BuildContext, out: Output): Promise<ImagePlan> {
  const cacheDir = join(values.work, 'cache');
  const place = await createWorkplace(values.work, cacheDir, build, out, { envDir: values.env });
  await beginBuild(place, build);
  const { builder, dockerfile } = await readBuildFile(place.build);
  const plan = builder === 'dockerfile' ? await planDockerfile(place, dockerfile) : await planSlug(place, build, cacheDir);
  out.say('-----> Building the image');
  return { ...plan, step: beginStep('IMAGE', 'image'), slugPutUrl: build.slugPutUrl };
}

type Plan = Omit<ImagePlan, 'step' | 'slugPutUrl'>;

async function planDockerfile(place: Workplace, dockerfile: string): Promise<Plan> {
  place.output.say(`-----> Dockerfile app detected (${dockerfile})`);
  const declared = await readProcfile(place.build) ?? [];
  await makeSourceContext(place.build, join(values.work, 'image'), dockerfile);
  // The image's own command.
  return { slug: null, processTypes: declared.length > 0 ? declared : [{ type: 'web', command: '' }], cacheDigest: null };
}

async function planSlug(place: Workplace, build: BuildContext, cacheDir: string): Promise<Plan> {
  await runStep('FETCH', 'cache', () => restoreCache(build.cacheUrl, cacheDir));
  for (const dir of [place.cache, place.gitCache]) await mkdir(dir, { recursive: true });
  const before = await fingerprint(cacheDir);
  const slug = await buildSlug(place, build);
  const { digest } = await runStep('CACHE', 'cache', async () => {
    // What is packed must fit beside what is not, and in what the signed URL takes.
    await tidyCache(cacheDir, build.limits.diskBytes / 4, place.output);
    return await fingerprint(cacheDir) === before ? { digest: null } : saveCache(build.cachePutUrl, cacheDir, values.work);
  });
  await makeSlugContext(place.build, join(values.work, 'image'), slug, values.base);
  return { slug, processTypes: slug.processTypes, cacheDigest: digest };
}
