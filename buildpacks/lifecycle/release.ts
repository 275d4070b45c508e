import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Buildpack } from './buildpack.ts';
import { readCommand } from './command.ts';
import { BuildFailure, explainCommand } from './failure.ts';
import { parseProcfile } from './procfile.ts';
import type { ProcessType } from './procfile.ts';
import type { Workplace } from './workplace.ts';

/** What bin/release prints; `addons` and anything newer is not for us. */
const released = z.object({
  default_process_types: z.record(z.string(), z.string()).nullish(),
  config_vars: z.record(z.string(), z.coerce.string()).nullish(),
});

/** The process types of the slug: those of the Procfile, and the buildpacks' own where it names none. Later buildpacks win. */
export async function release(packs: readonly Buildpack[], place: Workplace): Promise<ProcessType[]> {
  const defaults: Record<string, string> = {};
  const variables: Record<string, string> = {};
  for (const pack of packs) {
    const said = await readRelease(pack, place);
    Object.assign(defaults, said.default_process_types);
    Object.assign(variables, said.config_vars);
  }
  await writeDefaults(variables, place);
  const declared = await readProcfile(place.build) ?? [];
  const types = parseProcfile(Object.entries(defaults).filter(([type]) => !declared.some((one) => one.type === type)).map(([type, command]) => `${type}: ${command}`).join('\n'));
  place.output.say('-----> Discovering process types');
  if (declared.length > 0) place.output.say(`       Procfile declares types     -> ${declared.map(({ type }) => type).join(', ')}`);
  if (types.length > 0) place.output.say(`       Default types of buildpacks -> ${types.map(({ type }) => type).join(', ')}`);
  if (declared.length + types.length === 0) throw new BuildFailure('NO_PROCESS_TYPES', 'This app says nowhere what to run.', 'Add a Procfile with a line like "web: ./server", or for Node.js a start script in package.json.');
  return [...declared, ...types];
}

/** The parsed Procfile; null: there is none. */
export async function readProcfile(dir: string): Promise<ProcessType[] | null> {
  const text = await readFile(join(dir, 'Procfile'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new BuildFailure('INVALID_PROCFILE', `Procfile cannot be read: ${error.code}.`, 'It must be a text file.');
  });
  return text === null ? null : parseProcfile(text);
}

async function readRelease(pack: Buildpack, place: Workplace): Promise<z.infer<typeof released>> {
  const program = join(pack.dir, 'bin/release');
  if (!await access(program).then(() => true, () => false)) return {};
  const ended = await readCommand(program, [place.build], { cwd: place.build, env: place.env });
  if (ended.code !== 0) throw explainCommand(`bin/release of the buildpack ${pack.name}`, ended, [place.output.redact(ended.stderr)]);
  try {
    return released.parse(parse(ended.stdout, { maxAliasCount: 10 }) ?? {});
  } catch (error) {
    throw new BuildFailure('BUILD_COMMAND_FAILED', `bin/release of the buildpack ${pack.name} printed something else than its YAML.`, 'This is a mistake of the buildpack.', { cause: error });
  }
}

/** A buildpack's config_vars are defaults: the app's config wins. */
async function writeDefaults(variables: Record<string, string>, place: Workplace): Promise<void> {
  const lines = Object.entries(variables).filter(([key]) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(key))
    .map(([key, value]) => `[ -n "\${${key}+x}" ] || export ${key}='${value.replaceAll("'", `'\\''`)}'\n`);
  if (lines.length === 0) return;
  await mkdir(join(place.build, '.profile.d'), { recursive: true });
  await writeFile(join(place.build, '.profile.d/000-config-defaults.sh'), lines.join(''));
}
