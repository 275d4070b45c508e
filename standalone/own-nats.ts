import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkServer } from '../bus/check-server.ts';
import { busProcesses } from '../bus/permissions.ts';
import { busServerUsers } from '../bus/server-config.ts';
import { natsSeedFile, publicKeyIn } from './nats.ts';
import { StartError } from './start-error.ts';

/**
 * Checks a NATS server that is not ours. Where the keys are not made yet they are, with the file that the server's configuration includes;
 * it is made anew where a newer Slipway needs other rights. Throws StartError that says what to do.
 */
export async function checkOwnNats(url: string, seedDir: string): Promise<void> {
  const rules = join(seedDir, 'slipway.conf');
  const areNew = busProcesses.some((name) => !existsSync(seedFileIn(seedDir, name)));
  try {
    if ((areNew || existsSync(rules)) && writeRules(rules, seedDir)) {
      throw new StartError(`The keys for your NATS server are in ${seedDir}: copy slipway.conf from there to your server's configuration and include it (docs/operating.md says how), reload the server, and start again.`);
    }
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(`The keys for your NATS server cannot be kept in ${seedDir} (${error instanceof Error ? error.message : String(error)}): set SLIPWAY_NATS_SEED_DIR to a folder that can be written.`, { cause: error });
  }
  const problem = await checkServer(url, seedFileIn(seedDir, 'gateway'));
  if (problem !== null) throw new StartError(`${problem}: see "Another NATS" in docs/operating.md, and start again.`);
}

export const seedFileIn = (seedDir: string, process: string): string => join(seedDir, `${process}.nk`);

/** False: they were as they should be. */
function writeRules(file: string, seedDir: string): boolean {
  for (const name of busProcesses) natsSeedFile(seedDir, name);
  const text = `# Made by Slipway: who may do what, for a block "authorization" or an account.\n"users": ${JSON.stringify(busServerUsers('local', publicKeyIn(seedDir)), null, 1)}\n`;
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return false;
  writeFileSync(`${file}.new`, text, { mode: 0o644 });
  renameSync(`${file}.new`, file);
  return true;
}
