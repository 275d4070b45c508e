import { access, constants, readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultPacks, noPackHint, packAliases } from '../rules.ts';
import type { OwnPack } from '../rules.ts';
import { readCommand } from './command.ts';
import { BuildFailure } from './failure.ts';
import { copyPack, fetchGitPack } from './git-pack.ts';
import type { Workplace } from './workplace.ts';

/** A buildpack that is ready to be run. */
export interface Buildpack {
  /** As the slug remembers it. */
  name: string;
  /** What its bin/detect calls the app: `Node.js`. */
  title: string;
  dir: string;
  /** The file that it may leave for the buildpacks after it. */
  exportFile: string;
}

const ownRoot = join(dirname(fileURLToPath(import.meta.url)), '..');

/** The buildpacks of an app, in order, each detected; fetched where `.buildpacks` names them. */
export async function chooseBuildpacks(place: Workplace): Promise<{ packs: Buildpack[]; cacheHit: boolean | null }> {
  const named = await readFile(join(place.build, '.buildpacks'), 'utf8').catch(() => null);
  const lines = (named ?? '').split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  if (lines.length === 0) return { packs: [await detectDefault(place)], cacheHit: null };
  const packs: Buildpack[] = [];
  const hits: boolean[] = [];
  for (const [index, line] of lines.entries()) {
    const { pack, cacheHit } = await providePack(line, index, place);
    if (cacheHit !== null) hits.push(cacheHit);
    const title = await detect(pack, place);
    if (title === null) throw new BuildFailure('NO_BUILDPACK', `The buildpack ${pack.name} says that this app is not for it (bin/detect).`, 'Change the order or the choice in .buildpacks.');
    packs.push({ ...pack, title });
  }
  return { packs, cacheHit: hits.length > 0 ? hits.every(Boolean) : null };
}

async function detectDefault(place: Workplace): Promise<Buildpack> {
  for (const own of defaultPacks) {
    const pack = ownPack(own, 0, place);
    const title = await detect(pack, place);
    if (title !== null) return { ...pack, title };
  }
  if (await exists(join(place.build, 'Dockerfile'))) {
    if (place.onKubernetes) throw new BuildFailure('NO_BUILDPACK', 'This app has a Dockerfile and nothing else to build it by, and nothing asks for the Dockerfile.', 'Add a file slipway.toml with a table [build] and in it builder = "dockerfile".');
    throw new BuildFailure('DOCKERFILE_NEEDS_KUBERNETES', 'This app has a Dockerfile and nothing else to build it by; Dockerfiles are built on Kubernetes only.', 'Add a Procfile or name buildpacks in .buildpacks, or move to a Slipway on Kubernetes.');
  }
  throw new BuildFailure('NO_BUILDPACK', 'None of the buildpacks knows how to build this app.', noPackHint);
}

const ownPack = ({ name, dir }: OwnPack, index: number, place: Workplace): Buildpack => ({ name, title: name, dir: join(ownRoot, dir), exportFile: join(place.work, `export-${index}`) });

async function providePack(line: string, index: number, place: Workplace): Promise<{ pack: Buildpack; cacheHit: boolean | null }> {
  const own = defaultPacks.find(({ name }) => name === (packAliases[line] ?? line));
  if (own) return { pack: ownPack(own, index, place), cacheHit: null };
  const dir = join(place.packs, String(index));
  const pack = { name: line, title: line, dir, exportFile: join(dir, 'export') };
  if (/^[a-z][a-z0-9+.-]*:|^[^/]+@[^/]+:/i.test(line)) {
    const { url, ref } = parseUrl(line);
    place.output.say(`-----> Fetching buildpack ${line}`);
    const { cacheHit } = await fetchGitPack(url, ref, { cacheDir: place.gitCache, dir, env: place.env });
    return { pack, cacheHit };
  }
  await copyPack(await insideRepository(line, place), dir);
  return { pack, cacheHit: null };
}

function parseUrl(line: string): { url: string; ref: string | null } {
  const url = URL.parse(line);
  if (url?.protocol !== 'https:' || url.username || url.password) {
    throw new BuildFailure('BUILDPACK_FETCH_FAILED', 'A buildpack in .buildpacks is not an https git URL without a password.', 'Write it like https://host/owner/buildpack.git#v1, or as a path inside the repository.');
  }
  const ref = decodeURIComponent(url.hash.slice(1)) || null;
  if (ref !== null && (ref.startsWith('-') || !/^[\w./+@-]+$/.test(ref))) throw new BuildFailure('BUILDPACK_FETCH_FAILED', `"${ref.slice(0, 80)}" is not a branch, tag or commit.`, 'Write the ref after the # in .buildpacks.');
  url.hash = '';
  return { url: url.href, ref };
}

async function insideRepository(path: string, place: Workplace): Promise<string> {
  const root = await realpath(place.build);
  const found = await realpath(join(root, path)).catch(() => null);
  if (found === null) throw new BuildFailure('BUILDPACK_FETCH_FAILED', `The buildpack "${path}" of .buildpacks is not in the repository.`, 'Name a folder with bin/compile, or an https git URL.');
  if (relative(root, found).split('/')[0] === '..') throw new BuildFailure('BUILDPACK_FETCH_FAILED', `The buildpack "${path}" of .buildpacks is outside of the repository.`, 'Name a folder inside of it, or an https git URL.');
  return found;
}

/** Runs bin/detect: the name of the app's kind, or null when it is not for this buildpack. One without bin/detect takes every app. */
async function detect(pack: Buildpack, place: Workplace): Promise<string | null> {
  const file = join(pack.dir, 'bin/detect');
  if (!await exists(file)) return basename(pack.name);
  await expectExecutable(file, pack);
  const { code, stdout } = await readCommand(file, [place.build], { cwd: place.build, env: place.env });
  return code === 0 ? place.output.redact(stdout.trim().split('\n').at(-1)?.slice(0, 100) ?? '') || pack.name : null;
}

export async function expectExecutable(file: string, pack: Buildpack): Promise<void> {
  const program = file.slice(pack.dir.length + 1);
  if (!await exists(file)) throw new BuildFailure('BUILD_COMMAND_FAILED', `The buildpack ${pack.name} has no ${program}.`, 'Is it a buildpack by Heroku\'s contract?');
  await access(file, constants.X_OK).catch(() => { throw new BuildFailure('BUILD_COMMAND_FAILED', `${program} of the buildpack ${pack.name} is not executable.`, `git update-index --chmod=+x ${program}`); });
}

const exists = (file: string): Promise<boolean> => access(file).then(() => true, () => false);
