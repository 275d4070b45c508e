import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BuildContext } from '../../bus/build.ts';
import { STACK } from '../stack.ts';
import type { Output } from './output.ts';

/** The directories and the environment of one build. */
export interface Workplace {
  work: string;
  /** The app's files: what becomes the slug. */
  build: string;
  /** What buildpacks keep between builds of the app: one directory for all of them, as at Heroku. */
  cache: string;
  gitCache: string;
  /** One file for each config variable. */
  envDir: string;
  packs: string;
  /** Where one of our buildpacks says whether it found what it needs in the cache: `hit` or `miss`. */
  report: string;
  /** Whether the build may end in an image by the app's own Dockerfile. */
  onKubernetes: boolean;
  /** The environment of buildpacks; config variables are not in it. */
  env: NodeJS.ProcessEnv;
  output: Output;
}

/** Nothing else may become a file name or a variable. */
const allowedName = /^[A-Za-z_][A-Za-z0-9_]*$/;

const npmCli = join(dirname(fileURLToPath(import.meta.url)), '../../node_modules/npm/bin/npm-cli.js');

/** Makes the directories of a build in `work`; a clean build starts with an empty cache. */
export async function createWorkplace(work: string, cacheRoot: string, context: BuildContext, output: Output, kubernetes: { envDir: string } | null = null): Promise<Workplace> {
  const place = { work, build: join(work, 'app'), cache: join(cacheRoot, 'build'), gitCache: join(cacheRoot, 'buildpacks'), envDir: kubernetes?.envDir ?? join(work, 'env'), onKubernetes: kubernetes !== null, packs: join(work, 'packs'), report: join(work, 'cache-report') };
  if (context.clean) for (const dir of [place.cache, place.gitCache]) await rm(dir, { recursive: true, force: true });
  for (const dir of [place.cache, place.gitCache, place.packs]) await mkdir(dir, { recursive: true });
  await mkdir(place.envDir, { mode: 0o700, recursive: true });
  for (const { key, value } of context.config) {
    if (allowedName.test(key)) await writeFile(join(place.envDir, key), Buffer.from(value, 'base64'), { mode: 0o600 });
  }
  const env: NodeJS.ProcessEnv = {
    ...process.env, STACK, SOURCE_VERSION: context.commit, BUILD_DIR: place.build, CACHE_DIR: place.cache, ENV_DIR: place.envDir,
    SLIPWAY_NODE: process.execPath, SLIPWAY_NPM: npmCli, SLIPWAY_CACHE_REPORT: place.report,
  };
  return { ...place, env, output };
}
