import { chownSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readKeyCommand, runKeyCommand } from '../platform/encryption/key-command.ts';
import { addKey, KeyFileError, removeOldKeys } from '../platform/encryption/key-file.ts';
import type { KeyUse } from '../platform/encryption/key-file.ts';
import { readSettings } from './settings.ts';

/** What the operator does to the key file of one machine; the platform sees it within seconds, and goes on running. */
async function main(args: string[]): Promise<void> {
  const { home } = readSettings();
  const file = join(home, 'keys/master.key');
  const text = read(file, `There is no key file ${file}: set SLIPWAY_HOME to the data directory.`);
  const command = readKeyCommand(args, 'npm run encryption-key --', 'the key file');
  if (command.name === 'add') {
    const added = addKey(text);
    replace(file, added.text);
    process.stdout.write(`The key ${added.keyId} is in ${file}. Back the file up, and rotate to the key: slipway encryption-key:rotate\n`);
  } else {
    const { text: left, removed } = removeOldKeys(text, await askPlatform(home), command);
    replace(file, left);
    process.stdout.write(`Taken out of ${file}: ${removed.join(', ')}. Copies of the file that have them can open what was sealed before, as in old backups of the database.\n`);
  }
}

function read(file: string, missing: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new KeyFileError(missing);
    throw error;
  }
}

/** At once, so that no process ever reads half a file; it stays its owner's. */
function replace(file: string, text: string): void {
  const { uid, gid } = statSync(file);
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  if (process.getuid?.() === 0) chownSync(`${file}.new`, uid, gid);
  renameSync(`${file}.new`, file);
}

/** As the running platform says it, by the first user's key. */
async function askPlatform(home: string): Promise<KeyUse> {
  const { url, apiKey } = JSON.parse(read(join(home, 'credentials.json'), `There is no ${home}/credentials.json, by which the platform could be asked.`)) as { url: string; apiKey: string };
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` }, body: JSON.stringify({ query: '{ keyRotation { keyId entriesLeft done oldKeysEndAt } }' }),
  }).catch((error: unknown) => { throw new KeyFileError(`The platform does not answer at ${url}: start it first. Only it knows whether old keys are still needed.`, { cause: error }); });
  const { data } = await answer.json() as { data?: { keyRotation: (Omit<KeyUse, 'oldKeysEndAt'> & { oldKeysEndAt: string | null }) | null } };
  if (!data?.keyRotation) throw new KeyFileError('The key in credentials.json is no administrator\'s any more: nobody says whether old keys are still needed.');
  const { oldKeysEndAt } = data.keyRotation;
  return { ...data.keyRotation, oldKeysEndAt: oldKeysEndAt === null ? null : new Date(oldKeysEndAt) };
}

runKeyCommand(main(process.argv.slice(2)));
