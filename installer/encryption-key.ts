import { connectKube } from '../cluster/kubernetes/api.ts';
import { addKey, KeyFileError, removeOldKeys } from '../platform/key-file.ts';
import { readKeyUse } from '../platform/key-rotation.ts';
import { platformSettings } from '../platform/settings.ts';
import { createPrisma } from '../prisma/client.ts';
import { createLog } from '../service/log.ts';
import { keepSecrets } from './keep-secrets.ts';
import { readSettings } from './settings.ts';

const USAGE = `node installer/encryption-key.ts add          adds a new key to the Secret master-key; then rotate to it: slipway encryption-key:rotate
node installer/encryption-key.ts remove-old   takes the old keys out when nothing needs them any more (--now: also while addresses that they signed are good)
`;

/** What the operator does to the keys of a cluster, inside of the installer's pod: nobody else may write these Secrets. The kubelets bring them to the processes within a minute or two. */
async function main([command, ...flags]: string[]): Promise<void> {
  const settings = readSettings();
  const now = flags.includes('--now');
  const wants = (name: string, given: number): boolean => command === name && flags.length === given;
  if (!wants('add', 0) && !wants('remove-old', now ? 1 : 0)) throw new KeyFileError(USAGE);
  const db = createPrisma(settings.DATABASE_URL, 1);
  try {
    const use = await readKeyUse({ db, settings: platformSettings({ ...settings, SLIPWAY_KEY_FILE: '', SLIPWAY_DOMAIN: '' }) });
    let said = '';
    await keepSecrets(connectKube({ kubeconfig: settings.KUBECONFIG ?? null }), settings, createLog('installer'), (there) => {
      const text = there['master-key']?.['master.key'];
      if (text === undefined) throw new KeyFileError('There is no Secret master-key: install the platform first.');
      const changed = command === 'add' ? addKey(text) : removeOldKeys(text, use, { now });
      said = 'keyId' in changed ? `The key ${changed.keyId} is in the Secret master-key. Back it up, and rotate to it: slipway encryption-key:rotate\n` : `Taken out of the Secret master-key: ${changed.removed.join(', ')}.\n`;
      return { ...there, 'master-key': { 'master.key': changed.text } };
    });
    process.stdout.write(said);
  } finally {
    await db.$disconnect();
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof KeyFileError ? error.message.trimEnd() : String(error instanceof Error ? error.stack : error)}\n`);
  process.exitCode = 1;
});
